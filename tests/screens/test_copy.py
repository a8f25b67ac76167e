"""y and Y: what is handed to the terminal, and what is said about it."""

from __future__ import annotations

import base64
import json
import re

import pytest

from gateconsole.exports.formats import json_rows
from gateconsole.exports.tables import POLICIES, RUNS
from gateconsole.tui.terminal.clipboard import LARGEST
from tests.screens.fake import full, made_runs, of, policy
from tests.screens.fake_runs import Tree
from tests.screens.test_policies import Seen, opened
from tests.screens.test_registry import on, samples
from tests.screens.using import InUse, console, paged


@pytest.fixture(autouse=True)
def in_no_multiplexer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests themselves may run in one."""
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("STY", raising=False)


async def copied(seen: Seen | InUse, key: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the terminal's clipboard gets."""
    written: list[str] = []
    monkeypatch.setattr(seen.app._driver, "write", written.append)
    await seen.press(key)
    for _ in range(100):
        if written or "no row" in seen.lines[-1] or "too much" in seen.lines[-1]:
            break
        await seen.pilot.pause(0.01)
    await seen.pilot.pause()
    found = re.search(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", "".join(written))
    return base64.b64decode(found[1]).decode() if found else ""


async def test_y_copies_the_figures_of_the_policy_under_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(full()) as seen:
        await seen.press("j")
        text = await copied(seen, "y", monkeypatch)
        assert text == "b71c02\t38\t38\t0.0000\t0.0000\t0.0550\t0.0800"
        assert seen.lines[-1].startswith(f" sent to the terminal: the row as text, {len(text)} characters")


async def test_capital_y_copies_what_export_writes_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = full()
    async with opened(snapshot) as seen:
        document = json.loads(await copied(seen, "Y", monkeypatch))
        assert document == json.loads(json.dumps(next(json_rows(POLICIES, snapshot))))


async def test_a_run_is_copied_with_the_columns_of_the_series(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on("runs", samples()) as seen:
        text = await copied(seen, "y", monkeypatch)
        document = json.loads(await copied(seen, "Y", monkeypatch))
        assert text.split("\t")[0] == document["run_id"]
        assert text.count("\t") == 12
        assert document["path"].endswith("gate_result.json")


async def test_capital_y_of_a_run_is_its_row_of_the_json_export(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Tree(3)  # something is unusable in the newest
    async with console(tree.snapshot()) as seen:
        snapshot = seen.app.frame.snapshot
        assert seen.selected == "run-4002"
        document = json.loads(await copied(seen, "Y", monkeypatch))
    rows = {row["run_id"]: row for row in json_rows(RUNS, snapshot)}
    assert document == json.loads(json.dumps(rows["run-4002"]))
    assert document["diagnostics"] == ["rate_unusable unknown_rate: 4%"]


async def test_a_rejected_file_is_copied_with_its_place_and_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on("runs", samples()) as seen:
        await seen.press("tab")
        assert set(json.loads(await copied(seen, "Y", monkeypatch))) == {"path", "place", "rule", "detail"}


async def test_what_was_said_leaves_with_the_next_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(full()) as seen:
        before = seen.lines[-1]
        await copied(seen, "y", monkeypatch)
        await seen.press("j")
        assert seen.lines[-1] == before


async def test_without_a_row_nothing_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(of(())) as seen:
        assert await copied(seen, "y", monkeypatch) == ""


async def test_a_row_too_large_is_refused_and_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(of([policy("x" * LARGEST, made_runs(2, 1))])) as seen:
        assert await copied(seen, "y", monkeypatch) == ""
        assert "too much to copy" in seen.lines[-1]


async def test_the_page_of_a_policy_holds_its_strata_classes_and_runs() -> None:
    async with opened(full()) as seen:
        assert seen.app.frame.current is not None
        lines = paged(seen.app.frame.current)
        for words in ("policy a6f53e", "STRATUM", "unpinned", "UNKNOWN CLASS", "flaky_test", "run-4411"):
            assert any(words in line for line in lines), words


async def test_the_page_of_a_run_holds_its_facts() -> None:
    async with on("runs", samples()) as seen:
        assert seen.app.frame.current is not None
        lines = paged(seen.app.frame.current)
        for words in ("run_id", "unknown_rate", "top_reasons", "file"):
            assert any(line.strip().startswith(words) for line in lines), words


async def test_where_the_terminal_cannot_be_given_away_that_is_said() -> None:
    async with opened(full()) as seen:
        await seen.press("P")
        await seen.pilot.pause(0.1)
        assert "no pager here" in seen.lines[-1]
        await seen.press("j")
        assert seen.selected == "b71c02"
