"""Which whitelist an act is about, who acts, and when: what the acts of `gateconsole whitelist` share."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from gateconsole.cli.base import UNUSABLE, USAGE, CommandError, explicit_ledger, named_root, now
from gateconsole.ledger.actor import Actor
from gateconsole.model import Entry, Stratum, Whitelist
from gateconsole.settings.settings import ROOT_VARIABLE, Settings
from gateconsole.text import printable
from gateconsole.whitelist import file, operator_acts
from gateconsole.whitelist.lookalikes import find_look_alikes
from gateconsole.whitelist.safe_write import WhitelistUnusableError

NO_PLACE = f"""no ROOT and no whitelist: say whose whitelist it is, by one of
  --root ROOT                the artifact tree; its whitelist is ROOT/unknown_whitelist.json
  --whitelist FILE           the whitelist itself
  {ROOT_VARIABLE}=ROOT      the same as --root by the environment"""

SCHEMA = 1
"""The `schema` of every JSON document of this program."""


class WhitelistContext(NamedTuple):
    """Where an act takes place, who acts, and what the settings say."""

    place: operator_acts.WhitelistFile
    settings: Settings
    actor: str

    def when(self) -> Actor:
        """Who acts, now."""
        return Actor(now(), self.actor)

    def whitelist(self) -> Whitelist:
        """The whitelist in force. Failure (3) for a broken one."""
        found = file.read(self.place.file)
        if found.problem is not None:
            raise CommandError(found.problem, UNUSABLE)
        return found


def whitelist_context(args: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> WhitelistContext:
    """The place of a command line. Failure (2) when nothing names a whitelist."""
    named = named_root(args, environ)
    whitelist = named.settings.path("whitelist")
    if named.root is None and whitelist is None:
        raise CommandError(NO_PLACE, USAGE)
    return WhitelistContext(
        operator_acts.whitelist_file(named.root, whitelist, named.ledger), named.settings, named.actor
    )


@contextmanager
def refusals() -> Iterator[None]:
    """What the whitelist refuses as Failure: 2 for what was asked, 3 for a file or ledger that cannot be used."""
    try:
        with explicit_ledger():
            yield
    except WhitelistUnusableError as error:
        raise CommandError(str(error), UNUSABLE) from error


def scope_of(word: str) -> Stratum | None:
    """A scope as it was said; `all` is None."""
    return "pinned" if word == "pinned" else "unpinned" if word == "unpinned" else None


def chosen(whitelist: Whitelist, reason: str, scope: str | None) -> Entry:
    """The entry that is meant: of the reason, and of the scope if one is said. Failure (2): none, or several."""
    found = [entry for entry in whitelist.entries if entry.reason == reason]
    if scope is not None:
        found = [entry for entry in found if entry.scope == scope_of(scope)]
    if not found:
        alike = find_look_alikes(reason, (entry.reason for entry in whitelist.entries))
        hint = "".join(f"; {printable(one.reason)} {one.text}" for one in alike)
        raise CommandError(f"{printable(reason)}: no such entry: see `gateconsole whitelist list`{hint}", USAGE)
    scopes = list(dict.fromkeys(entry.scope or "all" for entry in found))
    if len(scopes) > 1:
        raise CommandError(f"{printable(reason)} is listed for {' and '.join(scopes)}: say which with --of", USAGE)
    return found[-1]


def wants_json(args: argparse.Namespace) -> bool:
    """Whether one JSON document is asked for."""
    return getattr(args, "json", False)


def print_json(document: dict[str, Any]) -> None:
    """Print a document as one line of ASCII without a control character."""
    print(json.dumps({"schema": SCHEMA, **document}, allow_nan=False).replace("\x7f", "\\u007f"))


def entry_document(entry: Entry | None) -> dict[str, Any] | None:
    """An entry as JSON has it: the fields of the file, scope null for all runs."""
    return None if entry is None else entry._asdict()
