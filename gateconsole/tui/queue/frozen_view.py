"""Acts on the queue while an older state of it is held in sight: they are done to the queue as it is now.

Whoever acts is told first what of the patch is no longer as it is shown.
"""

from __future__ import annotations

from collections.abc import Callable

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue.overview import Board, TestcaseBoard
from gateconsole.patch_queue.queries import PatchRow
from gateconsole.tui.keys.key_hints import hint
from gateconsole.tui.queue.actions import PATCH_ACTS, question_for
from gateconsole.tui.shell.questions import Answers, Question


def question_when_frozen(action: str, each: TestcaseBoard, patch: PatchRow | None, live: Board) -> Question | str:
    """What an act asks of the queue as it is now, or why it can do nothing any more; `each` and `patch` are shown."""
    name = each.testcase.name
    now = next((one for one in live.testcases if one.testcase.name == name), None)
    if now is None:
        return f"{name} is no testcase any more: the view is held"
    row = None if patch is None else next((one for one in now.patches if one.patch == patch.patch), None)
    ask = question_for(action, now, row)
    changed = "" if patch is None or action not in PATCH_ACTS else changes_since_frozen(patch, row)
    if ask is None:
        return f"nothing to do any more: {changed or 'the queue has gone on'} (the view is held)"
    return ask._replace(effect=f"{changed}: {ask.effect}" if changed else ask.effect, do=_said_held(ask.do))


def changes_since_frozen(patch: PatchRow, row: PatchRow | None) -> str:
    """What is no longer as it is shown of a patch; empty if it stands as shown."""
    if row is None:
        return f"{patch.patch} is gone"
    was, now = _stands(patch), _stands(row)
    news = [note for note in now if note not in was]
    olds = [note for note in was if note not in now]
    if not news and not olds:
        return ""
    before = f"; was {', '.join(olds)}" if olds else ""
    return f"no longer as shown, now {', '.join(news) or row.state}{before}"


def _stands(row: PatchRow) -> list[str]:
    notes = [row.state, "dirty" if row.dirty else "", f"k {row.k}"]
    notes += [f"in flight {run}" for run in row.in_flight]
    notes += [f"suspect of {run}" for run in row.suspect_of]
    return [note for note in notes if note]


def _said_held(do: Callable[[Ledger, Actor, Answers], str]) -> Callable[[Ledger, Actor, Answers], str]:
    """The same act, which also says that the view does not show it yet."""
    held = f"; the view is held, {hint(('freeze', 'goes on'))}"  # now: in the thread of the act no keys are known
    return lambda ledger, when, said: f"{do(ledger, when, said)}{held}"
