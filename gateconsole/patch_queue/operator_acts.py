"""For operators: testcases and patches that come and go, pauses, p adopted. One transaction each.

Each act says whether it changed anything and in words what, or what was so already, which is no event; what cannot be
done raises RefusedError (rule Q22). Also raises LedgerUnusableError.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from gateconsole.ledger.actor import Actor, RefusedError, checked_name
from gateconsole.ledger.events import Payload
from gateconsole.ledger.payloads import (
    PAdopted,
    PatchConflicted,
    PatchHeld,
    PatchLanded,
    PatchPutFirst,
    PatchReleased,
    PatchReopened,
    PatchRevised,
    PatchSubmitted,
    PatchWithdrawn,
    TestcaseConfigured,
    TestcasePaused,
    TestcaseRenamed,
    TestcaseResumed,
    TestcaseRetired,
)
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue.lookup import ALL, patch_id, renamed_to, testcase_id
from gateconsole.patch_queue.probability import Estimate, estimate, max_units
from gateconsole.patch_queue.proposal import Testcase, all_testcases
from gateconsole.patch_queue.queries import open_runs
from gateconsole.patch_queue.transaction import Outcome, QueueTransaction, queue_transaction


class Patch(NamedTuple):
    """A patch as it stands apart from any testcase. `why`: what held or removed it, or its successor."""

    id: int
    name: str
    fate: str
    held: bool
    conflicting: bool
    everywhere: bool
    why: str

    @property
    def fate_words(self) -> str:
        """`was withdrawn`, `was superseded by P`, `has landed`; empty while it is in the queue."""
        words = {"withdrawn": "was withdrawn", "landed": "has landed", "revised": f"was superseded by {self.why}"}
        return words.get(self.fate, "")


# testcases


def configure(
    ledger: Ledger,
    testcase: str,
    when: Actor,
    *,
    p: str | None = None,
    text: str | None = None,
    literal: bool | None = None,
) -> Outcome:
    """Make a testcase, change one, or bring a retired one back; a new one needs p (rules Q1, Q3, Q16, Q18)."""
    if testcase == ALL:
        raise RefusedError(f"testcase {ALL!r}: the word stands for every testcase: choose another name")
    with queue_transaction(ledger, when.at, when.actor) as act:
        before = next((each for each in all_testcases(act.connection) if each.name == testcase), None)
        if before is None and p is None:
            raise RefusedError("a new testcase needs --p: the share of patches expected not to break it, such as 0.9")
        wanted = TestcaseConfigured(
            testcase,
            p or (before.p if before else ""),
            text or (before.text if before else "longer"),
            literal if literal is not None else bool(before and before.literal),
            before.strategy if before else "seed",
        )
        if before is not None and before.retired is None and wanted == _configured(before):
            return Outcome(False, f"{testcase} is configured so already")
        act.append(wanted)
    if before is None:
        return Outcome(True, f"{testcase} is a new testcase, p {wanted.p}")
    if before.retired is not None:
        return Outcome(True, f"{testcase} was retired and is in force again, p {wanted.p}")
    return Outcome(True, f"{testcase} is changed")


def _configured(testcase: Testcase) -> TestcaseConfigured:
    return TestcaseConfigured(testcase.name, testcase.p, testcase.text, testcase.literal, testcase.strategy)


def rename(ledger: Ledger, testcase: str, name: str, when: Actor) -> Outcome:
    """Give a testcase another name; everything of it stays (rule Q16)."""
    with queue_transaction(ledger, when.at, when.actor) as act:
        names = {each.name for each in all_testcases(act.connection)}
        if testcase not in names and name in names and renamed_to(act.connection, testcase) == name:
            return Outcome(False, f"{testcase} was renamed to {name} already")
        testcase_id(act.connection, testcase)
        if testcase == name:
            return Outcome(False, f"{testcase} has that name already")
        act.append(TestcaseRenamed(testcase, name))
    return Outcome(True, f"{testcase} is {name} from now on: patches, runs and verdicts stay")


def retire(ledger: Ledger, testcase: str, reason: str, when: Actor) -> Outcome:
    """Take a testcase out of every overall: it gets no run any more, its history stays (rule Q16)."""
    with queue_transaction(ledger, when.at, when.actor) as act:
        number = testcase_id(act.connection, testcase)
        found = next(each for each in all_testcases(act.connection) if each.id == number)
        if found.retired is not None:
            return Outcome(False, f"{testcase} is retired already")
        act.append(TestcaseRetired(testcase, reason))
    return Outcome(True, f"{testcase} is retired: out of every overall, no run any more; its history stays")


def in_force(connection: sqlite3.Connection, name: str) -> int:
    """The number of a testcase that is not retired. Raises RefusedError."""
    number = testcase_id(connection, name)
    (retired,) = connection.execute("SELECT retired FROM testcases WHERE id = ?", (number,)).fetchone()
    if retired:
        raise RefusedError(f"testcase {name!r} is retired: `gateconsole queue configure {name}` brings it back")
    return number


# patches that come


def submit(
    ledger: Ledger,
    patch: str,
    when: Actor,
    *,
    testcases: Sequence[str] = (),
    first: bool = False,
    revises: str | None = None,
) -> Outcome:
    """A patch arrives, or one that waits is put first or into more testcases (rules Q13, Q14, Q16, Q22).

    No `testcases` means all in force, later ones too. It may supersede another one: one that left already stays so.
    """
    checked_name("patch", patch)
    with queue_transaction(ledger, when.at, when.actor) as act:
        named = tuple(dict.fromkeys(testcases))
        for testcase in named:
            in_force(act.connection, testcase)
        row = act.connection.execute("SELECT 1 FROM patches WHERE name = ?", (patch,)).fetchone()
        if row is None:
            return _arrive(act, patch, named, first, revises)
        return _again(act, patch, named, first, revises)


def _arrive(act: QueueTransaction, patch: str, testcases: tuple[str, ...], first: bool, revises: str | None) -> Outcome:
    """A patch that was never there."""
    old = None if revises is None else _patch(act.connection, revises)
    act.append(PatchSubmitted(patch, testcases, first))
    words = f"{patch} is in the queue{', before all of equal innocence' if first else ''}"
    if old is None:
        return Outcome(True, words)
    if old.fate:
        return Outcome(True, f"{words}; {old.name} {old.fate_words} already")
    act.append(PatchRevised(old.name, patch))
    return Outcome(True, f"{words} and supersedes {old.name}")


def _again(act: QueueTransaction, patch: str, testcases: tuple[str, ...], first: bool, revises: str | None) -> Outcome:
    """A patch that is in the queue: a script may say again what it said."""
    now = _alive(act.connection, patch, "submit it")
    already, words = [], []
    if revises is not None:
        old = _patch(act.connection, revises)
        if not old.fate:
            raise RefusedError(
                f"patch {patch!r} is in the queue already: a revision is a new patch with a name of its own"
            )
        already.append(f"{old.name} {old.fate_words} already")
    where = ", ".join(testcases) if testcases else "every testcase"
    if _is_in(act.connection, now, testcases):
        already.insert(0, f"{patch} is in the queue already{f', in {where}' if testcases else ''}")
    else:
        act.append(PatchSubmitted(patch, testcases, False))
        words.append(f"{patch} is in {where} too")
    if first and _waits(act.connection, now.id) and _waits_first(act.connection, now.id):
        already.append(f"{patch} goes before all of equal innocence already")
    elif first:
        if not _waits(act.connection, now.id):
            raise RefusedError(f"patch {patch!r} has its verdict everywhere: it waits nowhere and cannot go first")
        act.append(PatchPutFirst(patch))
        words.append(f"{patch} goes before all of equal innocence from now on")
    return Outcome(bool(words), "; ".join((*words, *already)))


def _is_in(connection: sqlite3.Connection, patch: Patch, testcases: tuple[str, ...]) -> bool:
    """Whether a patch is in these testcases already; without any, in all of them and later ones."""
    rows = connection.execute("SELECT testcase FROM claims WHERE patch = ?", (patch.id,))
    claimed = {testcase for (testcase,) in rows}
    return {testcase_id(connection, name) for name in testcases} <= claimed if testcases else patch.everywhere


def _waits(connection: sqlite3.Connection, patch: int) -> bool:
    """Whether a patch is undecided in some testcase, or in none yet."""
    undecided, claims = connection.execute(
        "SELECT ifnull(sum(settled = 0), 0), count(*) FROM claims WHERE patch = ?", (patch,)
    ).fetchone()
    return bool(undecided or not claims)


def _waits_first(connection: sqlite3.Connection, patch: int) -> bool:
    """Whether no patch that waits anywhere is older, as the rule sees age."""
    older = connection.execute(
        "SELECT 1 FROM patches p WHERE p.id = ? AND EXISTS (SELECT 1 FROM claims c WHERE c.testcase IN "
        "(SELECT id FROM testcases) AND c.settled = 0 AND c.rank < p.rank)",
        (patch,),
    ).fetchone()
    return older is None


def _patch(connection: sqlite3.Connection, name: str) -> Patch:
    number = patch_id(connection, name, alive=False)
    row = connection.execute(
        "SELECT id, name, fate, held, conflicting, everywhere, why FROM patches WHERE id = ?", (number,)
    ).fetchone()
    return Patch(row[0], row[1], row[2], bool(row[3]), bool(row[4]), bool(row[5]), row[6])


def _alive(connection: sqlite3.Connection, name: str, what: str) -> Patch:
    """A patch that is still in the queue. Raises RefusedError: what cannot be done to one that left."""
    patch = _patch(connection, name)
    if patch.fate:
        raise RefusedError(f"patch {name!r} {patch.fate_words} and never returns: cannot {what}: submit a new one")
    return patch


# where a patch stands


def withdraw(ledger: Ledger, patch: str, reason: str, when: Actor) -> Outcome:
    """A patch leaves without further verdict and never returns (rule Q14)."""
    return _leave(ledger, patch, when, PatchWithdrawn(patch, reason), "withdrawn")


def land(ledger: Ledger, patch: str, when: Actor) -> Outcome:
    """A patch is in the base now: it leaves consideration, keeps its verdicts, never returns (rule Q14)."""
    return _leave(ledger, patch, when, PatchLanded(patch), "landed")


def _leave(ledger: Ledger, patch: str, when: Actor, payload: Payload, fate: str) -> Outcome:
    with queue_transaction(ledger, when.at, when.actor) as act:
        now = _patch(act.connection, patch)
        if now.fate == fate:
            return Outcome(False, f"{patch} {now.fate_words} already")
        _alive(act.connection, patch, _VERBS[type(payload)])
        act.append(payload)
    return Outcome(True, f"{patch} {'has landed' if fate == 'landed' else f'is {fate}'}")


def conflict(ledger: Ledger, patch: str, reason: str, when: Actor) -> Outcome:
    """A patch does not apply beside the others: out of consideration until released (rule Q14)."""
    return _change(ledger, patch, when, PatchConflicted(patch, reason))


def hold(ledger: Ledger, patch: str, reason: str, when: Actor) -> Outcome:
    """Keep a patch from being built until released."""
    return _change(ledger, patch, when, PatchHeld(patch, reason))


def release(ledger: Ledger, patch: str, when: Actor) -> Outcome:
    """A held or conflicting patch is considered again."""
    return _change(ledger, patch, when, PatchReleased(patch))


def _change(ledger: Ledger, patch: str, when: Actor, payload: Payload) -> Outcome:
    """Append what an act says of a patch in the queue, unless it is so already."""
    with queue_transaction(ledger, when.at, when.actor) as act:
        already = _already(_alive(act.connection, patch, _VERBS[type(payload)]), payload)
        if already:
            return Outcome(False, already)
        act.append(payload)
    words = {PatchConflicted: "is marked as conflicting", PatchHeld: "is held", PatchReleased: "is considered again"}
    return Outcome(True, f"{patch} {words[type(payload)]}")


def _already(patch: Patch, payload: Payload) -> str:
    """What an act on a patch in the queue finds so already; empty if it changes something."""
    if isinstance(payload, PatchReleased):
        return "" if patch.held or patch.conflicting else f"{patch.name} is neither held nor conflicting"
    if isinstance(payload, PatchHeld):
        return f"{patch.name} is held already" if patch.held else ""
    return f"{patch.name} is marked as conflicting already" if patch.conflicting else ""


_VERBS: Final[dict[type, str]] = {
    PatchWithdrawn: "withdraw it",
    PatchLanded: "land it",
    PatchConflicted: "mark it as conflicting",
    PatchHeld: "hold it",
    PatchReleased: "release it",
}
"""What cannot be done to a patch that left."""


def reopen(ledger: Ledger, patch: str, reason: str, when: Actor, *, testcases: Sequence[str] = ()) -> Outcome:
    """A verdict was wrong: the patch returns with its k (rule Q11); by default wherever it has a verdict."""
    with queue_transaction(ledger, when.at, when.actor) as act:
        number = _alive(act.connection, patch, "reopen it").id
        rows = act.connection.execute(
            "SELECT t.name FROM claims c JOIN testcases t ON t.id = c.testcase "
            "WHERE c.patch = ? AND c.verdict <> '' ORDER BY t.id",
            (number,),
        )
        judged = [name for (name,) in rows]
        for name in testcases:
            testcase_id(act.connection, name)
        chosen = tuple(name for name in judged if not testcases or name in testcases)
        if not chosen:
            raise RefusedError(f"patch {patch!r} has no verdict to take back{' there' if testcases else ''}")
        act.append(PatchReopened(patch, chosen, reason))
    without = [name for name in dict.fromkeys(testcases) if name not in chosen]
    none = f"; it has no verdict in {', '.join(without)}" if without else ""
    return Outcome(True, f"{patch} returns with its k in {', '.join(chosen)}{none}")


# pauses and p


def pause(ledger: Ledger, reason: str, when: Actor, *, testcase: str | None = None) -> Outcome:
    """Dispatch nothing, for a testcase or at all, until resumed."""
    where = "all testcases" if testcase is None else testcase
    verb = "are" if testcase is None else "is"
    with queue_transaction(ledger, when.at, when.actor) as act:
        number = 0 if testcase is None else in_force(act.connection, testcase)
        same = "SELECT 1 FROM pauses WHERE testcase = ? AND reason = ?"
        if act.connection.execute(same, (number, reason)).fetchone():
            return Outcome(False, f"{where} {verb} paused for that reason already")
        act.append(TestcasePaused(testcase, reason))
    return Outcome(True, f"{where} {verb} paused")


def resume(ledger: Ledger, when: Actor, *, testcase: str | None = None) -> Outcome:
    """Dispatch again: a testcase, or everything that is paused.

    Raises RefusedError where only a pause of all stops it.
    """
    with queue_transaction(ledger, when.at, when.actor) as act:
        number = None if testcase is None else in_force(act.connection, testcase)
        pauses: dict[int, str] = dict(act.connection.execute("SELECT testcase, reason FROM pauses"))
        if number is None and not pauses:
            return Outcome(False, "nothing is paused")
        if number is not None and number not in pauses:
            if 0 in pauses:
                raise RefusedError(f"{testcase}: {_paused_with_all(pauses[0])}")
            return Outcome(False, f"{testcase} is not paused")
        act.append(TestcaseResumed(testcase))
    if number is None:
        return Outcome(True, "every pause is over")
    still = f"; {_paused_with_all(pauses[0])}" if 0 in pauses else ""
    return Outcome(True, f"the pause of {testcase} is over{still}")


def _paused_with_all(reason: str) -> str:
    return f"paused with all testcases: {reason}: `gateconsole queue resume` ends that"


class Adopted(NamedTuple):
    """p and M of a testcase, before and after an act (rule Q19)."""

    testcase: str
    p_before: str
    p: str
    m_before: int
    m: int

    @property
    def text(self) -> str:
        """`p 0.9 -> 0.61, M 6 -> 1`."""
        if self.p == self.p_before:
            return f"p is {self.p} already, M {self.m}"
        return f"p {self.p_before} -> {self.p}, M {self.m_before} -> {self.m} from now on"


def adopt(ledger: Ledger, testcase: str, when: Actor, *, p: str | None = None) -> Adopted:
    """Let the estimate of p_tc, or another p, hold from now on (rule Q19)."""
    with queue_transaction(ledger, when.at, when.actor) as act:
        number = in_force(act.connection, testcase)
        before = next(each for each in all_testcases(act.connection) if each.id == number)
        wanted = p or estimate_of(act.connection, before).p_text
        if wanted != before.p:
            act.append(PAdopted(testcase, wanted))
    return Adopted(testcase, before.p, wanted, before.m, max_units(wanted))


def estimate_of(connection: sqlite3.Connection, testcase: Testcase) -> Estimate:
    """The estimate of a testcase's p from its verdicts and what its open failed runs must hold (rule Q19)."""
    good, bad = connection.execute("SELECT good, bad FROM testcases WHERE id = ?", (testcase.id,)).fetchone()
    return estimate(testcase.p, good, bad, disjoint_sizes(run.suspects for run in open_runs(connection, testcase)))


def disjoint_sizes(suspects: Iterable[Sequence[str]]) -> tuple[int, ...]:
    """The sizes of the suspect sets that are counted: smallest first, then oldest, none that overlaps another."""
    taken: set[str] = set()
    sizes = []
    for each in sorted(suspects, key=len):
        if taken.isdisjoint(each):
            taken.update(each)
            sizes.append(len(each))
    return tuple(sizes)
