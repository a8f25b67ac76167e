"""What an operator can do to the queue: what each act asks first, and what it then does. No widget, no thread."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Final

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import builder_acts, operator_acts
from gateconsole.patch_queue.builder_acts import VerdictChanges
from gateconsole.patch_queue.lookup import run_name
from gateconsole.patch_queue.overview import TestcaseBoard
from gateconsole.patch_queue.probability import max_units
from gateconsole.patch_queue.queries import PatchRow
from gateconsole.patch_queue.state import is_current, replay
from gateconsole.patch_queue.transaction import Outcome
from gateconsole.text import counted
from gateconsole.tui.shell.questions import Answers, Do, Field, Question

PATCH_ACTS: Final = ("queue_withdraw", "queue_hold", "queue_first", "queue_land", "queue_reopen")
RUN_ACTS: Final = ("queue_report", "queue_base", "queue_lost", "queue_mark")
TESTCASE_ACTS: Final = ("queue_dispatch", "queue_pause", "queue_adopt", "queue_rename", "queue_retire")
QUEUE_ACTS: Final = (*PATCH_ACTS, *RUN_ACTS, *TESTCASE_ACTS)
"""The acts of the screen that change the ledger, by their ids in the registry."""

_HERE, _EVERYWHERE = "this testcase", "all testcases"
_GONE: Final = frozenset({"withdrawn", "revised", "landed"})


def question_for(action: str, each: TestcaseBoard, patch: PatchRow | None) -> Question | None:
    """What an act asks now; None while it could do nothing. `patch` is the one under the cursor."""
    if action in PATCH_ACTS:
        return None if patch is None or patch.state in _GONE else _of_patch(action, each, patch)
    if action in RUN_ACTS:
        return _of_run(action, each, patch)
    if each.testcase.retired is not None:
        return None
    if action == "queue_pause":
        return _pause(each) if each.testcase.paused is None else _resume(each)
    return _OF_TESTCASE[action](each) if action in _OF_TESTCASE else None


# what is to be built


def _dispatch(each: TestcaseBoard) -> Question | None:
    proposal = each.proposal
    if proposal.choice.kind is None or each.testcase.paused is not None:
        return None
    request = secrets.token_hex(8)
    names = tuple(one.builder for one in sorted(each.builders, key=lambda one: -one.last))

    def do(ledger: Ledger, when: Actor, said: Answers) -> str:
        base = said["base"] or None
        given = builder_acts.next_run(ledger, each.testcase.name, said["builder"], when, base=base, request=request)
        if given.run is None:
            return f"nothing dispatched: {given.why}"
        return f"run {given.run} is {said['builder']}'s: {given.kind}, {_patches(len(given.patches))}"

    return Question(
        f"dispatch in {each.testcase.name}",
        f"{proposal.choice.kind}, {_patches(len(proposal.patches))}: the set is chosen anew when it is dispatched",
        (Field("builder", names[0] if names else "", names), Field("base", needed=False)),
        do,
    )


def _patches(number: int) -> str:
    return counted(number, "patch")


def _pause(each: TestcaseBoard) -> Question:
    def do(ledger: Ledger, when: Actor, said: Answers) -> str:
        where = each.testcase.name if said["where"] == _HERE else None
        outcome = operator_acts.pause(ledger, said["reason"], when, testcase=where)
        return f"paused: {said['where']}" if outcome.changed else _told(outcome)

    fields = (Field("where", _HERE, (_HERE, _EVERYWHERE), only=True), Field("reason"))
    return Question(f"pause {each.testcase.name}", "nothing is dispatched until it is resumed", fields, do)


def _resume(each: TestcaseBoard) -> Question:
    def do(ledger: Ledger, when: Actor, said: Answers) -> str:
        where = each.testcase.name if said["where"] == _HERE else None
        outcome = operator_acts.resume(ledger, when, testcase=where)
        return f"resumed: {said['where']}" if outcome.changed else _told(outcome)

    fields = (Field("where", _HERE, (_HERE, _EVERYWHERE), only=True),)
    return Question(f"resume {each.testcase.name}", f"it is paused: {each.testcase.paused}", fields, do)


def _adopt(each: TestcaseBoard) -> Question:
    def do(ledger: Ledger, when: Actor, said: Answers) -> str:
        return f"{each.testcase.name}: {operator_acts.adopt(ledger, each.testcase.name, when, p=said['p']).text}"

    estimate, testcase = each.estimate, each.testcase
    effect = (
        f"p is {testcase.p}, M {testcase.m}; the estimate {estimate.text} of {counted(each.verdicts, 'verdict')} makes "
        f"M {max_units(estimate.p_text)}"
    )
    fields = (Field("p", estimate.p_text, (estimate.p_text, testcase.p)),)
    return Question(f"adopt a p for {testcase.name}", effect, fields, do)


def _rename(each: TestcaseBoard) -> Question:
    def do(ledger: Ledger, when: Actor, said: Answers) -> str:
        return _told(operator_acts.rename(ledger, each.testcase.name, said["name"], when))

    effect = "everything of it stays; builders ask by the new name from now on"
    return Question(f"rename {each.testcase.name}", effect, (Field("name", each.testcase.name),), do)


def _retire(each: TestcaseBoard) -> Question:
    def do(ledger: Ledger, when: Actor, said: Answers) -> str:
        return _told(operator_acts.retire(ledger, each.testcase.name, said["reason"], when))

    effect = "it leaves every overall and gets no run any more; its history stays"
    return Question(f"retire {each.testcase.name}", effect, (Field("reason"),), do)


def _told(outcome: Outcome) -> str:
    """What came of an act; what was so already is never told as what could not be done (rule Q22)."""
    return outcome.text if outcome.changed else f"nothing changed: {outcome.text}"


_OF_TESTCASE: Final[Mapping[str, Callable[[TestcaseBoard], Question | None]]] = {
    "queue_dispatch": _dispatch,
    "queue_adopt": _adopt,
    "queue_rename": _rename,
    "queue_retire": _retire,
}


# what came of a run


def _of_run(action: str, each: TestcaseBoard, patch: PatchRow | None) -> Question | None:
    flying = tuple(run.run for run in each.in_flight)
    failed = tuple(run.run for run in each.open_runs)
    mine = (*patch.in_flight, *patch.suspect_of) if patch is not None else ()
    known = {
        "queue_report": (*flying, *failed),
        "queue_base": failed,
        "queue_lost": flying,
        "queue_mark": (*failed, *flying),
    }[action]
    if not known and not each.builds:
        return None
    names = tuple(dict.fromkeys((*(run for run in mine if run in known), *known)))
    run = Field("run", names[0] if names else "", names)
    if action == "queue_report":
        result = Field("result", "pass", ("pass", "fail"), only=True)
        return Question("report a run", "a result is never forgotten; a late one counts", (run, result), _report)
    if action == "queue_base":
        result = Field("result", "pass", ("pass", "fail"), only=True)
        effect = "fail: the run says nothing, what rested on it is undone; pass: it stands"
        return Question("report the base of a failed run", effect, (run, result), _base)
    if action == "queue_lost":
        effect = "its patches stay as they are; a late result counts all the same"
        return Question("give a run up as lost", effect, (run, Field("reason", needed=False)), _lost)
    says = Field("says", "nothing", ("nothing", "speaks"), only=True)
    effect = "nothing: whatever rested on its result is undone; speaks: it counts again"
    return Question("mark a run", effect, (run, says, Field("reason")), _mark)


def _report(ledger: Ledger, when: Actor, said: Answers) -> str:
    return _effect(builder_acts.report(ledger, _run(ledger, said), said["result"], when), said["result"])


def _base(ledger: Ledger, when: Actor, said: Answers) -> str:
    return _effect(builder_acts.base(ledger, _run(ledger, said), said["result"], when), f"its base: {said['result']}")


def _lost(ledger: Ledger, when: Actor, said: Answers) -> str:
    return _effect(builder_acts.lost(ledger, _run(ledger, said), said["reason"], when), "lost")


def _mark(ledger: Ledger, when: Actor, said: Answers) -> str:
    word = "says nothing" if said["says"] == "nothing" else "speaks again"
    return _effect(builder_acts.mark(ledger, _run(ledger, said), said["says"], said["reason"], when), word)


def _run(ledger: Ledger, said: Answers) -> str:
    """A run by its whole name, or by its number in this ledger, whatever digits it was dispatched under."""
    run = said["run"]
    if not (run.isascii() and run.isdecimal()) or len(run) > 15:
        return run
    with ledger.reading() as connection:
        state = connection if is_current(connection) else replay(ledger.events())
        return run_name(state, int(run)) or f"{ledger.id}-{int(run)}"


def _effect(effect: VerdictChanges, word: str) -> str:
    if not effect.news:
        return f"nothing changed: run {effect.run}: {word}, as was known before"
    turns = [f"{patch} {verdict or 'undecided again'}" for patch, verdict in effect.verdicts]
    more = f" and {len(turns) - 6} more" if len(turns) > 6 else ""
    verdicts = f": {', '.join(turns[:6])}{more}" if turns else ": no verdict changed"
    clash = "".join(f"; conflict: {conflict.text}" for conflict in effect.conflicts[:1])
    return f"run {effect.run}: {word}{verdicts}{clash}"


# where a patch stands


def _of_patch(action: str, each: TestcaseBoard, patch: PatchRow) -> Question | None:
    name = patch.patch
    if action == "queue_withdraw":
        said = _with_reason(lambda ledger, when, why: operator_acts.withdraw(ledger, name, why, when))
        return Question(f"withdraw {name}", "it leaves every testcase and never returns", (Field("reason"),), said)
    if action == "queue_land":
        said = _with_reason(lambda ledger, when, _: operator_acts.land(ledger, name, when))
        return Question(f"land {name}", "it is in the base now: it leaves the queue, keeps its verdicts", (), said)
    if action == "queue_reopen":
        return _reopen(each, name) if patch.verdict else None
    if action == "queue_first":
        said = _with_reason(
            lambda ledger, when, _: operator_acts.submit(ledger, name, when, testcases=here, first=True)
        )
        here = (each.testcase.name,)
        effect = "it goes before all patches of equal innocence, in every testcase"
        return None if patch.verdict else Question(f"put {name} first", effect, (), said)
    if patch.state in {"held", "conflicting"}:
        said = _with_reason(lambda ledger, when, _: operator_acts.release(ledger, name, when))
        return Question(f"release {name}", f"{patch.state}{f': {patch.why}' if patch.why else ''}", (), said)
    if patch.verdict:
        return None
    said = _with_reason(lambda ledger, when, why: operator_acts.hold(ledger, name, why, when))
    return Question(f"hold {name}", "it is not built until it is released", (Field("reason"),), said)


def _reopen(each: TestcaseBoard, name: str) -> Question:
    def do(ledger: Ledger, when: Actor, said: Answers) -> str:
        where = (each.testcase.name,) if said["where"] == _HERE else ()
        return _told(operator_acts.reopen(ledger, name, said["reason"], when, testcases=where))

    fields = (Field("where", _HERE, (_HERE, _EVERYWHERE), only=True), Field("reason"))
    return Question(f"reopen {name}", "its verdict was wrong: it returns with its k", fields, do)


def _with_reason(act: Callable[[Ledger, Actor, str], Outcome]) -> Do:
    return lambda ledger, when, said: _told(act(ledger, when, said.get("reason", "")))
