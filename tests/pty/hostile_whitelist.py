"""A console on a hostile whitelist: reasons, justifications, people, dates, further keys. Started by a test."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from gateconsole.ledger.actor import Actor
from gateconsole.model import Entry
from gateconsole.tui.app import run_console
from gateconsole.whitelist import operator_acts
from gateconsole.whitelist.merge import EntryChange
from tests.pty.hostile import HOSTILE
from tests.screens.fake_whitelist import FakeWhitelist
from tests.screens.plain_source import PlainSource


def hostile_root(root: Path) -> FakeWhitelist:
    """Hostile classes in runs; an entry for each but the first, whose fields are all hostile; an act on each."""
    made = FakeWhitelist(root)
    made.calm("a6f53e", 4, 0.0)
    for number, text in enumerate(HOSTILE):
        made.run("a6f53e", 0.2, "FAIL" if number % 2 else "WARN", (text,), None, run_id=f"{text}{number}")
    entries = []
    for text in HOSTILE[1:]:
        texts = dict.fromkeys(("reason", "justification", "added_by", "added_at", "review_by"), text)
        entries.append({**texts, "scope": None, text: [text]})
    made.write(*entries)
    for entry in made.entries():
        seen = Entry(**{name: value for name, value in entry.items() if name in Entry._fields})
        change = EntryChange(seen, seen._replace(justification=f"{seen.justification} again"))
        done = operator_acts.apply_change(made.place, change, Actor(made.now, "tester"))
        assert isinstance(done, operator_acts.SavedChange)
    return made


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = hostile_root(Path(folder))
        snapshot = made.snapshot()
        code = run_console(
            lambda: PlainSource(snapshot), root_label="artifacts", theme=sys.argv[1], root=made.root, hand=made.hand
        )
    raise SystemExit(code)
