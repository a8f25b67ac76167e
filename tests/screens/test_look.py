"""How each state looks, as SVG, at three sizes, dark and light. `pytest --snapshot-update` accepts a new look."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from gateconsole.tui.app import Console
from tests.screens.plain_source import PlainSource
from tests.screens.states import STATES
from tests.screens.using import SIZES


class Svg(SingleFileSnapshotExtension):
    """One SVG file a test."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT


async def picture(state: str, size: tuple[int, int], theme: str, *keys: str, ascii_only: bool = False) -> str:
    """The console in a state, as SVG."""
    snapshot = STATES[state]()
    app = Console(lambda: PlainSource(snapshot), root_label="ci-artifacts", theme=theme, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        for _ in range(500):
            await pilot.pause(0.01)
            if app.frame.snapshot is snapshot:
                break
        await pilot.press(*keys)
        await pilot.pause(0.05)
        return app.export_screenshot(title="gateconsole", simplify=True)


@pytest.mark.parametrize("theme", ["gate-dark", "gate-light"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", ["full", "empty", "loading", "root_missing", "whitelist_broken", "rejected"])
async def test_a_state_looks_as_accepted(state: str, size: str, theme: str, snapshot: SnapshotAssertion) -> None:
    assert await picture(state, SIZES[size], theme) == snapshot(extension_class=Svg)


@pytest.mark.parametrize("theme", ["gate-dark", "gate-light"])
@pytest.mark.parametrize("size", SIZES)
async def test_an_open_detail_looks_as_accepted(size: str, theme: str, snapshot: SnapshotAssertion) -> None:
    assert await picture("full", SIZES[size], theme, "enter") == snapshot(extension_class=Svg)


@pytest.mark.parametrize("state", ["root_gone_later", "only_rejected"])
async def test_a_rarer_state_looks_as_accepted(state: str, snapshot: SnapshotAssertion) -> None:
    assert await picture(state, SIZES["80x24"], "gate-dark") == snapshot(extension_class=Svg)


async def test_ascii_looks_as_accepted(snapshot: SnapshotAssertion) -> None:
    shown = await picture("full", SIZES["120x36"], "gate-dark", ascii_only=True)
    assert shown == snapshot(extension_class=Svg)
