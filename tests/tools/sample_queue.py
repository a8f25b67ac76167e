"""The queue of the samples as the back-up that `queue log` writes: two testcases, a dozen patches, the same bytes.

Made by the public acts on a ledger in memory at fixed times; what a ledger draws by lot is put in its place after.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.events import event_of, line_of
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import backup, builder_acts, operator_acts

LEDGER = "5eed"
"""The hex digits of the samples' ledger."""

GCC, ARM = "linux-gcc+checks", "arm-clang"
PATCHES = ("I4f21 r2", "Ia07c r1", "I9be0 r4", "I77d1 r1", "Ic3a9 r1", "I08fe r3")
LATER = ("I5d62 r1", "Ie1b4 r2", "I3c77 r1", "Ib840 r1", "I62af r1", "Id915 r2")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Story:
    """One hand that acts at the clock times it is told."""

    def __init__(self) -> None:
        self.ledger = Ledger(Path(":memory:"), sqlite3.connect(":memory:", isolation_level=None))

    def at(self, clock: str, actor: str = "mika") -> Actor:
        """On the last day of the samples."""
        moment = datetime.fromisoformat(f"2026-02-25T{clock}Z")
        return Actor((moment - _EPOCH) // timedelta(microseconds=1), actor)

    def next(self, testcase: str, builder: str, clock: str) -> str:
        """A builder asks what to build; its run."""
        given = builder_acts.next_run(self.ledger, testcase, builder, self.at(clock, builder), base="8d1f0c2")
        assert given.run is not None
        return given.run

    def ends(self, run: str, result: str, builder: str, clock: str) -> None:
        """A builder reports."""
        builder_acts.report(self.ledger, run, result, self.at(clock, builder))


def lines() -> list[str]:
    """The back-up, line by line."""
    story = _Story()
    _tell(story)
    drawn = story.ledger.id
    return [_fixed(line, drawn) for line in backup.lines(story.ledger)]


def _tell(story: _Story) -> None:
    """A failed set of six, found out by halves; runs in flight; a patch held, one withdrawn."""
    operator_acts.configure(story.ledger, GCC, story.at("08:30:00"), p="0.9")
    operator_acts.configure(story.ledger, ARM, story.at("08:30:20"), p="0.8")
    for minute, patch in enumerate(PATCHES):
        operator_acts.submit(story.ledger, patch, story.at(f"08:{31 + 4 * minute}:12", "ada"))
    first = story.next(GCC, "tb7", "09:00:05")
    arm = story.next(ARM, "tb2", "09:00:40")
    story.ends(first, "fail", "tb7", "09:24:51")
    builder_acts.base(story.ledger, first, "pass", story.at("09:48:02", "tb7"))
    story.ends(arm, "pass", "tb2", "09:52:33")
    for minute, patch in enumerate(LATER):
        operator_acts.submit(story.ledger, patch, story.at(f"10:{2 + 7 * minute:02}:44", "jo"))
    second = story.next(GCC, "tb3", "10:50:11")
    story.ends(second, "pass", "tb3", "11:14:20")
    third = story.next(GCC, "tb7", "11:15:02")
    story.ends(third, "pass", "tb7", "11:41:37")
    operator_acts.hold(story.ledger, "Id915 r2", "waits for its other half", story.at("11:50:00"))
    operator_acts.withdraw(story.ledger, "I62af r1", "superseded upstream", story.at("11:52:30", "jo"))
    lost = story.next(ARM, "tb5", "11:55:09")
    builder_acts.lost(story.ledger, lost, "tb5 lost power", story.at("12:40:00"))
    story.next(GCC, "tb3", "12:20:45")
    story.next(GCC, "tb9", "12:58:16")
    story.next(ARM, "tb2", "13:01:30")


def _fixed(line: str, drawn: str) -> str:
    """The line with this ledger's digits and an id of its own for what was drawn by lot."""
    event = event_of(line)
    payload = event.payload.replace(f'"{drawn}-', f'"{LEDGER}-').replace(f'"ledger":"{drawn}"', f'"ledger":"{LEDGER}"')
    name = sha256(f"sample event {event.seq}".encode()).hexdigest()[:32]
    return line_of(event._replace(id=name, payload=payload))
