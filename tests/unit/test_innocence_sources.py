"""Any order of artifacts, reports, rewrites and restores against a naive reading of rules Q8 and Q20."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateconsole.patch_queue import backup, builder_acts, schema
from gateconsole.patch_queue.artifact_results import Artifact, BookingOutcome, book
from gateconsole.patch_queue.audit import audit
from gateconsole.patch_queue.builder_acts import VerdictChanges
from gateconsole.patch_queue.reported_results import ReportedResult
from gateconsole.patch_queue.state import replay
from gateconsole.patch_queue.timeline import timeline
from tests.tools.queue_in_memory import TC, Queue, memory_ledger

MEANS = {"PASS": "pass", "COMMENT": "pass", "WARN": "pass", "REVIEW": "nothing", "FAIL": "fail", "BLOCK": "fail"}
PATHS = ("debian", "fedora", "suse")
REFUSED = "REFUSED"
"""Stands for an artifact whose patches disagree."""


@dataclass
class Said:
    """A run, and what each source says of it now."""

    name: str
    patches: tuple[str, ...]
    reports: set[str] = field(default_factory=set)
    artifacts: dict[str, str] = field(default_factory=dict)
    silenced: bool = False
    ignored: set[str] = field(default_factory=set)

    @property
    def words(self) -> set[str]:
        outcomes = [outcome for path, outcome in self.artifacts.items() if path not in self.ignored]
        return self.reports | {MEANS[outcome] for outcome in outcomes if outcome in MEANS}

    @property
    def in_flight(self) -> bool:
        return not self.silenced and not self.words

    def artifact(self, path: str, outcome: str) -> None:
        if MEANS.get(outcome) != MEANS.get(self.artifacts.get(path, "")):
            self.ignored.discard(path)
        self.artifacts[path] = outcome

    def mark(self, nothing: bool) -> None:
        """An operator's mark; to let a run speak that speaks is no act."""
        if not nothing and (self.silenced or self.words == {"nothing"}):
            self.ignored |= {path for path, outcome in self.artifacts.items() if MEANS.get(outcome) == "nothing"}
        self.silenced = nothing


class World:
    """The queue, the files on disk, and what the rows say of them."""

    def __init__(self) -> None:
        self.queue = Queue("0.8", literal=False, patches=5)
        self.runs: list[Said] = []
        self.files: dict[str, tuple[str, tuple[str, ...], str]] = {}
        self.saved: tuple[list[str], list[Said]] | None = None
        self.names: set[str] = set()

    def step(self, what: int, which: int, outcome: str) -> None:
        acts: tuple[Callable[[int, str], None], ...] = (
            self.dispatch, self.write, self.write, self.write, self.report,
            self.mark, self.save, self.restore, self.look,
        )  # fmt: skip
        acts[what % len(acts)](which, outcome)

    def dispatch(self, which: int, outcome: str) -> None:
        given_run = self.queue.next()
        if given_run.run is not None:
            assert given_run.run not in self.names, "a run id was given twice"
            self.names.add(given_run.run)
            self.runs.append(Said(given_run.run, given_run.patches))

    def write(self, which: int, outcome: str) -> None:
        if self.runs:
            run = self.runs[which // len(PATHS) % len(self.runs)]
            path = PATHS[which % len(PATHS)]
            self.files[path] = run.name, run.patches, outcome
            self.book([path])

    def look(self, which: int, outcome: str) -> None:
        """Everything on disk is seen anew, as by a console that starts; in any order."""
        order = sorted(self.files)
        self.book(order[which % 3 :] + order[: which % 3])

    def book(self, paths: list[str]) -> None:
        artifacts = []
        for path in paths:
            name, patches, outcome = self.files[path]
            claimed = patches[1:] if outcome == REFUSED else patches
            artifacts.append(
                Artifact(path, "PASS" if outcome == REFUSED else outcome, ReportedResult(name, TC, claimed))
            )
            for run in self.runs:
                if run.name == name and (path in run.artifacts or outcome != REFUSED):
                    run.artifact(path, outcome)
        results = book(self.queue.ledger, artifacts, self.queue.when())
        assert effects(book(self.queue.ledger, artifacts, self.queue.when())) == [], "a state is booked once"
        assert len(effects(results)) <= len(paths)

    def report(self, which: int, outcome: str) -> None:
        if self.runs:
            number = which % len(self.runs)
            result = "fail" if MEANS.get(outcome) == "fail" else "pass"
            builder_acts.report(self.queue.ledger, self.runs[number].name, result, self.queue.when())
            self.runs[number].reports.add(result)

    def mark(self, which: int, outcome: str) -> None:
        if self.runs:
            run = self.runs[which % len(self.runs)]
            nothing = not run.silenced if run.silenced or MEANS.get(outcome) == "pass" else False
            builder_acts.mark(self.queue.ledger, run.name, "nothing" if nothing else "speaks", "", self.queue.when())
            run.mark(nothing)

    def save(self, which: int, outcome: str) -> None:
        self.saved = list(backup.lines(self.queue.ledger)), copy.deepcopy(self.runs)

    def restore(self, which: int, outcome: str) -> None:
        """The ledger is lost; the back-up comes into a new one. The files stay as they are."""
        if self.saved is not None:
            seconds, self.queue = self.queue.seconds, Queue.__new__(Queue)
            self.queue.ledger, self.queue.seconds = memory_ledger(), seconds
            backup.restore(self.queue.ledger, self.saved[0], self.queue.when())
            self.runs = copy.deepcopy(self.saved[1])

    def verdict(self, patch: str) -> str:
        speaking = [run for run in self.runs if patch in run.patches and not run.silenced]
        if any(len(run.patches) == 1 and "fail" in run.words for run in speaking):
            return "bad"
        return "good" if any("pass" in run.words and "fail" not in run.words for run in speaking) else ""

    def check(self) -> None:
        board = self.queue.board()
        assert {row.patch: row.verdict for row in board.testcases[0].patches} == {
            patch: self.verdict(patch) for patch in ("1", "2", "3", "4", "5")
        }
        assert {run.run for run in board.testcases[0].in_flight} == {run.name for run in self.runs if run.in_flight}
        torn = {each.run for each in board.conflicts if each.what == "run_contradicts_itself"}
        assert torn == {run.name for run in self.runs if {"pass", "fail"} <= run.words}


def effects(results: list[BookingOutcome]) -> list[BookingOutcome]:
    return [one for one in results if isinstance(one.outcome, VerdictChanges)]


OUTCOMES = st.sampled_from([*MEANS, "MAYBE", REFUSED])
STEPS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 11), OUTCOMES), max_size=30)


