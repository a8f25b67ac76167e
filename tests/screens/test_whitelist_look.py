"""How the screen Whitelist and its form look, as SVG, dark and light. `--snapshot-update` accepts a new look."""

from __future__ import annotations

import json

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.screens.fake_whitelist import ENTRIES, FakeWhitelist, listed
from tests.screens.test_look import Svg
from tests.screens.using import SIZES
from tests.screens.using_whitelist import opened

__all__ = ["listed"]

TWO = ["80x24", "120x36"]
FORMS = {
    "list": (),
    "new": ("n", *"artefact_missing", "tab", *"known gap"),
    "edit": ("enter",),
    "retire": ("x",),
    "refused": ("n", *"flaky_test", "enter"),
}


@pytest.mark.parametrize("theme", ["gate-dark", "gate-light"])
@pytest.mark.parametrize("size", TWO)
@pytest.mark.parametrize("keys", FORMS.values(), ids=FORMS)
async def test_the_whitelist_looks_as_accepted(
    listed: FakeWhitelist, keys: tuple[str, ...], size: str, theme: str, snapshot: SnapshotAssertion
) -> None:
    async with opened(listed, SIZES[size], theme) as seen:
        await seen.press(*keys)
        assert seen.app.export_screenshot(title="gateconsole", simplify=True) == snapshot(extension_class=Svg)


@pytest.mark.parametrize("size", TWO)
async def test_an_empty_whitelist_looks_as_accepted(
    listed: FakeWhitelist, size: str, snapshot: SnapshotAssertion
) -> None:
    listed.file.unlink()
    async with opened(listed, SIZES[size]) as seen:
        assert seen.app.export_screenshot(title="gateconsole", simplify=True) == snapshot(extension_class=Svg)


@pytest.mark.parametrize("size", TWO)
async def test_a_broken_whitelist_looks_as_accepted(
    listed: FakeWhitelist, size: str, snapshot: SnapshotAssertion
) -> None:
    listed.file.write_text('{"version": 1, "entries": [\n  {"reason": "x",,}\n]}\n')
    made = listed.snapshot()
    problem = str(made.whitelist.problem).replace(str(listed.root), "/srv/ci-artifacts")
    async with opened(listed, SIZES[size], says=problem) as seen:
        assert seen.app.export_screenshot(title="gateconsole", simplify=True) == snapshot(extension_class=Svg)


async def test_a_conflict_looks_as_accepted(listed: FakeWhitelist, snapshot: SnapshotAssertion) -> None:
    async with opened(listed) as seen:
        await seen.press("enter", "ctrl+u", *"mine")
        listed.write({**ENTRIES[0], "justification": "theirs"}, *ENTRIES[1:])
        await seen.press("enter")
        assert seen.app.export_screenshot(title="gateconsole", simplify=True) == snapshot(extension_class=Svg)


async def test_ascii_looks_as_accepted(listed: FakeWhitelist, snapshot: SnapshotAssertion) -> None:
    listed.file.write_text(json.dumps(["ntp_offset"]))
    async with opened(listed, ascii_only=True) as seen:
        await seen.press("enter", "tab")
        assert seen.app.export_screenshot(title="gateconsole", simplify=True) == snapshot(extension_class=Svg)
