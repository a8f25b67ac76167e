"""The states of the console that are looked at, drawn and compared: name -> Snapshot.

`python -m tests.screens.states NAME [THEME]` shows one in a terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

from gateconsole.model import Completeness, Whitelist
from gateconsole.snapshot import Snapshot
from gateconsole.tui.app import run_console
from tests.screens.fake import BROKEN_WHITELIST, NOON, REJECTED, ROOT_MISSING, full, made_runs, of, policy
from tests.screens.plain_source import PlainSource


def rejected() -> Snapshot:
    """Files that are no runs, files still being written, a folder nobody can read."""
    whole = full()
    parts = Completeness(seen=1121, parsed=1092, pending=3, rejected=26, gone=4, unreadable_folders=1)
    return replace(whole, completeness=parts, rejected=REJECTED)


def whitelist_broken() -> Snapshot:
    """The whitelist cannot be read: nothing is listed."""
    none = Whitelist(problem=BROKEN_WHITELIST.text)
    whole = of((policy("a6f53e", made_runs(412, 7), none), policy("b71c02", made_runs(38, 11), none)), whitelist=none)
    return replace(whole, banners=(BROKEN_WHITELIST,))


STATES: dict[str, Callable[[], Snapshot]] = {
    "full": full,
    "empty": lambda: of(()),
    "loading": lambda: Snapshot(phase="loading", progress=(41_200, 100_000), mode="starting", taken_at=NOON),
    "root_missing": lambda: Snapshot(phase="waiting", mode="polling", banners=(ROOT_MISSING,), taken_at=NOON),
    "root_gone_later": lambda: replace(full(), phase="waiting", banners=(ROOT_MISSING,)),
    "whitelist_broken": whitelist_broken,
    "rejected": rejected,
    "only_rejected": lambda: replace(of(()), completeness=Completeness(seen=26, rejected=26), rejected=REJECTED),
}


if __name__ == "__main__":
    name, *theme = sys.argv[1:]
    ascii_only = "--ascii" in theme
    theme = [word for word in theme if word != "--ascii"]
    raise SystemExit(
        run_console(
            lambda: PlainSource(STATES[name]()),
            root_label="ci-artifacts",
            theme=theme[0] if theme else "gate-dark",
            ascii_only=ascii_only,
        )
    )
