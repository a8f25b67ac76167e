"""What the screen Alerts says beside its lists. Pure: alerts and a width in, lines out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from gateconsole.judgement.alerts import Acknowledgement, LevelAdoption, OperatorAct, Snoozed
from gateconsole.judgement.effects import Association
from gateconsole.judgement.episodes import RunRef
from gateconsole.judgement.policy_spikes import RECURRING, PolicySpikes
from gateconsole.judgement.rules import SpikeRules
from gateconsole.rows.alerts import AlertDetail, broken_with
from gateconsole.snapshot import Snapshot
from gateconsole.text import counted, noun, printable, run_words
from gateconsole.tui.alerts.cells import UNKNOWN, last_time
from gateconsole.tui.shell.empty_states import nothing_to_show
from gateconsole.tui.shell.status_lines import stopped
from gateconsole.tui.shell.view_filter import ViewFilter
from gateconsole.tui.theme.paint import Painter, Part, Parts, width_of
from gateconsole.tui.theme.wrap import labelled_text
from gateconsole.view import format_count, format_rate, format_time, n_of_m

_MANY: Final = 6
"""Policies or acts that are named; the rest is counted."""


# above the list


def alerts_title(snapshot: Snapshot, shown: int, lens: ViewFilter, read_only: bool, width: int) -> Parts:
    """How many alerts stand where; what makes that uncertain; how many the filter shows. The tail gives way first."""
    tail: list[Parts] = []
    if snapshot.judging and snapshot.phase == "live":
        tail.append(((f"   {UNKNOWN} {_policies(len(snapshot.judging))} being judged", "notice"),))
    if any(banner.code == "queue_unusable" for banner in snapshot.banners):
        read = snapshot.queue is not None and snapshot.queue.seq
        tail.append((("   acts as last read" if read else "   acts unknown", "notice"),))
    head = _counts(snapshot)
    if lens.filtered:
        said: Part = (f"   {found_line(shown, len(snapshot.alerts))}", "notice")
        brief: Part = (f"   {n_of_m(shown, len(snapshot.alerts))}", "notice")
        tail.append((said if width_of((*head, said)) <= width else brief,))
    if read_only:
        tail.append((("   RO", "notice"),))
    while tail and width_of((*head, *(part for parts in tail for part in parts))) > width:
        del tail[0]
    return (*head, *(part for parts in tail for part in parts))


def found_line(shown: int, total: int) -> str:
    """`3 of 12 alerts`."""
    return f"{n_of_m(shown, total)} {noun(total, 'alert')}"


def _counts(snapshot: Snapshot) -> Parts:
    """Each state with its number. That nothing fires is said, too; if what fires or was seen does so quietly, that."""
    loud = sum(alert.loud for alert in snapshot.alerts)
    states = Counter(alert.state for alert in snapshot.alerts)
    parts: list[Part] = []
    if loud:
        parts.append((f" ▲ {format_count(loud)} firing", "bad"))
    elif not snapshot.judging and snapshot.phase == "live":
        quiet = states["firing"] or states["acknowledged"]
        parts.append((" ✓ nobody is called" if quiet else " ✓ nothing fires", "good"))
    for number, word, ink in (
        (states["firing"] - loud, "△ {} firing quietly", "notice"),
        (states["acknowledged"], "△ {} acked", "notice"),
        (states["pending"], "· {} pending", "text"),
        (states["no data"], "○ {} no data", "muted"),
        (states["resolved"], "✓ {} resolved", "muted"),
    ):
        if number:
            parts.append((f"{'   ' if parts else ' '}{word.format(format_count(number))}", ink))
    return tuple(parts)


def _policies(number: int) -> str:
    return counted(number, "policy")


# where there is no list


def no_alert(snapshot: Snapshot, lens: ViewFilter, root_label: str) -> list[tuple[str, str]]:
    """Why the list is empty, and what to do next."""
    if snapshot.alerts and lens.filtered:
        left_out = found_line(0, len(snapshot.alerts)).removeprefix("0 of ")
        return lens.leaves_nothing("No alert has a spike that matches the filter", f"It leaves out all of {left_out}.")
    if snapshot.phase == "live" and snapshot.judging and not stopped(snapshot):
        return [
            ("Judging the runs", "strong"),
            (f"{_policies(len(snapshot.judging))} of {format_count(len(snapshot.policies))} to come", "notice"),
            ("", "text"),
            ("Alerts appear as each policy is judged; what stands then calls nobody.", "muted"),
        ]
    if snapshot.phase != "live" or stopped(snapshot) or not snapshot.policies:
        lines = nothing_to_show(snapshot, root_label)
        return [(text.replace("Policies appear as their", "Alerts appear once all"), ink) for text, ink in lines]
    runs = sum(one.n_valid for one in snapshot.spikes.values())
    spikes = sum(one.n_spikes for one in snapshot.spikes.values())
    fire = snapshot.yardstick.rules
    return [
        ("No alert", "strong"),
        (
            f"{_policies(len(snapshot.spikes))} judged, {counted(runs, 'run')} with a rate, {counted(spikes, 'spike')}",
            "good",
        ),
        ("", "text"),
        (
            f"One fires when {fire.fire_at} of the last {fire.among} runs of a policy spike with the same class.",
            "muted",
        ),
        ("Which runs there are: 5; how near each policy is to WARN: 6", "muted"),
    ]


# one alert


def detail_lines(paint: Painter, detail: AlertDetail, snapshot: Snapshot, width: int) -> list[Parts]:
    """Why it stands where it stands, what woke it, how it hangs together with FAIL, and what was done."""
    alert, now = detail.alert, snapshot.taken_at
    lines: list[Parts] = []
    if alert.policy_hash in snapshot.judging:
        text = f"{alert.policy_hash} is judged anew just now: this is of a moment ago"
        lines += labelled_text(paint, UNKNOWN, text, width, "notice")
    lines += labelled_text(paint, "why", _why(detail, snapshot), width)
    for name, text, ink in _notes(detail, snapshot):
        lines += labelled_text(paint, name, text, width, ink)
    if detail.link is not None:
        lines += labelled_text(paint, "FAIL", link_words(detail.link), width)
    acts = detail.acts
    for place, act in enumerate(acts[:_MANY]):
        lines += labelled_text(paint, "" if place else "acts", act_words(act, now), width)
    if len(acts) > _MANY:
        lines += labelled_text(paint, "", f"and {format_count(len(acts) - _MANY)} earlier", width, "muted")
    if not acts and alert.policy_hash is not None:
        lines += labelled_text(paint, "acts", "none", width, "muted")
    return lines


def _why(detail: AlertDetail, snapshot: Snapshot) -> str:
    alert, policy = detail.alert, detail.policy
    if alert.policy_hash is None and alert.since is None:
        return f"{alert.rule}. See whether CI writes its artifacts below this folder, and whether it is mounted"
    if alert.without_evidence:
        newest = format_time(alert.since, snapshot.taken_at)
        if alert.policy_hash is None:
            return f"{alert.rule}: the newest is of {newest}. See whether CI still runs, and where it writes"
        last = (
            "none ever had one"
            if alert.last_run is None
            else f"the last with one is {_run(alert.last_run, snapshot.taken_at)}"
        )
        return f"{alert.rule}: {last}. No alert can fire there: see what CI writes as unknown_rate"
    head = "; ".join(_reasons(detail, snapshot))
    if policy is None:
        return head
    recurring = f"; recurring in {alert.policy_hash}" if alert.spikes >= RECURRING else ""
    episode = alert.episode.spikes if alert.episode is not None else alert.recent
    whole = f"; {format_count(alert.spikes)} in all" if alert.spikes != episode else ""
    return f"{head}{whole}{recurring}{_seen_in(detail.others)}"


def _seen_in(others: Sequence[str]) -> str:
    if not others:
        return "; in no other policy"
    more = f" and {format_count(len(others) - _MANY)} more" if len(others) > _MANY else ""
    return f"; seen in {', '.join(others[:_MANY])}{more}"


def _reasons(detail: AlertDetail, snapshot: Snapshot) -> Iterator[str]:
    """What the state rests on."""
    alert, policy, now = detail.alert, detail.policy, snapshot.taken_at
    if alert.state == "no data":
        away = "the root is away" if snapshot.phase == "waiting" else "its runs left the root"
        yield f"{away}: nobody can tell whether it goes on"
    if policy is None:
        yield f"last spike {format_time(last_time(alert), now)}"
        return
    rules, episode = policy.rules, alert.episode
    if episode is None or alert.state == "pending":
        yield f"{alert.recent} of the {_fires(rules, 'the last ')} that make it fire"
    if episode is not None and (alert.state != "pending" or not alert.recent):
        run = run_words(episode.fired.run_id, None if alert.broken_by else alert.job)
        fired = f"fired {format_time(episode.fired.timestamp, now)} at {printable(run)}"
        yield f"{fired}: {_fires(rules)}, each above the cut of its time"
        yield f"{counted(episode.spikes, 'spike')} so far" if episode.active else _ended(detail, policy)


def _fires(rules: SpikeRules, which: str = "") -> str:
    return f"{counted(rules.fire_at, 'spike')} among {which}{counted(rules.among, 'valid run')}"


def _ended(detail: AlertDetail, policy: PolicySpikes) -> str:
    episode = detail.alert.episode
    assert episode is not None
    why = {
        "resolved": f"over after {counted(policy.rules.resolve_after, 'valid run')} in a row without such a spike",
        "left fixed": f"over because the cut left {policy.rules.name(0)}",
        "adopted": "over because the level was adopted",
        None: "goes on",
    }[episode.end]
    return f"{counted(episode.spikes, 'spike')}, {why}"


def _notes(detail: AlertDetail, snapshot: Snapshot) -> Iterator[tuple[str, str, str]]:
    """(name, text, ink) of what changes how loud the alert is."""
    alert, policy, now = detail.alert, detail.policy, snapshot.taken_at
    broken = broken_with(alert)
    if broken is not None:
        run, outcome = broken
        yield "woken", f"broken by {_run(run, now, alert.job)}: {outcome}, worse than the act had seen", "bad"
    if alert.woken is not None:
        yield "woken", f"the snooze ended {format_time(alert.woken, now)}", "bad"
    if alert.no_run_since is not None:
        yield "runs", f"no run since {format_time(alert.no_run_since, now)}", "notice"
    if alert.until is not None:
        yield "quiet", f"until {format_time(alert.until, now)}, unless something worse comes", "notice"
    if alert.provisional and policy is not None:
        rules = policy.rules
        runs = f"{rules.at_least} valid runs (there are {format_count(policy.n_valid)})"
        yield "quiet", f"provisional: the cut is {rules.name(0)} until {runs}; no toast, bell or hook", "notice"
    if alert.listed:
        text = f"listed: the whitelist has {alert.class_name} in the stratum of every spike; no toast, bell or hook"
        yield "quiet", text, "listed"


def _run(run: RunRef, now: int, job: str | None = None) -> str:
    return f"{printable(run_words(run.run_id, job))} {format_time(run.timestamp, now)}"


def link_words(link: Association) -> str:
    """The association with FAIL in the words that may be used, with its numbers (rule G23)."""
    both, spike_only, fail_only, neither = link.table
    counts = f"FAIL in {format_count(both)} of {counted(both + spike_only, 'such spike')}"
    counts += f", {format_count(fail_only)} of {counted(fail_only + neither, 'other run')}"
    numbers = [f"{link.words}: {counts}"]
    if link.difference is not None and link.limits is not None:
        numbers.append(f"difference {link.difference:+.4f} [{link.limits[0]:+.4f}, {link.limits[1]:+.4f}]")
    if link.phi is not None:
        numbers.append(f"phi {link.phi:+.4f}")
    adjusted = "" if link.p_adjusted is None else f", adjusted {link.p_adjusted:.4f}"
    numbers.append(f"Fisher p {link.p:.4f}{adjusted}")
    return f"{'; '.join(numbers)}; n {format_count(link.n)}"


def act_words(act: OperatorAct, now: int) -> str:
    """Who did what when, and what they had seen."""
    match act:
        case Snoozed():
            what = f"snoozed until {format_time(act.until, now)}"
        case Acknowledgement():
            what = "acked"
        case LevelAdoption():
            what = f"adopted the level up to {printable(act.seen.last_run.run_id)}"
        case _:
            what = "acted"
    seen = act.seen
    worst = f", worst {seen.outcome}" if seen.outcome else ""
    saw = f"having seen {counted(seen.spikes, 'spike')}, peak {format_rate(seen.peak)}{worst}"
    return f"{format_time(act.time, now)} {act.actor} {what}, {saw}"
