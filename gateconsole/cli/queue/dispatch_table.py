"""Which file does which act of `gateconsole queue`; only that one is loaded."""

from __future__ import annotations

import argparse
import importlib
from typing import Final

from gateconsole.cli.base import explicit_ledger
from gateconsole.cli.queue.context import queue_context

_DONE_BY: Final = {
    "builders": ("next", "report", "base", "lost", "mark"),
    "ledger": ("sync", "status", "log", "import", "audit"),
}
"""File -> acts; all others are done by operators.py."""


def perform(args: argparse.Namespace) -> int:
    """Do what the command line says; its exit code."""
    name = next((file for file, acts in _DONE_BY.items() if args.act in acts), "operators")
    place = queue_context(args)
    with explicit_ledger():
        module = importlib.import_module(f"gateconsole.cli.queue.{name}")
        code: int = module.PERFORM[args.act](args, place)
    return code
