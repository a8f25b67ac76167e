"""A console on alerts of hostile classes, policies, runs and actors, and a hook that complains in kind.

Started by test_hostile_alerts; in its own folder a ledger is made.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from gateconsole.notifications.hook import Hook
from gateconsole.notifications.notifier import LedgerAccess, Notifier
from gateconsole.snapshot import Snapshot
from gateconsole.tui.app import run_console
from tests.pty.hostile import HOSTILE
from tests.screens.fake_alerts import QUIET, FakeAlerts

SHOUT = "printf '\\033]52;c;QQ==\\007\\033[31m[/]\\n' >&2; printf '\\033[2J' > /dev/tty; exit 1"


def hostile(fake: FakeAlerts) -> None:
    """A firing alert for each hostile text: as policy, class, run id and outcome."""
    for text in HOSTILE:
        name = text or "x"
        fake.calm(name, QUIET)
        for number in range(3):
            fake.run(name, 0.2, text, (text,), run_id=f"{text}{number}")


class Growing:
    """A source that publishes what stands, and a new alert a little later."""

    def __init__(self, fake: FakeAlerts) -> None:
        self._fake = fake

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Publish both."""
        publish(self._fake.snapshot())
        for number in range(3):
            self._fake.run(HOSTILE[0], 0.9, "FAIL", (f"new {HOSTILE[1]}",), run_id=f"new{number}{HOSTILE[0]}")
        snapshot = self._fake.snapshot(generation=2)

        threading.Timer(0.5, publish, (snapshot,)).start()

    def stop(self) -> None:
        """Nothing goes on."""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        fake = FakeAlerts(Path(folder) / "ledger.db")
        hostile(fake)
        code = run_console(
            lambda: Growing(fake),
            root_label="artifacts",
            theme=sys.argv[1],
            hand=lambda: fake.hand(actor="ada"),
            tell=lambda say: Notifier(LedgerAccess(fake.path, "ada"), say, Hook(("sh", "-c", SHOUT))),
        )
    raise SystemExit(code)
