"""Which file does which act of `gateconsole queue`; only that one is loaded."""

from __future__ import annotations

import argparse
import importlib
from typing import Final

from gateconsole.commands.queue_place import place_of, said

_DONE_BY: Final = {
    "queue_builders": ("next", "report", "base", "lost", "mark"),
    "queue_whole": ("sync", "status", "log", "import", "audit"),
}
"""File -> acts; all others are done by queue_operators."""


def perform(args: argparse.Namespace) -> int:
    """Do what the command line says; its exit code."""
    name = next((file for file, acts in _DONE_BY.items() if args.act in acts), "queue_operators")
    place = place_of(args)
    with said():
        module = importlib.import_module(f"gateconsole.commands.{name}")
        code: int = module.PERFORM[args.act](args, place)
    return code
