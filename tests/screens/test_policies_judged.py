"""What judgement adds to the screen Policies: marks, cut and spikes in the chart, spikes by class, effects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from gateconsole.policy_review import review
from gateconsole.text import printable
from gateconsole.tui.policies.alert_marks import NO_ALERT_MARKS, AlertMarks, marks_cell, marks_of
from gateconsole.tui.policies.effect_text import difference, ratio
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.table import Table
from gateconsole.view import format_count, format_rate
from tests.screens.fake_alerts import FakeAlerts
from tests.screens.test_look import Svg
from tests.screens.using import SIZES, InUse, console
from tests.screens.using_readiness import HOSTILE, fake

__all__ = ["fake"]


def line_of(seen: InUse, policy_hash: str) -> str:
    """The row of a policy."""
    return next(line for line in seen.lines if line[1:].startswith(policy_hash))


async def test_firing_and_pending_alerts_stand_in_the_last_column(fake: FakeAlerts) -> None:
    async with console(fake.snapshot(), screen="1") as seen:
        assert line_of(seen, "a6f53e").rstrip().endswith("▲ 1 firing")
        assert line_of(seen, "d15ea5e").rstrip().endswith("· 1 pending")
        assert line_of(seen, "e4f5a6").rstrip().endswith("-")


async def test_a_narrow_list_says_the_state_in_a_letter(fake: FakeAlerts) -> None:
    async with console(fake.snapshot(), (60, 24), screen="1") as seen:
        assert line_of(seen, "a6f53e").rstrip().endswith("▲1 F")
        assert line_of(seen, "d15ea5e").rstrip().endswith("·1 P")


async def test_while_a_policy_is_judged_anew_its_mark_is_a_question(fake: FakeAlerts) -> None:
    async with console(replace(fake.snapshot(), judging=frozenset({"a6f53e"})), screen="1") as seen:
        assert line_of(seen, "a6f53e").rstrip().endswith("?")
        assert "spike and FAIL  ? judged anew just now" in seen.text


def test_the_gravest_state_counts_its_alerts() -> None:
    assert marks_cell(AlertMarks("firing", 2, True), 11) == (("▲ 2 firing", "bad"),)
    assert marks_cell(AlertMarks("firing", 12, True), 5) == (("▲12 F", "bad"),)
    assert marks_cell(AlertMarks("no data", 1), 5) == (("○1 N", "muted"),)
    assert marks_cell(AlertMarks("acknowledged", 1), 11) == (("△ 1 acked", "notice"),)
    assert marks_cell(NO_ALERT_MARKS, 11) == (("-", "muted"),)


def test_an_acknowledged_alert_gives_way_to_a_firing_one(fake: FakeAlerts) -> None:
    snapshot = fake.snapshot()
    (firing,) = [one for one in snapshot.alerts if one.policy_hash == "a6f53e" and one.state == "firing"]
    acked = replace(firing, state="acknowledged", class_name="other")
    assert marks_of(replace(snapshot, alerts=(firing, acked)))["a6f53e"] == AlertMarks("firing", 1, True)
    assert marks_of(replace(snapshot, alerts=(acked,)))["a6f53e"] == AlertMarks("acknowledged", 1)


def test_a_firing_alert_that_calls_nobody_is_told_by_its_mark_and_word_not_by_colour_alone() -> None:
    assert marks_cell(AlertMarks("firing", 1), 11) == (("△ 1 quiet", "notice"),)
    assert marks_cell(AlertMarks("firing", 12), 5) == (("△12 Q", "notice"),)


def test_beside_a_loud_alert_the_quiet_ones_of_a_policy_are_not_counted(fake: FakeAlerts) -> None:
    snapshot = fake.snapshot()
    (firing,) = [one for one in snapshot.alerts if one.policy_hash == "a6f53e" and one.state == "firing"]
    quiet = replace(firing, listed=True, class_name="other")
    assert marks_of(replace(snapshot, alerts=(firing, quiet)))["a6f53e"] == AlertMarks("firing", 1, True)
    assert marks_of(replace(snapshot, alerts=(quiet,)))["a6f53e"] == AlertMarks("firing", 1)


async def test_the_chart_draws_the_cut_with_its_rule_and_marks_the_spikes(fake: FakeAlerts) -> None:
    async with console(fake.snapshot(), screen="1") as seen:
        assert "┄ cut 0.0100, p95 of 64" in seen.text
        assert "┄┄┄" in next(line for line in seen.lines if "│┄" in line)
        assert "×" in next(line for line in seen.lines if line.startswith("  spike│"))
        await seen.press("G")
        assert "×●×●×" in next(line for line in seen.lines if line.startswith("  spike│"))


async def test_the_classes_say_how_many_spikes_hold_them(fake: FakeAlerts) -> None:
    snapshot = fake.snapshot()
    async with console(snapshot, SIZES["200x50"], screen="1") as seen:
        head = next(line for line in seen.lines if "UNKNOWN CLASS" in line)
        row = next(line for line in seen.lines if " flaky_test   " in line)
        at = head.index("SPIKES")
        assert row[at : at + 6].strip() == str(snapshot.spikes["a6f53e"].tracks["flaky_test"].spikes) == "4"


@pytest.mark.parametrize("size", ["120x36", "200x50"])
async def test_the_effects_are_the_figures_of_the_review(fake: FakeAlerts, size: str) -> None:
    snapshot = fake.snapshot()
    found = review(snapshot, "a6f53e")
    assert found is not None
    async with console(snapshot, SIZES[size], screen="1") as seen:
        text = " ".join(line[60:].strip() for line in seen.lines)
        assert f"risk difference {difference(found.risk.difference, found.risk.limits)}" in seen.text
        assert f"RR {ratio(found.risk.ratio, found.risk.ratio_limits)}  n {format_count(found.risk.n)}" in seen.text
        assert f"unlisted {format_rate(found.means.unlisted)}" in seen.text
        one = next(one for one in found.associations if one.class_name == "flaky_test")
        assert difference(one.difference, one.limits) in text
        assert one.words in text


async def test_too_few_runs_are_said_instead_of_an_association(fake: FakeAlerts) -> None:
    async with console(fake.snapshot(), SIZES["200x50"], screen="1") as seen:
        await seen.press("G")
        assert "artefact_missing  too few (n = 9 of 40)" in seen.text


async def test_no_word_says_cause(fake: FakeAlerts) -> None:
    async with console(fake.snapshot(), screen="1") as seen:
        for _ in range(6):
            assert "caus" not in seen.text
            await seen.press("j")


async def test_an_arriving_run_draws_only_the_lines_of_its_policy(
    fake: FakeAlerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fake.snapshot()
    async with console(first, screen="1") as seen:
        drawn: list[tuple[str | None, int]] = []
        table, pane = Table.render_line, Pane.render_line

        def of_table(self: Table[object], y: int) -> object:
            drawn.append((self.id, y))
            return table(self, y)

        def of_pane(self: Pane, y: int) -> object:
            drawn.append((self.id, y))
            return pane(self, y)

        monkeypatch.setattr(Table, "render_line", of_table)
        monkeypatch.setattr(Pane, "render_line", of_pane)
        await seen.publish(replace(first, generation=2))
        assert drawn == []
        fake.calm("f00d01", 1, 0.0)
        grown = fake.snapshot()
        kept = {one.policy_hash: one for one in first.policies if one.policy_hash != "f00d01"}
        spikes = {name: one if name == "f00d01" else first.spikes[name] for name, one in grown.spikes.items()}
        policies = tuple(kept.get(one.policy_hash, one) for one in grown.policies)
        await seen.publish(replace(grown, policies=policies, spikes=spikes))
        assert {name for name, _ in drawn} <= {"policy-list", "status", "tabs"}
        assert len({y for name, y in drawn if name == "policy-list"}) == 1


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_names_stay_printable(fake: FakeAlerts, size: str) -> None:
    fake.calm(HOSTILE, 70)
    fake.spikes(HOSTILE, 4, HOSTILE)
    async with console(fake.snapshot(), SIZES[size], screen="1") as seen:
        assert "[bold red]" in seen.text
        await seen.press("enter")
        assert all(printable(line) == line for line in seen.lines)


@pytest.mark.parametrize(
    ("size", "keys"), [("80x24", ()), ("80x24", ("enter",)), ("120x36", ()), ("120x36", ("G",)), ("200x50", ())]
)
async def test_judged_policies_look_as_accepted(
    fake: FakeAlerts, size: str, keys: tuple[str, ...], snapshot: SnapshotAssertion, tmp_path: Path
) -> None:
    async with console(fake.snapshot(), SIZES[size], screen="1") as seen:
        await seen.press(*keys)
        shown = seen.app.export_screenshot(title="gateconsole", simplify=True)
    assert shown == snapshot(extension_class=Svg)
