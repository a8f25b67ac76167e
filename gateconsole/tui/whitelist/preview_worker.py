"""What a change of the whitelist would do, looked up away from the screen's thread: a key never waits for the runs.

Going through all runs takes a moment (about half a second for 100,000), so it happens at a pace; a change is previewed
at once on what was gone through last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from gateconsole.rows.whitelist import classes_of_series, look_alikes
from gateconsole.snapshot import Snapshot
from gateconsole.tui.widgets.latest_worker import LatestWorker
from gateconsole.whitelist.lookalikes import LookAlike
from gateconsole.whitelist.merge import EntryChange
from gateconsole.whitelist.preview import Preview, Previewer

PACE: Final = 2.0
"""Seconds between two goes through all runs while they arrive."""


class PreviewReply(NamedTuple):
    """What a change would do; None where no runs are held. `alike`: reasons that look like it; True: it is listed."""

    preview: Preview | None
    alike: tuple[tuple[LookAlike, bool], ...]


class PreviewBasis(NamedTuple):
    """A Snapshot gone through: what changes are previewed on."""

    snapshot: Snapshot
    previewer: Previewer | None
    listed: tuple[str, ...]
    classes: tuple[str, ...]


def prepare(snapshot: Snapshot) -> PreviewBasis:
    """Go through all runs."""
    runs = None if snapshot.runs is None else snapshot.runs()
    previewer = None
    if runs is not None:
        previewer = Previewer(runs, snapshot.spikes, snapshot.alerts, snapshot.whitelist)
    listed = tuple(entry.reason for entry in snapshot.whitelist.entries)
    return PreviewBasis(snapshot, previewer, listed, classes_of_series(snapshot))


def preview(question: tuple[PreviewBasis, EntryChange]) -> PreviewReply:
    """What the change would do."""
    ground, change = question
    found = None if ground.previewer is None else ground.previewer.preview(change)
    return PreviewReply(found, look_alikes(change.reason, ground.listed, ground.classes))


class PreviewWorker:
    """Answers for one change after the other, on the newest Snapshot gone through. Used on the screen's own thread."""

    def __init__(self, came: Callable[[EntryChange, PreviewReply], None]) -> None:
        """`came`: an answer, and the change it is for."""
        self._came = came
        self._ground: PreviewBasis | None = None
        self._seen: Snapshot | None = None
        self._change: EntryChange | None = None
        self.preparing: LatestWorker[Snapshot, PreviewBasis] = LatestWorker(prepare, self._prepared, rest=PACE)
        self.looking: LatestWorker[tuple[PreviewBasis, EntryChange], PreviewReply] = LatestWorker(preview, self._looked)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self.preparing.busy or self.looking.busy

    def see(self, snapshot: Snapshot) -> None:
        """Answer on this Snapshot as soon as may be; at once when the whitelist is another one."""
        last, self._seen = self._seen, snapshot
        if last is None or not same_runs(last, snapshot):
            self.preparing.ask(snapshot, urgent=last is None or last.whitelist is not snapshot.whitelist)

    def ask(self, change: EntryChange | None) -> bool:
        """Want to know of this change; whether it is another one than before."""
        if change == self._change:
            return False
        self._change = change
        self._look()
        return True

    def _prepared(self, _: Snapshot, ground: PreviewBasis) -> None:
        self._ground = ground
        self._look()

    def _look(self) -> None:
        if self._ground is not None and self._change is not None:
            self.looking.ask((self._ground, self._change))

    def _looked(self, question: tuple[PreviewBasis, EntryChange], answer: PreviewReply) -> None:
        if question[1] == self._change:
            self._came(question[1], answer)


def same_runs(one: Snapshot, other: Snapshot) -> bool:
    """Whether an entry covers the same in both: the engine keeps the objects that did not change."""
    parts = ((each.policies, each.spikes, each.whitelist) for each in (one, other))
    return all(ours is theirs for ours, theirs in zip(*parts, strict=True))