@settings(max_examples=120)
@given(STEPS)
@example([(1, 0, "REVIEW"), (5, 0, "FAIL")])  # an operator lets a run speak of which an artifact said nothing
@example([(1, 0, "PASS"), (1, 1, "FAIL"), (1, 2, "PASS")])  # the legs of a matrix
@example(
    [(6, 0, "PASS"), (0, 0, "PASS"), (7, 0, "PASS"), (0, 0, "PASS")]
)  # a lost ledger dispatched behind its back-up
def test_verdicts_are_those_of_a_naive_reading_at_every_step(steps: list[tuple[int, int, str]]) -> None:
    world = World()
    for step in [(0, 0, "PASS"), *steps]:
        world.step(*step)
        world.check()


@settings(max_examples=60)
@given(STEPS)
def test_the_replay_of_the_ledger_is_the_same_state_and_the_audit_finds_nothing(
    steps: list[tuple[int, int, str]],
) -> None:
    world = World()
    for step in [(0, 0, "PASS"), *steps]:
        world.step(*step)
    ledger = world.queue.ledger
    with ledger.reading() as connection:
        assert schema.differences(connection, replay(list(ledger.events()))) is None
    assert audit(ledger).difference is None
    copied = memory_ledger()
    backup.restore(copied, list(backup.lines(ledger)), world.queue.when())
    with copied.reading() as left, ledger.reading() as right:
        assert schema.differences(left, right) is None
    for patch in ("1", "2", "3", "4", "5"):
        last = timeline(list(ledger.events()), TC, patch)[-1]
        assert last.verdict == world.verdict(patch)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from([*PATHS, "report"]), st.sampled_from([*MEANS])), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_what_came_first_decides_nothing(words: list[tuple[str, str]], random: object) -> None:
    last = {source: outcome for source, outcome in words if source != "report"}
    reports = [MEANS[outcome] for source, outcome in words if source == "report" and MEANS[outcome] != "nothing"]
    states = []
    for _ in range(3):
        queue = Queue("0.8", patches=3)
        run = queue.next()
        todo: list[Callable[[], object]] = [
            *(
                lambda path=path, outcome=outcome, queue=queue, run=run: book(
                    queue.ledger, [Artifact(path, outcome, ReportedResult(str(run.run), TC, run.patches))], queue.when()
                )
                for path, outcome in last.items()
            ),
            *(lambda result=result, queue=queue: queue.report(1, result) for result in reports),
        ]
        random.shuffle(todo)  # type: ignore[attr-defined]
        for act in todo:
            act()
        runs = [(row.state, row.suspects) for row in queue.testcase().in_flight]
        states.append((queue.states(), runs, [each.what for each in queue.board().conflicts]))
    assert states[0] == states[1] == states[2]
