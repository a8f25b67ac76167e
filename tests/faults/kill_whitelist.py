"""`python -m tests.faults.kill_whitelist FOLDER`: saves killed in every call to the system, and at any time.

Each child saves; it is killed; the file must be the old or the new one, byte for byte, and the next save must work and
leave nothing behind. Ends with an AssertionError, or prints how often it killed.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from gateconsole.ledger.actor import Actor
from gateconsole.whitelist import file, history, operator_acts
from gateconsole.whitelist.merge import EntryChange, new_entry
from tests.faults.oscalls import calls

WHEN = Actor(1_770_000_000_000_000, "mika")
KEPT, OTHER = new_entry("kept", "always there", None, WHEN), new_entry("other", "comes and goes", None, WHEN)
IN, OUT = EntryChange(None, OTHER), EntryChange(OTHER, None)


def killed(do: Callable[[], object], after: float | None = None) -> bool:
    """Do it in a child; kill the child after so many seconds. Whether it was killed."""
    child = os.fork()
    if child == 0:
        do()
        os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def suicide_at(wanted: int) -> Callable[[int, str], None]:
    def seen(number: int, _: str) -> None:
        if number == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    return seen


def check(place: operator_acts.WhitelistFile, allowed: tuple[bytes, ...]) -> None:
    """Old or new, whole; the next saves work, nothing is left."""
    assert place.file.read_bytes() in allowed, place.file.read_bytes()
    operator_acts.apply_change(place, IN, WHEN)
    operator_acts.apply_change(place, OUT, WHEN)
    assert place.file.read_bytes() == allowed[0]
    left = {path.name for path in place.file.parent.iterdir()}
    assert left <= {file_name(place), ".gateconsole"}, left
    assert place.ledger is not None
    assert history.history(place.ledger)


def file_name(place: operator_acts.WhitelistFile) -> str:
    return place.file.name


def main(folder: Path) -> int:
    place = operator_acts.whitelist_file(folder)
    operator_acts.apply_change(place, EntryChange(None, KEPT), WHEN)
    old = place.file.read_bytes()
    operator_acts.apply_change(place, IN, WHEN)
    new = place.file.read_bytes()
    operator_acts.apply_change(place, OUT, WHEN)

    def one_save(number: int) -> None:
        with calls(suicide_at(number)):
            operator_acts.apply_change(place, IN, WHEN)

    kills = 0
    while killed(partial(one_save, kills + 1)):
        check(place, (old, new))
        kills += 1
    check(place, (old, new))

    def many_saves() -> None:
        while True:
            operator_acts.apply_change(place, IN, WHEN)
            operator_acts.apply_change(place, OUT, WHEN)

    chance = random.Random(7)
    for _ in range(40):
        assert killed(many_saves, after=chance.uniform(0.002, 0.04))
        check(place, (old, new))
    assert len(file.read(place.file).entries) == 1
    print(kills)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
