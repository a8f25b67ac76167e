"""Screen Readiness, used: what a key, an arriving Snapshot or a verdict does, and that its figures are the reviews'."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateconsole import policy_review as reviewing
from gateconsole.judgement import operator_acts
from gateconsole.judgement.false_positives import VerdictWord
from gateconsole.ledger.store import Ledger
from gateconsole.policy_review import PolicyReview, in_batches, reviews
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.figures import Policy
from gateconsole.text import printable
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.table import Table
from gateconsole.view import check_limit, check_value, format_count, format_percent, format_rate
from tests.screens.fake import full, of
from tests.screens.fake_alerts import FakeAlerts
from tests.screens.using import SIZES, drawn_lines
from tests.screens.using_readiness import HOSTILE, fake, opened

__all__ = ["fake"]


def reviewed(snapshot: Snapshot) -> dict[str, PolicyReview]:
    """What every other exit shows."""
    return {one.policy_hash: one for one in reviews(snapshot)}


def judge(fake: FakeAlerts, policy_hash: str, outcome: str, word: VerdictWord) -> None:
    """A verdict on the first run of this outcome."""
    run = next(row for row in fake.rows if row[2] == policy_hash and row[3] == outcome)
    ledger = Ledger.for_writing(fake.path)
    operator_acts.judge(ledger, (run[0], None, policy_hash, run[6]), word, fake.when())
    ledger.close()


async def test_each_policy_has_its_verdict_in_words(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), SIZES["200x50"]) as seen:
        assert "a6f53e   ✗ not ready (1 of 4)" in seen.text
        assert "e4f5a6   ✓ ready" in seen.text
        assert "f00d01   · too few (n = 23 of 40)" in seen.text


async def test_a_cell_says_value_relation_limit_and_mark(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), SIZES["200x50"]) as seen:
        line = next(line for line in seen.lines if "b71c02" in line)
        assert "9 ≥ 40 ·" in line
        assert "22.2 % < 20 % ✗~" in line
        assert "0.0 % ≤ 10 % ✓~" in line
        assert "none judged" in line


async def test_a_narrow_list_keeps_values_and_marks_and_the_detail_the_limits(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), SIZES["80x24"]) as seen:
        assert "22.2 % ✗~" in seen.text
        assert "< 20 %" not in seen.text
        await seen.press("enter")
        assert "< 20 %" in seen.text


async def test_a_column_for_runs_without_a_stratum_stands_only_where_there_are_any(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), SIZES["200x50"]) as seen:
        assert "NO STRATUM" not in seen.text
        fake.run("e4f5a6", 0.0, "PASS", (), None)
        await seen.publish(fake.snapshot())
        assert "NO STRATUM" in seen.text


@pytest.mark.parametrize("size", SIZES)
async def test_every_figure_is_the_one_of_the_reviews(fake: FakeAlerts, size: str) -> None:
    snapshot = fake.snapshot()
    found = reviewed(snapshot)
    async with opened(snapshot, SIZES[size]) as seen:
        for policy_hash, one in found.items():
            await seen.to(policy_hash)
            page = seen.page
            for row in one.readiness.rows:
                line = next(line for line in page.splitlines() if f" {row.name} " in f"{line} ")
                assert check_value(row) in line
                assert check_limit(row, ascii_only=False) in line
            for test in one.backtest[1::2]:
                assert any(
                    line.split()[:3]
                    == [
                        {"whole": "all"}.get(test.stratum or "", test.stratum or ""),
                        format_count(test.n),
                        format_count(test.passed),
                    ]
                    for line in page.splitlines()
                )
            for proposal in one.proposals:
                assert format_rate(proposal.cut) in page
                assert format_percent(proposal.above, proposal.n) in page


async def test_verdicts_reach_overrides_and_false_positives(fake: FakeAlerts) -> None:
    judge(fake, "b71c02", "REVIEW", "rejected")
    judge(fake, "a6f53e", "COMMENT", "accepted")
    snapshot = fake.snapshot()
    async with opened(snapshot, SIZES["200x50"]) as seen:
        assert "100 % of 1" in next(line for line in seen.lines if "b71c02" in line)
        await seen.to("b71c02")
        assert "1 of 1 judged alarm rejected" in seen.page
        await seen.to("a6f53e")
        assert "0 of 1 judged alarm rejected" in seen.page


async def test_while_a_policy_is_judged_anew_it_says_so(fake: FakeAlerts) -> None:
    snapshot = fake.snapshot()
    async with opened(replace(snapshot, judging=frozenset({"a6f53e"}))) as seen:
        assert "a6f53e   ? judging" in seen.text
        assert "? judged anew just now" in seen.text
        await seen.publish(snapshot)
        assert "judging" not in seen.text
        assert "judged anew" not in seen.text


async def test_the_detail_shows_proposals_backtest_alarms_and_versions(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot()) as seen:
        for words in (
            "p95-based",
            "median-based",
            "mini-backtest at cut",
            "false positives",
            "rate over policy versions",
        ):
            assert words in seen.page
        assert "3 x median of 64 valid runs" in " ".join(seen.page.split())
        assert "→ a6f53e" in seen.page


async def test_enter_opens_the_detail_it_scrolls_and_esc_goes_back(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), SIZES["80x24"]) as seen:
        await seen.press("j", "enter")
        assert "─ e4f5a6" in seen.text
        assert "rate over policy versions" not in seen.text
        await seen.press("G")
        assert "rate over policy versions" in seen.text
        await seen.press("g")
        assert "valid runs" in seen.text
        await seen.press("escape")
        assert "VERDICT" in seen.text
        assert seen.screen._table.cursor == 1


async def test_the_page_of_another_policy_begins_at_its_top(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), SIZES["80x24"]) as seen:
        await seen.press("enter", "G", "escape", "j", "enter")
        assert "valid runs" in seen.text


@pytest.mark.parametrize(
    ("column", "first"), [("verdict", "b71c02"), ("runs", "a6f53e"), ("policy", "a6f53e"), ("pinned", "b71c02")]
)
async def test_the_list_can_be_sorted(fake: FakeAlerts, column: str, first: str) -> None:
    async with opened(fake.snapshot()) as seen:
        seen.screen.sort_column(column)
        await seen.done()
        assert seen.hashes[0] == first
        falling = seen.hashes
        await seen.press("O")
        assert seen.hashes[0] == falling[-1] or column == "pinned"


async def test_the_cursor_stays_on_its_policy_when_runs_arrive(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot()) as seen:
        await seen.to("f00d01")
        fake.calm("f00d01", 100, 0.0)
        await seen.publish(fake.snapshot())
        line = seen.screen._table.selected
        assert line is not None
        assert line.policy_hash == "f00d01"
        assert "✓ ready" in next(line for line in seen.lines if line.startswith("▌f00d01"))


async def test_a_policy_that_did_not_change_is_not_reviewed_again(
    fake: FakeAlerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fake.snapshot()
    async with opened(first) as seen:
        before = seen.screen._found.reviewed.reviews
        fake.calm("f00d01", 1, 0.0)
        grown = fake.snapshot()
        kept = {one.policy_hash: one for one in first.policies if one.policy_hash != "f00d01"}
        policies = tuple(kept.get(one.policy_hash, one) for one in grown.policies)
        spikes = {name: one if name == "f00d01" else first.spikes[name] for name, one in grown.spikes.items()}
        await seen.publish(replace(grown, policies=policies, spikes=spikes))
        now = seen.screen._found.reviewed.reviews
        assert {name for name in now if now[name] is not before[name]} == {"f00d01"}


async def test_an_equal_snapshot_draws_nothing_and_asks_for_nothing(
    fake: FakeAlerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fake.snapshot()
    async with opened(first) as seen:
        drawn: list[int] = []
        found = seen.screen._found
        monkeypatch.setattr(Table, "render_line", lambda _, y: drawn.append(y))
        monkeypatch.setattr(Pane, "render_line", lambda _, y: drawn.append(y))
        await seen.publish(replace(first, generation=2))
        assert drawn == []
        assert seen.screen._found is found


async def test_only_the_lines_of_changed_policies_are_drawn(fake: FakeAlerts, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(fake.snapshot(), SIZES["80x24"]) as seen:
        drawn = drawn_lines(monkeypatch, "readiness-list")
        fake.calm("f00d01", 1, 0.0)
        await seen.publish(fake.snapshot())
        assert set(drawn) == {seen.hashes.index("f00d01") + 1}


async def test_the_filter_leaves_policies_with_a_matching_run(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot()) as seen:
        await seen.press("slash")
        await seen.type("policy:f00d")
        await seen.press("enter")
        assert seen.hashes == ["f00d01"]
        assert "1 of 6 policies with a run that matches" in seen.text
        await seen.press("escape")
        assert len(seen.hashes) == 6


async def test_a_filter_that_finds_nothing_says_so(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot()) as seen:
        await seen.press("slash")
        await seen.type("policy:zzz")
        await seen.press("enter")
        assert "No policy has a run that matches the filter" in seen.text


async def test_a_held_view_stays_as_it_was(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot()) as seen:
        await seen.press("space")
        fake.calm("f00d01", 100, 0.0)
        await seen.publish(fake.snapshot())
        assert "f00d01   · too few (23 of 40)" in seen.text
        assert "FROZEN, 100 newer" in seen.text
        await seen.press("space")
        assert "f00d01   ✓ ready" in seen.text


async def test_while_policies_are_weighed_for_the_first_time_it_says_how_many_of_them_are(
    fake: FakeAlerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [threading.Event() for _ in range(6)]

    def one_by_one(snapshot: Snapshot, policies: Sequence[Policy]) -> Iterator[tuple[PolicyReview, ...]]:
        for policy, event in zip(policies, held, strict=True):
            event.wait(10)
            yield from in_batches(snapshot, [policy])

    monkeypatch.setattr(reviewing, "in_batches", one_by_one)
    async with opened(of(())) as seen:
        seen.app.publish(fake.snapshot())
        for number, event in enumerate(held):
            await seen.until(lambda words=f" {number} of 6 policies": words in seen.text)  # type: ignore[misc]
            assert "Weighing" in seen.text
            event.set()
        await seen.done()
        assert "Weighing" not in seen.text
        assert len(seen.hashes) == 6


async def test_while_policies_are_weighed_for_the_first_time_a_filter_is_not_said_to_find_none(
    fake: FakeAlerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = threading.Event()

    def later(snapshot: Snapshot, policies: Sequence[Policy]) -> Iterator[tuple[PolicyReview, ...]]:
        told.wait(10)
        yield from in_batches(snapshot, policies)

    monkeypatch.setattr(reviewing, "in_batches", later)
    async with opened(of(())) as seen:
        await seen.press("slash")
        await seen.type("policy:f00d")
        seen.app.publish(fake.snapshot())
        await seen.until(lambda: "Weighing" in seen.text)
        assert "0 policies" not in seen.text
        assert seen.text.count("still weighing 6 policies") == 2
        told.set()
        await seen.done()
        assert "1 of 6 policies with a run that matches" in seen.text
        assert "still weighing" not in seen.text


async def test_while_policies_are_weighed_again_the_list_stands(
    fake: FakeAlerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = threading.Event()

    def later(snapshot: Snapshot, policies: Sequence[Policy]) -> Iterator[tuple[PolicyReview, ...]]:
        told.wait(10)
        yield from in_batches(snapshot, policies)

    async with opened(fake.snapshot()) as seen:
        monkeypatch.setattr(reviewing, "in_batches", later)
        fake.calm("f00d01", 100, 0.0)
        seen.app.publish(fake.snapshot())
        await seen.until(lambda: seen.screen.reviewing.busy)
        await seen.pilot.pause()
        assert "f00d01   · too few (23 of 40)" in seen.text
        told.set()
        await seen.done()
        assert "f00d01   ✓ ready" in seen.text


async def test_a_list_has_its_columns_also_when_another_layout_runs_before_its_own(
    fake: FakeAlerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(of(())) as seen:
        compositor, came = seen.app.screen._compositor, seen.screen._came

        def then_laid_out(asked: Any, found: Any) -> None:
            came(asked, found)
            compositor._full_map_invalidated = True
            assert seen.screen in compositor.full_map

        monkeypatch.setattr(seen.screen.reviewing, "_done", then_laid_out)
        await seen.publish(fake.snapshot())
        assert "a6f53e   ✗ not ready" in seen.text
        assert "─ a6f53e" in seen.text


@pytest.mark.parametrize("size", SIZES)
async def test_states_without_a_policy_have_their_words(size: str) -> None:
    async with opened(of(()), SIZES[size]) as seen:
        assert "No run yet" in seen.text
        await seen.publish(replace(full(), phase="loading", progress=(41_200, 100_000)))
        assert "reading 41,200 of 100,000" in seen.text


async def test_the_row_is_copied_with_the_names_of_the_document(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot()) as seen:
        await seen.to("f00d01")
        row = seen.screen.row()
        assert row is not None
        assert row.cells[:3] == ("f00d01", "too few (n = 23 of 40)", "23")
        assert row.document["verdict"] == "too few"
        assert row.document["rows"][0]["name"] == "valid runs"


async def test_what_is_exported_is_the_table_of_the_policies_in_the_list(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot()) as seen:
        await seen.press("slash")
        await seen.type("policy:f00d")
        await seen.press("enter")
        shown = seen.screen.shown()
        assert shown is not None
        assert shown.table == "readiness"
        assert shown.words == "1 of 6 policies"


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_names_reach_the_screen_only_as_printable_text(fake: FakeAlerts, size: str) -> None:
    fake.calm(HOSTILE, 50)
    fake.spikes(HOSTILE, 4, HOSTILE)
    async with opened(fake.snapshot(), SIZES[size]) as seen:
        await seen.to(HOSTILE)
        await seen.press("enter")
        assert "[bold red]x[/]" in seen.text
        assert all(printable(line) == line for line in seen.lines)
        assert all(printable(line) == line for line in seen.text.split("\n"))


async def test_the_help_says_what_the_signs_mean_and_that_it_only_reports(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot()) as seen:
        await seen.press("question_mark")
        await seen.type("never switches")
        assert "readiness for WARN: the console reports, it never switches a mode" in seen.text
        await seen.press("escape", "question_mark")
        await seen.type("reaches over")
        assert "not sure: the 95 % interval reaches over the limit" in seen.text
