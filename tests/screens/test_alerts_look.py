"""How the screen Alerts looks, as SVG, dark and light. `pytest --snapshot-update` accepts a new look."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from gateconsole.snapshot import Snapshot
from tests.screens.fake import full
from tests.screens.fake_alerts import FakeAlerts, fake
from tests.screens.test_alerts import FLAKY
from tests.screens.test_look import Svg
from tests.screens.using import SIZES
from tests.screens.using_alerts import opened

__all__ = ["fake"]

KEYS = {"list": (), "runs": ("tab", "j"), "verdict": ("tab", "v"), "snooze": ("s",)}


async def picture(
    snapshot: Snapshot, fake: FakeAlerts, size: str, theme: str, *keys: str, ascii_only: bool = False
) -> str:
    """The screen as SVG."""
    async with opened(snapshot, fake.hand(), SIZES[size], theme, ascii_only=ascii_only) as seen:
        await seen.press(*keys)
        return seen.app.export_screenshot(title="gateconsole", simplify=True)


@pytest.mark.parametrize("theme", ["gate-dark", "gate-light"])
@pytest.mark.parametrize("size", ["80x24", "120x36"])
@pytest.mark.parametrize("keys", KEYS)
async def test_the_alerts_look_as_accepted(
    fake: FakeAlerts, keys: str, size: str, theme: str, snapshot: SnapshotAssertion
) -> None:
    assert await picture(fake.snapshot(), fake, size, theme, *KEYS[keys]) == snapshot(extension_class=Svg)


@pytest.mark.parametrize("size", ["80x24", "200x50"])
async def test_every_state_looks_as_accepted(fake: FakeAlerts, size: str, snapshot: SnapshotAssertion) -> None:
    fake.acknowledge(FLAKY)
    fake.spikes("a6f53e", 1, "flaky_test", outcomes=("FAIL",))
    fake.spikes("d15ea5e", 1, "flaky_test")
    fake.snooze(("d15ea5e", "flaky_test"))
    shown = await picture(fake.snapshot(judging=frozenset({"c0ffee"})), fake, size, "gate-dark", "enter")
    assert shown == snapshot(extension_class=Svg)


async def test_nothing_to_show_looks_as_accepted(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    fake = FakeAlerts(tmp_path / "ledger.db")
    assert await picture(full(), fake, "80x24", "gate-dark") == snapshot(extension_class=Svg)


async def test_ascii_looks_as_accepted(fake: FakeAlerts, snapshot: SnapshotAssertion) -> None:
    shown = await picture(fake.snapshot(), fake, "120x36", "gate-dark", ascii_only=True)
    assert shown == snapshot(extension_class=Svg)
