"""A console on a hostile queue: patches, testcases, builders, reasons, actors, warnings. Started by a test.

The ledger holds what a ledger can hold: names that are markup, and reasons, builders and actors of any text, as a
back-up from elsewhere brings them in. Beside it stands a testcase all of whose words are hostile.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.events import event_of, line_of
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import backup, builder_acts, operator_acts
from gateconsole.patch_queue.conflicts import Conflict
from gateconsole.patch_queue.overview import Board, Overall, TestcaseBoard, board
from gateconsole.patch_queue.seed_strategy import Candidate, StrategyChoice
from gateconsole.tui.app import run_console
from gateconsole.tui.shell.operator import Operator
from tests.pty.hostile import HOSTILE
from tests.screens.fake import MINUTE, NOON, full
from tests.screens.plain_source import PlainSource
from tests.tools.queue_in_memory import Queue

MARKUP = ("[/]", "[@click=app.quit]x[/]", "[link=http://x]y[/link]", "[bold red]z", "I5", "I6", "I7", "I8", "I9")
_FREE = ("reason", "builder", "base", "request", "source")
"""Fields of payloads that are nobody's name."""


def hostile_ledger(path: Path) -> Path:
    """A ledger in which a run failed, runs are in flight, patches are held, paused is a testcase."""
    queue = Queue("0.8", literal=False)
    when = queue.when()
    for patch in MARKUP:
        queue.submit(patch)
    for _ in range(4):
        queue.next()
    queue.report(1, "fail")
    builder_acts.base(queue.ledger, queue.run(1), "pass", when)
    queue.report(2, "pass")
    queue.report(2, "fail")
    builder_acts.mark(queue.ledger, queue.run(2), "nothing", "why", when)
    queue.lost(3)
    operator_acts.hold(queue.ledger, MARKUP[1], "why", when)
    operator_acts.conflict(queue.ledger, MARKUP[2], "why", when)
    operator_acts.withdraw(queue.ledger, MARKUP[8], "why", when)
    lines = [_spoilt(line, number) for number, line in enumerate(backup.lines(queue.ledger))]
    made = Ledger.for_writing(path)
    backup.restore(made, lines, Actor(1, "tester"))
    made.close()
    return path


def _spoilt(line: str, number: int) -> str:
    """The event with a hostile actor, and hostile text wherever any text may stand."""
    event, text = event_of(line), HOSTILE[(number + 5) % len(HOSTILE)]
    fields = json.loads(event.payload)
    said = {name: text if name in _FREE and value is not None else value for name, value in fields.items()}
    return line_of(
        event._replace(actor=text, payload=json.dumps(said, separators=(",", ":")).replace("\x7f", "\\u007f"))
    )


def hostile_board(path: Path) -> Board:
    """The ledger's board with a second testcase made of hostile words."""
    ledger = Ledger.for_reading(path)
    assert ledger is not None
    with ledger.reading() as connection:
        made = board(connection, NOON)
    ledger.close()
    worse = _worse(made.testcases[0])
    overall = tuple(Overall(text, "bad", text) for text in HOSTILE)
    clashes = tuple(Conflict("verdict_lost", worse.testcase.name, text, text, text) for text in HOSTILE[:2])
    return replace(
        made,
        testcases=(*made.testcases, worse),
        overall=(*made.overall, *overall),
        conflicts=(*made.conflicts, *clashes),
    )


def _worse(each: TestcaseBoard) -> TestcaseBoard:
    row, run, builder = each.patches[0], each.in_flight[0], each.builders[0]
    rows = tuple(
        row._replace(
            patch=text, why=text, in_flight=(text,), suspect_of=(text,), place=at + 1 if at % 2 else None, verdict=""
        )
        for at, text in enumerate(HOSTILE)
    )
    flying = tuple(run._replace(run=text, builder=text, base=text, patches=(text,) * 3) for text in HOSTILE)
    choice = StrategyChoice("optimistic", tuple(Candidate(text, 0, at) for at, text in enumerate(HOSTILE)), "innocent")
    return replace(
        each,
        testcase=each.testcase._replace(name=HOSTILE[0] + HOSTILE[5], paused=None),
        proposal=replace(each.proposal, choice=choice, credits=HOSTILE[:3]),
        patches=rows,
        in_flight=flying,
        open_runs=tuple(each.open_runs[0]._replace(run=text, suspects=(text, text)) for text in HOSTILE),
        builders=tuple(builder._replace(builder=text) for text in HOSTILE),
        warnings=HOSTILE[:3],
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        ledger = hostile_ledger(Path(folder) / "ledger.db")
        snapshot = replace(full(), queue=hostile_board(ledger), taken_at=NOON)
        code = run_console(
            lambda: PlainSource(snapshot),
            root_label="artifacts",
            theme=sys.argv[1],
            hand=lambda: Operator(ledger, "ada", True, lambda: NOON + MINUTE),
        )
    raise SystemExit(code)
