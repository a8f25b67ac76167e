"""`e` on every screen: the file has the bytes of `gateconsole export --where`, and the line says what is in it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from gateconsole.__main__ import main
from gateconsole.cli.export import _NO_WHERE, _WHERE_NAMES, TABLE_NAMES
from gateconsole.engine import engine
from gateconsole.engine.engine import Options, read_once
from gateconsole.exports.selection import SELECTABLE
from gateconsole.model import WHITELIST_NAME
from gateconsole.snapshot import Snapshot
from tests.screens.fake_runs import Tree
from tests.screens.using import InUse, console

NOW = 1_900_000_000_000_000
"""Later than any file was written."""


class Place(NamedTuple):
    """A screen that lists a table through a filter: the keys that open it, the filter, another column to sort by.

    `all` and `found`: how much is in the file, as the line says it.
    """

    keys: tuple[str, ...]
    table: str
    query: str
    all: str
    found: str


PLACES = {
    "policies": Place(("1",), "policies", "policy:b71c02", "3 policies", "1 of 3 policies"),
    "alerts": Place(("2",), "alerts", "policy:b71c02", "5 alerts", "2 of 5 alerts"),
    "whitelist": Place(("4",), "whitelist", "reason:ntp_offset", "2 entries", "1 of 2 entries"),
    "runs": Place(("5",), "runs", "outcome:FAIL", "72 runs", "5 of 72 runs"),
    "rejected": Place(("5", "tab"), "rejected", "nowhere", "2 rejected", "1 of 2 rejected"),
    "readiness": Place(("6",), "readiness", "policy:b71c02", "3 policies", "1 of 3 policies"),
}


@pytest.fixture
def root(samples: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The samples with their queue, two entries in the whitelist, two files that are no run; time stands still."""
    monkeypatch.setattr(engine, "wall_clock", lambda: NOW)
    assert main(["queue", "import", str(samples / "queue.jsonl"), "--root", str(samples)]) == 0
    listed = json.loads((samples / WHITELIST_NAME).read_text())
    listed["entries"].append({"reason": "ntp_offset", "justification": "clock drift on tb7", "scope": "unpinned"})
    (samples / WHITELIST_NAME).write_text(json.dumps(listed))
    for path in samples.rglob("gate_result.json"):
        if not path.read_text().endswith(("}", "}\n")):
            path.unlink()  # it would be pending as long as time stands still
    for name in ("nowhere", "elsewhere"):
        (samples / name).mkdir()
        (samples / name / "gate_result.json").write_text('{"none": "of the fields"}')
    return samples


class Exporting(InUse):
    """A console in use whose exports are looked at."""

    def shows(self, words: str) -> bool:
        """Whether these words are seen."""
        return words in self.text

    folder: Path

    @property
    def line(self) -> str:
        """What the last line says."""
        return self.lines[-1].strip()

    async def to(self, place: Place) -> None:
        """Open the screen; its list is there."""
        await self.press(*place.keys)
        await self.until(lambda: self.app.frame.current is not None and self.app.frame.current.shown() is not None)

    async def narrowed(self, place: Place) -> None:
        """Look through the filter; the list is made for it."""
        await self.press("slash")
        await self.type(place.query)
        await self.press("enter")
        current = self.app.frame.current
        await self.until(lambda: current is not None and current.found() == place.found)

    async def written(self) -> bytes:
        """Press `e`; the bytes of the file that the line names."""
        await self.press("e")
        named = re.match(r"wrote (\S+\.csv): ", self.line)
        assert named, self.line
        path = Path(named[1])
        assert path.parent == self.folder
        return path.read_bytes()


@asynccontextmanager
async def exporting(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Exporting]:
    """A console that exports into a folder of its own."""
    folder = tmp_path / "out"
    folder.mkdir()
    monkeypatch.chdir(folder)
    async with console(snapshot, (240, 36), screen="1") as seen:
        looked = Exporting(seen.app, seen.pilot)
        looked.folder = folder
        yield looked


