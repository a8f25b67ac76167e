"""How the screen Runs looks in each state, as SVG. `pytest --snapshot-update` accepts a new look."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from gateconsole.snapshot import Snapshot
from tests.screens.fake import NOON, ROOT_MISSING
from tests.screens.fake_runs import Tree
from tests.screens.test_look import Svg
from tests.screens.using import SIZES, console

KEYS: dict[str, tuple[str, ...]] = {
    "live": ("j", "j"),
    "detail": ("j", "j", "enter"),
    "rejected": ("tab",),
    "fault": ("tab", "enter"),
    "sorted": ("o", "o", "o", "o", "o"),
    "chosen": ("S",),
    "typing": ("slash", *"rate", "colon", "greater_than_sign", *"0", "full_stop", *"02"),
    "wrong": ("slash", *"rate", "colon", *"7"),
    "filtered": ("slash", *"flaky", "enter"),
    "nothing": ("slash", *"zzz", "enter"),
    "frozen": ("space",),
}


def tree(root: Path) -> Tree:
    """Forty runs, three files that are none, one still being written."""
    made = Tree(40, root)
    made.reject(3)
    made.pending = ("ci/run-9500/gate_result.json",)
    return made


async def picture(root: Path, state: str, size: str, theme: str = "gate-dark") -> str:
    """A state, as SVG."""
    made = tree(root)
    async with console(made.snapshot(), SIZES[size], root=root, theme=theme) as seen:
        await seen.press(*KEYS[state])
        if state == "frozen":
            for _ in range(14):
                made.arrive()
            await seen.publish(made.snapshot())
        return seen.app.export_screenshot(title="gateconsole", simplify=True)


@pytest.mark.parametrize("size", ["80x24", "120x36"])
@pytest.mark.parametrize("state", KEYS)
async def test_a_state_looks_as_accepted(state: str, size: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    assert await picture(tmp_path, state, size) == snapshot(extension_class=Svg)


@pytest.mark.parametrize(("size", "theme"), [("200x50", "gate-dark"), ("120x36", "gate-light")])
async def test_the_live_list_looks_as_accepted(
    size: str, theme: str, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    assert await picture(tmp_path, "live", size, theme) == snapshot(extension_class=Svg)


@pytest.mark.parametrize("size", ["80x24", "120x36"])
@pytest.mark.parametrize("state", ["empty", "loading", "away", "gone"])
async def test_a_list_without_runs_or_root_looks_as_accepted(
    state: str, size: str, snapshot: SnapshotAssertion
) -> None:
    waiting = Snapshot(phase="waiting", mode="polling", banners=(ROOT_MISSING,), taken_at=NOON)
    states = {
        "empty": lambda: Tree().snapshot(),
        "loading": lambda: Snapshot(phase="loading", progress=(41_200, 100_000), taken_at=NOON),
        "away": lambda: waiting,
        "gone": lambda: replace(Tree(40).snapshot(), phase="waiting", banners=(ROOT_MISSING,)),
    }
    async with console(states[state](), SIZES[size]) as seen:
        assert seen.app.export_screenshot(title="gateconsole", simplify=True) == snapshot(extension_class=Svg)
