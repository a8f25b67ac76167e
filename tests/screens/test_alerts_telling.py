"""A new firing alert on the screen: one toast, an optional bell; and two consoles on real files, from artifacts on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateconsole.engine.engine import Engine, Options
from gateconsole.engine.ledger_follower import QueueOptions
from gateconsole.ledger.location import default_ledger
from gateconsole.notifications.hook import Hook
from gateconsole.notifications.notifier import LedgerAccess, Notification, Notifier
from gateconsole.text import iso_time
from gateconsole.tui.app import Console
from gateconsole.tui.shell.operator import Operator, wall_clock
from tests.screens.fake_alerts import FakeAlerts, fake
from tests.screens.using_alerts import AlertsInUse, opened

__all__ = ["fake"]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bursts are told soon."""
    monkeypatch.setattr("gateconsole.notifications.news.GATHER", 0.05)
    monkeypatch.setattr("gateconsole.notifications.news.PAUSE", 0.05)


def teller(fake: FakeAlerts, hook: Hook | None = None) -> Callable[[Callable[[Notification], None]], Notifier]:
    return lambda say: Notifier(LedgerAccess(fake.path, "ada"), say, hook)


async def test_a_new_firing_alert_is_one_toast_over_the_foot_and_nothing_moves(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand(), tell=teller(fake)) as seen:
        toast = seen.app.frame.toast
        assert "new firing alert" not in seen.text
        fake.spikes("d15ea5e", 1, "flaky_test", rate=0.3)
        await seen.publish(fake.snapshot(generation=2))
        await seen.until(lambda: toast.display)
        await seen.quiet()
        assert toast.said == [("new firing alert: d15ea5e flaky_test: 3 spikes, peak 0.3000", "strong")]
        assert "▲ new firing alert: d15ea5e flaky_test" in seen.lines[-2]
        assert " ? help " in seen.lines[-1]
        assert "▲2" in seen.lines[1]
        await seen.press("j")
        assert toast.display
        toast._forget_oldest()
        await seen.quiet()
        assert "new firing alert" not in seen.text


async def test_what_stood_at_the_start_is_no_toast(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand(), tell=teller(fake)) as seen:
        await seen.publish(fake.snapshot(generation=2))
        assert not seen.app.frame.toast.said


async def test_a_failing_hook_is_said_on_the_screen_printably(fake: FakeAlerts) -> None:
    hook = Hook(("sh", "-c", "printf '\\033[31m[/]' >&2; exit 1"))
    async with opened(fake.snapshot(), fake.hand(), tell=teller(fake, hook)) as seen:
        fake.spikes("d15ea5e", 1, "flaky_test", rate=0.3)
        await seen.publish(fake.snapshot(generation=2))
        await seen.until(lambda: len(seen.app.frame.toast.said) == 2)
        await seen.quiet()
        assert "on_alert: sh: exit 1: \\x1b[31m[/]" in seen.text


@pytest.mark.parametrize("bell", [True, False])
async def test_the_bell_rings_only_where_it_is_asked_for(
    fake: FakeAlerts, monkeypatch: pytest.MonkeyPatch, bell: bool
) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(Console, "bell", lambda _: rung.append(True))
    async with opened(fake.snapshot(), fake.hand(), tell=teller(fake)) as seen:
        seen.app._bell = bell
        fake.spikes("d15ea5e", 1, "flaky_test", rate=0.3)
        await seen.publish(fake.snapshot(generation=2))
        await seen.until(lambda: bool(seen.app.frame.toast.said))
    assert rung == [True] * bell


@pytest.mark.parametrize("size", [(80, 24), (60, 10), (200, 50)], ids=str)
async def test_a_toast_follows_the_size_and_is_never_wider_than_the_terminal(
    fake: FakeAlerts, size: tuple[int, int]
) -> None:
    async with opened(fake.snapshot(), fake.hand(), (120, 36)) as seen:
        seen.app.frame.toast.tell("new firing alert: " + "x" * 300, "strong")
        await seen.pilot.resize_terminal(*size)
        await seen.quiet()
        assert "▲ new firing alert: xxx" in seen.lines[-2]
        assert all(len(line) == size[0] for line in seen.lines)


