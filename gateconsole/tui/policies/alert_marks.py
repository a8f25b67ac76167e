"""What judgement adds to a policy on the screen: firing marks, its spikes in the chart, spikes by class. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.tui.theme.paint import Parts
from gateconsole.tui.widgets.chart import JudgedChart
from gateconsole.view import MISSING, ClassRow

if TYPE_CHECKING:
    from gateconsole.judgement.alerts import Alert, AlertState
    from gateconsole.judgement.policy_spikes import PolicySpikes
    from gateconsole.snapshot import Policy, Snapshot

_STATES: Final[dict[AlertState, tuple[str, str, str]]] = {
    "firing": ("▲", "firing", "bad"),
    "acknowledged": ("△", "acked", "notice"),
    "pending": ("·", "pending", "text"),
    "no data": ("○", "no data", "muted"),
}
"""State of an alert -> mark, word, ink; resolved ones leave no mark."""

_QUIET: Final = ("△", "quiet", "notice")
"""Firing, but provisional or listed, so that nobody is called."""

WIDEST: Final = 11
"""Cells of `· 1 pending`."""


class AlertMarks(NamedTuple):
    """The gravest state of a policy's alerts and how many are in it; `loud`: they may call somebody.

    `judging`: the policy is judged anew just now, so nothing can be told.
    """

    state: AlertState | None = None
    alerts: int = 0
    loud: bool = False
    judging: bool = False


NO_ALERT_MARKS: Final = AlertMarks()


def marks_of(snapshot: Snapshot) -> Mapping[str, AlertMarks]:
    """The marks of every policy that has any, by policy_hash."""
    found: dict[str, AlertMarks] = {}
    for alert in snapshot.alerts:  # by falling gravity
        if alert.policy_hash is not None and alert.state in _STATES:
            found[alert.policy_hash] = _with(found.get(alert.policy_hash, NO_ALERT_MARKS), alert)
    return found | {name: AlertMarks(judging=True) for name in snapshot.judging}


def _with(marks: AlertMarks, alert: Alert) -> AlertMarks:
    if marks.state is not None and (marks.state, marks.loud) != (alert.state, alert.loud):
        return marks
    return AlertMarks(alert.state, marks.alerts + 1, alert.loud)


def marks_cell(marks: AlertMarks, width: int) -> Parts:
    """`▲ 2 firing`, in narrow places `▲2 F`; `-` for none, `?` while it cannot be told."""
    if marks.judging:
        return (("?", "notice"),)
    if marks.state is None:
        return ((MISSING, "muted"),)
    mark, word, ink = _QUIET if marks.state == "firing" and not marks.loud else _STATES[marks.state]
    long = f"{mark} {marks.alerts} {word}"
    if len(long) <= width:
        return ((long, ink),)
    return ((f"{mark}{marks.alerts} {word[0].upper()}", ink),)


def judged_runs(policy: Policy, spikes: PolicySpikes | None) -> JudgedChart | None:
    """What a chart of the policy's newest runs marks: the cut for the next run, and which of them are spikes."""
    if spikes is None:
        return None
    wanted = {run.folder for run in policy.recent}
    newest = spikes.n_valid - len(policy.recent)
    every = spikes.spikes() if spikes.n_spikes else ()
    late = (spike.run for spike in reversed(every) if spike.number >= newest)
    keys = frozenset(run.folder for run in late)
    return JudgedChart(spikes.cut.cut, spikes.rules.name(spikes.cut.baseline), keys & wanted)


def with_spikes(rows: Iterable[ClassRow], spikes: PolicySpikes | None) -> Sequence[ClassRow]:
    """The class rows with the number of spikes that hold each; None while it cannot be told."""
    if spikes is None:
        return tuple(rows)
    counted = ((row, spikes.tracks.get(row.name)) for row in rows)
    return tuple(row._replace(spikes=0 if track is None else track.spikes) for row, track in counted)
