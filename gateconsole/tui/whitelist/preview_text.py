"""What a change of the whitelist would do, in lines. Pure: a preview and a width in, parts out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from gateconsole.judgement.alerts import Alert
from gateconsole.judgement.effects import Risk
from gateconsole.text import counted, printable
from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.theme.wrap import field
from gateconsole.view import MISSING, format_count, format_time
from gateconsole.whitelist.preview import ALL, Effect, FailRun, Preview

_NAMED: Final = 6
_STRATA: Final[dict[str | None, str]] = {ALL: "all", "pinned": "pinned", "unpinned": "unpinned", None: "none"}


def preview_lines(paint: Painter, preview: Preview, now: int, width: int, room: int) -> list[Parts]:
    """The whole of it in `room` lines: what is covered, what clears, what stays FAIL, false alarms; each policy."""
    name, turned = _turned(preview)
    lines = [
        *field(paint, "covers", _covered(preview), width),
        *field(paint, name, turned, width),
        *fail_lines(paint, preview, now, width, always=True),
        *field(paint, "false alarms", _alarms(preview), width),
    ]
    changed = [effect for effect in preview.effects if effect.runs or effect.before != effect.after]
    wholes = [effect for effect in changed if effect.stratum == ALL]
    rows = changed if room - len(lines) > len(changed) else wholes
    return [*lines, *effect_rows(paint, rows, width)][: max(room, len(lines))]


def _covered(preview: Preview) -> str:
    if not preview.runs:
        return "no run: none has held this class" if preview.change.after is not None else "no run"
    strata: dict[str | None, int] = dict.fromkeys(("pinned", "unpinned", None), 0)
    for effect in preview.effects:
        if effect.stratum != ALL:
            strata[effect.stratum] += effect.runs
    split = ", ".join(f"{format_count(runs)} {stratum or 'of no stratum'}" for stratum, runs in strata.items() if runs)
    policies = counted(preview.policies, "policy")
    return f"{_number(preview.runs, 'run')} in {policies} ({split})"


def _turned(preview: Preview) -> tuple[str, str]:
    """Spikes and alerts whose state the change turns: what that is called, and which."""
    listed = _spikes_alerts(preview.spikes_listed, preview.alerts_listed)
    unlisted = _spikes_alerts(preview.spikes_unlisted, preview.alerts_unlisted)
    seen, wanted = preview.change
    if wanted is None:
        return "comes back", unlisted or "no spike, no alert"
    if seen is None:
        return "would list", listed or "no spike, no alert"
    words = [f"newly listed: {listed}"] if listed else []
    words += [f"no longer listed: {unlisted}"] if unlisted else []
    return "it changes", "; ".join(words) or "nothing in what is listed"


def _spikes_alerts(spikes: int, alerts: Sequence[Alert]) -> str:
    if not spikes and not alerts:
        return ""
    names = ", ".join(f"{printable(alert.policy_hash or '')}" for alert in alerts[:_NAMED])
    more = f" and {format_count(len(alerts) - _NAMED)} more" if len(alerts) > _NAMED else ""
    where = f" in {names}{more}" if alerts else ""
    return f"{_number(spikes, 'spike')}, {_number(len(alerts), 'alert')}{where}"


def _number(number: int, noun: str) -> str:
    return counted(number, noun)


def _alarms(preview: Preview) -> str:
    """B before and after of rule G24, over the policies that the change touches; A beside it."""
    if not preview.alarms:
        return "none in the policies covered"
    before, after = preview.left_before, preview.left_after
    share = f" ({(after - before) / before:+.0%})".replace("%", " %") if before and before != after else ""
    return f"{format_count(before)} → {format_count(after)}{share} left of {format_count(preview.alarms)}"


def fail_lines(paint: Painter, preview: Preview, now: int, width: int, always: bool = False) -> Iterator[Parts]:
    """The covered runs with a FAIL signal, named, the newest first: listing softens none of them."""
    if not preview.n_fails:
        if always:
            yield from field(paint, "FAIL, BLOCK", "none among them", width, "muted")
        return
    named = preview.fails[::-1][:_NAMED]
    more = preview.n_fails - len(named)
    said = ", ".join(_fail(run, now) for run in named)
    rest = f" and {format_count(more)} more" if more else ""
    outcome = {run.outcome for run in preview.fails}
    stay = f"they stay {outcome.pop()}" if len(outcome) == 1 else "they stay FAIL and BLOCK"
    if preview.n_fails == 1:
        stay = stay.replace("they stay", "it stays")
    yield from field(paint, "FAIL, BLOCK", f"▲ {format_count(preview.n_fails)}, {stay}: {said}{rest}", width, "bad")


def _fail(run: FailRun, now: int) -> str:
    return f"{run.run_id} ({run.policy_hash}, {format_time(run.timestamp, now)})"


# tables

_WIDE: Final = 94
"""Width from which the ratios stand in the table too."""


class _Widths(NamedTuple):
    """Cells of the columns; 0 leaves one out."""

    policy: int
    stratum: int
    runs: int
    spikes: int
    fails: int
    left: int
    difference: int
    ratio: int


_ROOMY: Final = _Widths(15, 10, 7, 8, 6, 14, 20, 14)
_NARROW: Final = _Widths(12, 9, 6, 7, 5, 13, 19, 0)
_TITLES: Final = ("POLICY", "STRATUM", "RUNS", "SPIKES", "FAIL", "ALARMS LEFT", "RD", "RR")


def effect_rows(paint: Painter, effects: Sequence[Effect], width: int) -> Iterator[Parts]:
    """A row a policy and stratum: covered runs, spikes, FAIL; false alarms, RD and RR before and after."""
    if not effects:
        return
    widths = _ROOMY if width >= _WIDE else _NARROW
    titles = (f"{title:<{cells}}" if place < 2 else f"{title:>{cells}}"
              for place, (title, cells) in enumerate(zip(_TITLES, widths, strict=True)) if cells)  # fmt: skip
    yield ((f" {''.join(titles)}", "muted"),)
    for effect in effects:
        yield _effect_row(paint, effect, widths)


def _effect_row(paint: Painter, effect: Effect, widths: _Widths) -> Parts:
    before, after = effect.risk_before, effect.risk_after
    ink = "text" if effect.stratum == ALL else "muted"
    left = f"{format_count(effect.before.left)} → {format_count(effect.after.left)}"
    changed = effect.before.left != effect.after.left
    ratio = f"{_rr(before)} → {_rr(after)}".rjust(widths.ratio) if widths.ratio else ""
    return (
        (" ", "text"),
        *_name(paint, effect, widths.policy),
        (f"{_STRATA[effect.stratum]:<{widths.stratum}}", ink),
        (f"{format_count(effect.runs):>{widths.runs}}{format_count(effect.spikes):>{widths.spikes}}", ink),
        (f"{format_count(effect.fails):>{widths.fails}}", "bad" if effect.fails else "muted"),
        (left.rjust(widths.left), "strong" if changed and effect.stratum == ALL else ink),
        (f"{_rd(before)} → {_rd(after)}".rjust(widths.difference), ink),
        (ratio, ink),
    )


def _name(paint: Painter, effect: Effect, width: int) -> Parts:
    """The policy, once for all its rows."""
    name = effect.policy_hash if effect.stratum == ALL else ""
    return (*paint.cell(((name, "strong"),), width - 1), (" ", "text"))


def _rd(found: Risk) -> str:
    return MISSING if found.difference is None else f"{found.difference:+.4f}"


def _rr(found: Risk) -> str:
    return MISSING if found.ratio is None else f"{found.ratio:.2f}"


def cover_rows(paint: Painter, preview: Preview) -> Iterator[Parts]:
    """What an entry covers, a row a policy and stratum: runs, spikes, FAIL signals."""
    if not preview.effects:
        return
    yield ((f" {'':<14}{'POLICY':<15}{'STRATUM':<10}{'RUNS':>7}{'SPIKES':>8}{'FAIL':>6}", "muted"),)
    for effect in preview.effects:
        if effect.runs:
            ink = "text" if effect.stratum == ALL else "muted"
            yield (
                (f" {'':<14}", "text"),
                *_name(paint, effect, 15),
                (f"{_STRATA[effect.stratum]:<10}{format_count(effect.runs):>7}{format_count(effect.spikes):>8}", ink),
                (f"{format_count(effect.fails):>6}", "bad" if effect.fails else "muted"),
            )