# through real files


class Files:
    """A root on disk that CI writes into; a run a minute, the newest of them now."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.start = wall_clock() - 200 * 60_000_000
        self.number = 0

    def run(self, rate: float, outcome: str = "PASS", reasons: tuple[str, ...] = ()) -> None:
        """One artifact, put in place as a whole."""
        self.number += 1
        folder = self.root / f"run-{self.number:04}"
        folder.mkdir(parents=True)
        document = {
            "run_id": f"run-{self.number:04}",
            "timestamp": iso_time(self.start + self.number * 60_000_000),
            "policy_hash": "a6f53e",
            "outcome": outcome,
            "unknown_rate": rate,
            "top_reasons": list(reasons),
        }
        partial = folder / "partial"
        partial.write_text(json.dumps(document))
        partial.rename(folder / "gate_result.json")

    def calm(self, number: int) -> None:
        """Runs without unknowns."""
        for _ in range(number):
            self.run(0.0)

    def spike(self, outcome: str = "COMMENT") -> None:
        """A run that spikes with the class flaky_test."""
        self.run(0.3, outcome, ("flaky_test",))


@asynccontextmanager
async def live(root: Path, actor: str) -> AsyncIterator[AlertsInUse]:
    """A console with the real engine, on the screen Alerts."""
    ledger = default_ledger(root)
    app = Console(
        lambda: Engine(Options(root, queue=QueueOptions(actor=actor))),
        root_label="ci",
        root=root,
        hand=lambda: Operator(ledger, actor),
        tell=lambda say: Notifier(LedgerAccess(ledger, actor), say, None),
    )
    async with app.run_test(size=(120, 36)) as pilot:
        seen = AlertsInUse(app, pilot)
        try:
            await seen.until(lambda: app.frame.snapshot.phase == "live" and not app.frame.snapshot.judging)
            await seen.press("2")
            yield seen
        finally:
            app.stop_source()


def state(seen: AlertsInUse) -> str:
    """The state of the only alert in a console's list; empty without one."""
    rows = seen.screen._table.rows
    return rows[0].alert.state if rows else ""


async def test_from_artifacts_to_firing_to_ack_to_fail_to_resolved_in_two_consoles(tmp_path: Path) -> None:
    files = Files(tmp_path / "ci")
    files.calm(45)
    async with live(files.root, "ada") as ada, live(files.root, "mika") as mika:
        for _ in range(2):
            files.spike()
        await ada.until(lambda: state(ada) == "pending")
        files.spike()
        await ada.until(lambda: state(ada) == "firing")
        await mika.until(lambda: state(mika) == "firing")
        toasts = (ada.app.frame.toast, mika.app.frame.toast)
        await ada.until(lambda: sum(len(toast.said) for toast in toasts) == 1)

        await ada.press("a")
        assert "on disk: acked flaky_test in a6f53e, 3 spikes seen" in ada.said
        await mika.until(lambda: state(mika) == "acknowledged")
        await mika.until(lambda: "ada" in mika.text)
        files.spike("COMMENT")
        await ada.until(lambda: ada.screen.alert is not None and ada.screen.alert.spikes == 4)
        assert state(ada) == "acknowledged"

        files.spike("FAIL")
        await mika.until(lambda: state(mika) == "firing")
        await ada.until(lambda: "broken by run-0050" in ada.text)
        await ada.until(lambda: sum(len(toast.said) for toast in toasts) == 2)

        await mika.press("u")
        assert state(mika) == "firing"
        files.calm(10)
        await ada.until(lambda: state(ada) == "resolved")
        await ada.until(lambda: "over after 10 valid runs in a row" in " ".join(ada.text.split()))
        await mika.until(lambda: state(mika) == "resolved")
        assert sum(len(toast.said) for toast in toasts) == 2
