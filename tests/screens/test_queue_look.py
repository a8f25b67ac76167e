"""How the screen Queue looks, as SVG, at three sizes, dark and light. `--snapshot-update` accepts a new look."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from gateconsole.patch_queue.overview import EMPTY
from tests.screens.fake import full
from tests.screens.fake_queue import FakeQueue, queue
from tests.screens.test_look import Svg
from tests.screens.test_queue import opened
from tests.screens.using import SIZES

__all__ = ["queue"]

KEYS: dict[str, tuple[str, ...]] = {
    "overview": (),
    "timeline": ("j", "t"),
    "why": ("j", "i"),
    "dispatch": ("d",),
    "sorted": ("slash", *"suspect", "enter", "o", "o"),
    "nothing found": ("slash", *"policy", "colon", "b"),
    "held": ("space", "G"),
}


@pytest.mark.parametrize("theme", ["gate-dark", "gate-light"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
async def test_the_queue_looks_as_accepted(
    queue: FakeQueue, keys: tuple[str, ...], size: str, theme: str, snapshot: SnapshotAssertion
) -> None:
    async with opened(queue.snapshot(), queue.hand(), SIZES[size], theme) as seen:
        await seen.press(*keys)
        shown = seen.app.export_screenshot(title="gateconsole", simplify=True)
    assert shown == snapshot(extension_class=Svg)


async def test_an_empty_queue_looks_as_accepted(snapshot: SnapshotAssertion) -> None:
    async with opened(replace(full(), queue=EMPTY), None, SIZES["80x24"]) as seen:
        shown = seen.app.export_screenshot(title="gateconsole", simplify=True)
    assert shown == snapshot(extension_class=Svg)
