"""`gateconsole queue ...`: the innocence queue for build machines and operators (architecture 3, rules 3).

Loads neither polars nor textual: a builder asks often, over ssh.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, Final

from gateconsole.cli import COMMANDS
from gateconsole.cli.base import Parser, new_parser
from gateconsole.text import printable

LOGS: Final = False
"""Nothing it uses writes into the log by itself: without --log a builder does not wait for `logging` to load."""

_TESTCASE: Final = "a group of builders that give equal results, such as linux-gcc+checks"
_RUN: Final = "a run as `queue next` named it, such as 3f41-17"


def parser() -> Parser:
    """The command's options; the shared ones may stand before or behind the act."""
    made = new_parser("queue", COMMANDS["queue"])
    _add_shared(made)
    acts = made.add_subparsers(title="acts", dest="act", metavar="ACT", required=True, parser_class=_ActParser)
    for name, (summary, add) in _ACTS.items():
        acts.add_parser(name, help=summary, description=summary, allow_abbrev=False).add_later = add
    return made


class _ActParser(Parser):
    """The options of one act, made when they are needed: a builder waits for those of `next` only."""

    add_later: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Make the options, then parse."""
        if self.add_later is not None:
            self.add_later(self)
            _add_shared(self)
            self.add_later = None
        return super().parse_known_args(args, namespace)


def run(args: argparse.Namespace) -> int:
    """Do the act."""
    from gateconsole.cli.queue.dispatch_table import perform

    return perform(args)


def _add_shared(parser: argparse.ArgumentParser) -> None:
    add: Callable[..., Any] = parser.add_argument
    unsaid = argparse.SUPPRESS
    add("--root", metavar="ROOT", default=unsaid, help="artifact tree whose ledger it is (default: CI_ARTIFACT_PATH)")
    add("--ledger", metavar="FILE", default=unsaid, help="the ledger (default: .gateconsole/ledger.db in ROOT)")
    add("--as", metavar="NAME", dest="actor", default=unsaid, help="who acts (default: GATECONSOLE_ACTOR, the login)")
    add("--json", action="store_true", default=unsaid, help="print one JSON document")
    add(
        "--settings",
        metavar="FILE",
        default=unsaid,
        help="settings file, instead of those found",
    )
    add("--log", metavar="FILE", default=unsaid, help="append what happens to this file")
    add("--read-only", action=argparse.BooleanOptionalAction, default=unsaid, help=argparse.SUPPRESS)


def _configure(act: argparse.ArgumentParser) -> None:
    act.add_argument("testcase", metavar="TESTCASE", help=_TESTCASE)
    act.add_argument("--p", metavar="P", help="share of patches expected not to break it, such as 0.9")
    act.add_argument("--text", choices=("longer", "shorter"), help="which copy of the mail holds (default: longer)")
    act.add_argument(
        "--literal",
        action=argparse.BooleanOptionalAction,
        help="the mail to the letter: no guard against sending one suspect for ever when results are lost",
    )


def _submit(act: argparse.ArgumentParser) -> None:
    _patch(act)
    act.add_argument(
        "--testcase", metavar="T", action="append", help="only this one, repeatable; all: every one in force (default)"
    )
    act.add_argument(
        "--first", action="store_true", help="before all patches of equal innocence; also for a patch that waits"
    )
    act.add_argument("--revises", metavar="OLD", help="supersede another patch, unless it left already")


def _next(act: argparse.ArgumentParser) -> None:
    act.add_argument("testcase", metavar="TESTCASE", help=_TESTCASE)
    act.add_argument("--builder", metavar="NAME", help="who builds; needed unless --dry-run")
    act.add_argument(
        "--request", metavar="KEY", help="the same key gets the same run again while it is in flight, whoever asks"
    )
    act.add_argument(
        "--base", metavar="COMMIT", help="the commit it is built on; one that was built and failed gets no run"
    )
    act.add_argument("--anyway", action="store_true", help="also on a base that was built and failed")
    act.add_argument("--dry-run", action="store_true", help="only propose: nothing is dispatched")
    _no_sync(act)


def _rename(act: argparse.ArgumentParser) -> None:
    act.add_argument("testcase", metavar="OLD", help="its name until now")
    act.add_argument("name", metavar="NEW", help="its name from now on")


def _retire(act: argparse.ArgumentParser) -> None:
    act.add_argument("testcase", metavar="TESTCASE", help=_TESTCASE)
    _reason(act)


def _status(act: argparse.ArgumentParser) -> None:
    act.add_argument(
        "--all", action="store_true", help="also what was decided before queue_history (24h), and retired testcases"
    )
    _no_sync(act)


def _no_sync(act: argparse.ArgumentParser) -> None:
    act.add_argument("--no-sync", action="store_true", help="do not look for results in ROOT's artifacts first")


def _patch(act: argparse.ArgumentParser) -> None:
    act.add_argument("patch", metavar="PATCH", help="the patch's name: one revision is one patch")


def _patch_and_reason(act: argparse.ArgumentParser) -> None:
    _patch(act)
    _reason(act)


def _reason(act: argparse.ArgumentParser, required: bool = False) -> None:
    act.add_argument(
        "--reason", metavar="TEXT", type=printable, default="", required=required, help="why; kept in the ledger"
    )


def _reopen(act: argparse.ArgumentParser) -> None:
    _patch(act)
    act.add_argument("--testcase", metavar="T", action="append", help="only there, repeatable (default: all)")
    _reason(act, required=True)


def _run(act: argparse.ArgumentParser) -> None:
    act.add_argument("run", metavar="RUN", help=_RUN)


def _result(act: argparse.ArgumentParser) -> None:
    _run(act)
    act.add_argument("result", choices=("pass", "fail"))


def _lost(act: argparse.ArgumentParser) -> None:
    _run(act)
    _reason(act)


def _mark(act: argparse.ArgumentParser) -> None:
    _run(act)
    act.add_argument("says", choices=("says-nothing", "speaks"))
    _reason(act)


def _pause(act: argparse.ArgumentParser) -> None:
    _testcase_or_all(act)
    _reason(act, required=True)


def _testcase_or_all(act: argparse.ArgumentParser) -> None:
    act.add_argument("testcase", metavar="TESTCASE", nargs="?", help="only this one (default: all)")


def _adopt(act: argparse.ArgumentParser) -> None:
    act.add_argument("testcase", metavar="TESTCASE", help=_TESTCASE)
    act.add_argument("--p", metavar="P", help="this p instead of the estimate")


def _log(act: argparse.ArgumentParser) -> None:
    act.add_argument("--after", metavar="SEQ", type=int, default=0, help="only events behind this number")


def _import(act: argparse.ArgumentParser) -> None:
    act.add_argument("file", metavar="FILE", help="what `queue log` printed; - is stdin")


def _nothing(_: argparse.ArgumentParser) -> None:
    """No option of its own."""


_ACTS: Final[dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]]] = {
    "configure": ("make a testcase, or change what holds for it", _configure),
    "rename": ("give a testcase another name; everything of it stays", _rename),
    "retire": ("take a testcase out of every overall; its history stays", _retire),
    "submit": ("a patch arrives, or goes first", _submit),
    "next": ("give a builder what to build next", _next),
    "report": ("a run ended", _result),
    "base": ("after a failed run its base was built", _result),
    "lost": ("give a run up; a late result counts all the same", _lost),
    "mark": ("a run says nothing (infrastructure), or speaks again", _mark),
    "reopen": ("a verdict was wrong: the patch returns", _reopen),
    "withdraw": ("a patch leaves and never returns", _patch_and_reason),
    "conflict": ("a patch does not apply beside the others", _patch_and_reason),
    "land": ("a patch is in the base now", _patch),
    "hold": ("keep a patch from being built", _patch_and_reason),
    "release": ("a held or conflicting patch is considered again", _patch),
    "pause": ("dispatch nothing until resumed", _pause),
    "resume": ("dispatch again", _testcase_or_all),
    "adopt": ("let the estimate of p hold from now on", _adopt),
    "sync": ("book the results in ROOT's artifacts", _nothing),
    "status": ("testcases, patches, runs, conflicts", _status),
    "log": ("print every event as a line of JSON: the back-up", _log),
    "import": ("bring a back-up into a new ledger", _import),
    "audit": ("make every decision again and say the first difference", _nothing),
}
"""Act -> its line of help, and what adds its options."""
