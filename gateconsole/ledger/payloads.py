"""What the events of the queue say (rules 3): one payload a kind, only texts, numbers, booleans and lists of text.

Names are those of testcases, patches and runs. A payload never changes its meaning: a new meaning is a new version.
"""

from __future__ import annotations

from typing import NamedTuple


class LedgerCreated(NamedTuple):
    """The first event of every ledger: its four random hex digits, which begin every run id (rule Q20)."""

    ledger: str


class LedgerContinued(NamedTuple):
    """A ledger that came out of a back-up dispatches under these four hex digits from now on (rule Q20)."""

    ledger: str


class TestcaseConfigured(NamedTuple):
    """A testcase as it is from now on. `p` is the decimal as typed; `text` is longer or shorter (rules Q1, Q3)."""

    testcase: str
    p: str
    text: str
    literal: bool
    strategy: str


class TestcaseRenamed(NamedTuple):
    """A testcase has another name from now on; everything of it stays (rule Q16)."""

    testcase: str
    name: str


class TestcaseRetired(NamedTuple):
    """A testcase is out of every overall and gets no run any more; its history stays (rule Q16).

    Configured again it is in force again.
    """

    testcase: str
    reason: str


class PatchSubmitted(NamedTuple):
    """A patch arrived. No `testcases`: all, those configured later too. `first`: before all of equal k (rule Q13)."""

    patch: str
    testcases: tuple[str, ...]
    first: bool


class PatchPutFirst(NamedTuple):
    """A patch that waits goes before all of equal k (rule Q22)."""

    patch: str


class PatchRevised(NamedTuple):
    """A patch was superseded by another one (rule Q14)."""

    patch: str
    successor: str


class PatchWithdrawn(NamedTuple):
    """A patch left without further verdict (rule Q14)."""

    patch: str
    reason: str


class PatchConflicted(NamedTuple):
    """A patch does not apply beside the others: it leaves consideration (rule Q14)."""

    patch: str
    reason: str


class PatchLanded(NamedTuple):
    """A patch is in the base now: it leaves consideration and keeps its verdicts (rule Q14)."""

    patch: str


class PatchHeld(NamedTuple):
    """A patch is not to be built until it is released."""

    patch: str
    reason: str


class PatchReleased(NamedTuple):
    """A patch that was held or conflicting is considered again."""

    patch: str


class RunDispatched(NamedTuple):
    """A run was given to a builder: the decision as it was made, applied from then on, never made again.

    `kind` is optimistic or pessimistic; `patches` in the rule's order; `credits` are the runs credited by it; `p` and
    `m` held at that time; `base` is the commit it is built on; `request` makes a retry return the same run.
    `anyway`: on this base even if it was known red (rule Q15); nobody looked at that before version 2.
    """

    run: str
    testcase: str
    kind: str
    patches: tuple[str, ...]
    credits: tuple[str, ...]
    p: str
    m: int
    builder: str
    base: str | None
    request: str | None
    anyway: bool = True


class RunResult(NamedTuple):
    """A run ended: `result` is pass or fail, `source` is report.

    Up to version 0.1 an artifact's result was such an event too, with the artifact's path as `source`.
    """

    run: str
    result: str
    source: str


class ArtifactResult(NamedTuple):
    """What an artifact says of a run from now on; what it said of that run before is taken back (rule Q20).

    `path` is the artifact's; `says` is pass, fail, nothing or unusable: then it is no result any more. `outcome` is
    the artifact's own word.
    """

    run: str
    path: str
    says: str
    outcome: str


class RunLost(NamedTuple):
    """An operator gave a run up; a late result counts all the same (rules Q8, Q12)."""

    run: str
    reason: str


class BaseResult(NamedTuple):
    """After a failed run its base was built: pass or fail (rule Q15).

    Since version 2 it speaks for the commit: of version 1 a failure silences its own run only.
    """

    run: str
    result: str


class RunMarked(NamedTuple):
    """A run says nothing (`says` is nothing), or speaks again (`speaks`) (rule Q10)."""

    run: str
    says: str
    reason: str


class PatchReopened(NamedTuple):
    """A verdict was wrong: runs with a result by now no longer speak for the patch there (rule Q11)."""

    patch: str
    testcases: tuple[str, ...]
    reason: str


class TestcasePaused(NamedTuple):
    """Nothing is dispatched for a testcase, or for none at all (null)."""

    testcase: str | None
    reason: str


class TestcaseResumed(NamedTuple):
    """The pause of a testcase, or every pause (null), is over."""

    testcase: str | None


class PAdopted(NamedTuple):
    """From now on `p` holds for a testcase: an estimate somebody believes (rule Q19)."""

    testcase: str
    p: str
