"""A whitelist as the screen shows it: a real file and ledger in a folder, over the judged series of `fake_alerts`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateconsole.judgement.alerts import alerts
from gateconsole.model import WHITELIST_NAME
from gateconsole.snapshot import Banner, Snapshot
from gateconsole.tui.shell.operator import Operator
from gateconsole.whitelist.file import read
from gateconsole.whitelist.history import WhitelistAct, history
from gateconsole.whitelist.operator_acts import WhitelistFile, whitelist_file
from tests.screens.fake import policy
from tests.screens.fake_alerts import FakeAlerts, _recent

ENTRIES: tuple[dict[str, Any], ...] = (
    {
        "reason": "ntp_offset",
        "justification": "clock drift on tb7, fixed in March",
        "scope": "unpinned",
        "added_by": "ada",
        "added_at": "2025-11-10",
        "review_by": "2026-02-20",
    },
    {
        "reason": "old_tool",
        "justification": "the tool is gone since 2.3",
        "scope": "pinned",
        "added_by": "ada",
        "added_at": "2026-01-10",
        "review_by": "2026-03-10",
    },
    {
        "reason": "unknown_field_missing",
        "justification": "older runs lack the field",
        "scope": None,
        "added_by": "mika",
        "added_at": "2026-02-19",
        "review_by": "2026-05-20",
        "ticket": "OPS-7",
    },
    {
        "reason": "unknown_field_missing",
        "justification": "the same, for the pinned ones",
        "scope": "pinned",
        "added_by": "mika",
        "added_at": "2026-02-20",
        "review_by": "2026-05-21",
    },
)


class FakeWhitelist(FakeAlerts):
    """A root with a whitelist file; the Snapshot is of what the file says now."""

    def __init__(self, root: Path) -> None:
        super().__init__(root / ".gateconsole" / "ledger.db")
        self.root = root
        self.file = root / WHITELIST_NAME

    def filled(self) -> FakeWhitelist:
        """The series, and four entries: overdue, due and unused, active, shadowed."""
        super().filled()
        self.write(*ENTRIES)
        return self

    def write(self, *entries: dict[str, Any]) -> None:
        """Somebody else writes the file, in the form this program writes it."""
        self.file.write_text(json.dumps({"version": 1, "entries": list(entries)}, indent=2, ensure_ascii=False) + "\n")

    def snapshot(self, **changes: Any) -> Snapshot:
        """What is known now."""
        whitelist = read(self.file)
        made = super().snapshot()
        hashes = [one.policy_hash for one in made.policies]
        found = [policy(name, [_recent(row) for row in self.rows if row[2] == name], whitelist) for name in hashes]
        acts = () if made.acts is None else made.acts.alerts
        banners = () if whitelist.problem is None else (Banner("whitelist_broken", whitelist.problem, "mend the file"),)
        made = replace(
            made,
            whitelist=whitelist,
            policies=tuple(found),
            alerts=alerts(made.spikes, acts, whitelist, self.now),
            banners=banners,
        )
        return replace(made, **changes)

    def hand(self, writes: bool = True, actor: str = "ada") -> Operator:
        """Who acts at the screen, at the time of the Snapshot."""
        return Operator(self.path, actor, writes, lambda: self.now)

    @property
    def place(self) -> WhitelistFile:
        """Where file and ledger are."""
        return whitelist_file(self.root)

    def history(self) -> tuple[WhitelistAct, ...]:
        """What the ledger has of it, oldest first."""
        return history(self.path)

    def entries(self) -> list[dict[str, Any]]:
        """The entries of the file now."""
        found: list[dict[str, Any]] = json.loads(self.file.read_text())["entries"]
        return found


@pytest.fixture
def listed(tmp_path: Path) -> FakeWhitelist:
    """Four entries over four policies."""
    return FakeWhitelist(tmp_path).filled()
