"""From a policy to its runs, and back."""

from __future__ import annotations

from gateconsole.query import Query, parse
from gateconsole.tui.widgets.table import Table
from tests.screens.fake_runs import Tree
from tests.screens.using import InUse, console

HOSTILE = 'a,b:"c" \\ !d'


def tree() -> Tree:
    """Three policies, one with the name of another one as a part of its own, one with a name that needs quotes."""
    made = Tree()
    for number, (policy, outcome) in enumerate(
        (("a6", "PASS"), ("a6f53e", "FAIL"), ("a6", "FAIL"), ("a6f53e", "PASS"), (HOSTILE, "PASS"))
    ):
        made.arrive(run_id=f"run-{number}", policy_hash=policy, outcome=outcome, unknown_rate=0.02)
    return made


async def choose(seen: InUse, policy: str) -> None:
    """Put the cursor on a policy."""
    table = seen.app.query_one("#policy-list", Table)
    for _ in table.rows:
        row = table.selected
        if row is not None and row.policy.policy_hash == policy:
            return
        await seen.press("j")
    raise AssertionError(f"no policy {policy!r}")


async def test_r_shows_the_runs_of_the_policy_under_the_cursor_and_no_others() -> None:
    async with console(tree().snapshot(), screen="1") as seen:
        await choose(seen, "a6")
        await seen.press("r")
        assert seen.app.frame.screen_name == "runs"
        assert seen.ids == ["run-2", "run-0"]
        assert "/ policy:=a6 " in seen.lines[1]


async def test_esc_comes_back_to_the_policy_with_the_filter_there_was() -> None:
    async with console(tree().snapshot(), screen="1") as seen:
        await choose(seen, "a6")
        await seen.press("r")
        await seen.press("enter")
        await seen.press("escape")
        assert seen.app.frame.screen_name == "runs"
        assert "esc back" in seen.lines[-1]
        await seen.press("escape")
        assert seen.app.frame.screen_name == "policies"
        assert not seen.app.frame.lens.filtered
        row = seen.app.query_one("#policy-list", Table).selected
        assert row is not None
        assert row.policy.policy_hash == "a6"


async def test_a_filter_in_force_still_holds_and_only_its_policies_give_way() -> None:
    async with console(tree().snapshot(), screen="1") as seen:
        await seen.press("slash")
        await seen.type("outcome:FAIL policy:f53")
        await seen.press("enter")
        await choose(seen, "a6f53e")
        await seen.press("r")
        assert seen.ids == ["run-1"]
        assert parse(seen.app.frame.lens.text) == parse("outcome:FAIL policy:=a6f53e")
        await seen.press("escape")
        assert seen.app.frame.lens.text == "outcome:FAIL policy:f53"


async def test_a_name_that_looks_like_a_query_is_only_a_name() -> None:
    async with console(tree().snapshot(), screen="1") as seen:
        await choose(seen, HOSTILE)
        await seen.press("r")
        assert seen.ids == ["run-4"]
        assert isinstance(parse(seen.app.frame.lens.text), Query)


async def test_who_goes_elsewhere_by_himself_is_not_brought_back() -> None:
    async with console(tree().snapshot(), screen="1") as seen:
        await choose(seen, "a6")
        await seen.press("r", "1", "5", "escape")
        assert seen.app.frame.screen_name == "runs"
        assert len(seen.ids) == 5
