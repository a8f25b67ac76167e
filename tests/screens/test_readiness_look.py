"""How the screen Readiness looks, as SVG. `pytest --snapshot-update` accepts a new look."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.screens.fake import of
from tests.screens.fake_alerts import FakeAlerts
from tests.screens.test_look import Svg
from tests.screens.using import SIZES
from tests.screens.using_readiness import fake, opened

__all__ = ["fake"]

KEYS: dict[str, tuple[str, ...]] = {
    "list": (),
    "detail": ("enter",),
    "end": ("enter", "G"),
    "nothing": ("slash", *"zzz", "enter"),
}


async def picture(fake: FakeAlerts, size: str, theme: str, *keys: str) -> str:
    """The screen after these keys, as SVG."""
    async with opened(fake.snapshot(), SIZES[size], theme) as seen:
        await seen.press(*keys)
        return seen.app.export_screenshot(title="gateconsole", simplify=True)


@pytest.mark.parametrize("size", ["80x24", "120x36"])
@pytest.mark.parametrize("state", KEYS)
async def test_a_state_looks_as_accepted(fake: FakeAlerts, state: str, size: str, snapshot: SnapshotAssertion) -> None:
    assert await picture(fake, size, "gate-dark", *KEYS[state]) == snapshot(extension_class=Svg)


@pytest.mark.parametrize(("size", "theme"), [("200x50", "gate-dark"), ("120x36", "gate-light"), ("80x24", "gate-mono")])
async def test_other_sizes_and_themes_look_as_accepted(
    fake: FakeAlerts, size: str, theme: str, snapshot: SnapshotAssertion
) -> None:
    assert await picture(fake, size, theme) == snapshot(extension_class=Svg)


async def test_judging_looks_as_accepted(fake: FakeAlerts, snapshot: SnapshotAssertion) -> None:
    judging = replace(fake.snapshot(), judging=frozenset({"a6f53e", "f00d01"}))
    async with opened(judging, SIZES["120x36"]) as seen:
        shown = seen.app.export_screenshot(title="gateconsole", simplify=True)
    assert shown == snapshot(extension_class=Svg)


async def test_an_empty_root_looks_as_accepted(snapshot: SnapshotAssertion) -> None:
    async with opened(of(()), SIZES["80x24"]) as seen:
        shown = seen.app.export_screenshot(title="gateconsole", simplify=True)
    assert shown == snapshot(extension_class=Svg)