def by_command(root: Path, table: str, *words: str) -> bytes:
    """What `gateconsole export` writes at the same time."""
    folder = root.parent / "by command"
    folder.mkdir(exist_ok=True)
    assert main(["export", str(root), table, *words, "-o", str(folder)]) == 0
    return (folder / f"{table}.csv").read_bytes()


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_e_writes_the_bytes_of_the_command_and_says_how_much(
    place: Place,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshot = read_once(Options(root))
    async with exporting(snapshot, monkeypatch, tmp_path) as seen:
        await seen.to(place)
        assert await seen.written() == by_command(root, place.table)
        assert seen.line.endswith(f": {place.all}")
        expected = by_command(root, place.table, "--where", place.query)
        assert expected != by_command(root, place.table)
        await seen.narrowed(place)
        assert await seen.written() == expected
        assert f": {place.found}" in seen.line
        await seen.press("o")
        assert await seen.written() == expected
        assert f": {place.found}, in the table's own order" in seen.line


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_a_held_view_is_written_as_it_is_held_and_the_line_says_so(
    place: Place,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = read_once(Options(root))
    expected = by_command(root, place.table)
    late = root / "late"
    late.mkdir()
    late.joinpath("gate_result.json").write_text('{"policy_hash":"fresh","outcome":"FAIL","unknown_rate":0.5}')
    (root / WHITELIST_NAME).write_text('["ntp_offset"]')
    async with exporting(held, monkeypatch, tmp_path) as seen:
        await seen.to(place)
        await seen.press("space")
        await seen.publish(read_once(Options(root)))
        assert await seen.written() == expected
        assert seen.line.endswith(f": {place.all}, as held at 17:46:40Z")


async def test_the_runs_of_a_policy_gone_into_are_written(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = read_once(Options(root))
    async with exporting(snapshot, monkeypatch, tmp_path) as seen:
        await seen.to(PLACES["policies"])
        await seen.press("down", "r")
        assert seen.app.frame.screen_name == "runs"
        assert await seen.written() == by_command(root, "runs", "--where", seen.app.frame.lens.text)
        assert ": 18 of 72 runs" in seen.line


async def test_of_the_queue_the_testcase_in_sight_is_written_and_the_line_names_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with exporting(read_once(Options(root)), monkeypatch, tmp_path) as seen:
        for key, name in (("3", "linux-gcc+checks"), ("tab", "arm-clang")):
            await seen.press(key)
            await seen.until(partial(seen.shows, f" {name} "))
            expected = by_command(root, "queue", "--where", f'"{name}"')
            assert await seen.written() == expected
            rows = expected.count(b"\n") - 1
            assert seen.line.endswith(f": {rows} patches, of {name} only")


async def test_of_the_queue_only_what_the_filter_finds_is_written_in_the_table_s_own_order(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with exporting(read_once(Options(root)), monkeypatch, tmp_path) as seen:
        await seen.press("3", "slash")
        await seen.type("suspect")
        await seen.press("enter", "o")
        await seen.until(lambda: " 3 of 12 patches match" in seen.text)
        assert await seen.written() == by_command(root, "queue", "--where", 'suspect "linux-gcc+checks"')
        assert seen.line.endswith(": 3 of 12 patches, in the table's own order, of linux-gcc+checks only")


async def test_figures_of_a_policy_that_is_found_are_said_to_be_of_all_its_runs(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with exporting(read_once(Options(root)), monkeypatch, tmp_path) as seen:
        await seen.to(PLACES["policies"])
        await seen.narrowed(PLACES["policies"])
        await seen.written()
        assert seen.line.endswith(": 1 of 3 policies; figures of all their runs")


async def test_a_file_still_being_written_is_neither_counted_nor_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = Tree(5)
    tree.reject(2)
    snapshot = tree.snapshot()
    waiting = Snapshot(**{name: getattr(snapshot, name) for name in snapshot.__slots__} | {"pending": ("late/x",)})
    async with exporting(waiting, monkeypatch, tmp_path) as seen:
        await seen.to(PLACES["rejected"])
        assert (await seen.written()).count(b"\n") == 3
        assert seen.line.endswith(": 2 rejected, without 1 pending")


async def test_a_filter_typed_just_now_is_in_the_file_though_the_list_is_not_made_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with exporting(Tree(50).snapshot(), monkeypatch, tmp_path) as seen:
        await seen.to(PLACES["runs"])
        monkeypatch.setattr(seen.runs, "_ask", lambda urgent=True: None)
        await seen.press("slash")
        await seen.type("rate:>0.02")
        await seen.press("enter")
        written = (await seen.written()).decode().splitlines()[1:]
        assert written and all(float(line.split(",")[4]) > 0.02 for line in written)
        assert seen.line.endswith(": the runs that match")


def test_every_table_can_be_chosen_from_or_says_why_not() -> None:
    assert SELECTABLE == _WHERE_NAMES
    assert sorted((*_WHERE_NAMES, *_NO_WHERE)) == sorted(TABLE_NAMES)
