"""Runs, rejected files and their artifacts for tests of the screen Runs: a real series, and a folder if wished."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateconsole.engine.series import Series
from gateconsole.model import STRATA, Completeness, Diagnostic, Rejected, Run, Stratum
from gateconsole.snapshot import Snapshot
from tests.screens.fake import LISTED, MINUTE, NOON

FAULTY = '{\n  "run_id": "run-9001",\n  "outcome": PASS\n}\n'


class Tree:
    """A growing series; with `root`, each run's artifact is written there too."""

    def __init__(self, runs: int = 0, root: Path | None = None) -> None:
        self.root = root
        self.rejected: tuple[Rejected, ...] = ()
        self.pending: tuple[str, ...] = ()
        self._series = Series()
        self._series.judge_by(LISTED)
        self._series.keep_recent(NOON, charts=True)
        self._dice = random.Random(7)
        self._number = 0
        self._generation = 0
        for _ in range(runs):
            self.arrive(time=NOON - (runs - 1 - self._number) * 20 * MINUTE)

    def arrive(self, time: int | None = None, folder: str = "", **fields: Any) -> str:
        """One more run, a minute after the last `NOON` if no time is given; its id."""
        number = self._number
        self._number += 1
        run = replace_run(self._made(number, NOON + number * MINUTE if time is None else time), fields)
        plain = len(run.run_id) < 100 and run.run_id.isprintable()
        folder = folder or (f"ci/{run.run_id}" if plain else f"ci/{number}")
        self._series.put(number, folder, run)
        if self.root is not None:
            (self.root / folder).mkdir(parents=True)
            (self.root / folder / "gate_result.json").write_text(artifact(run))
        return run.run_id

    def reject(self, number: int = 1) -> None:
        """Files that are no run."""
        faults = (
            ("line 3, column 14", "not_one_json_object", "expected a value; write one JSON object a file"),
            ("", "too_large", "17.2 MB; at most 16 MB are read"),
            ("byte 12", "not_utf8", "expected UTF-8; write the artifact as UTF-8"),
        )
        for place in range(len(self.rejected), len(self.rejected) + number):
            folder = f"ci/run-{9001 + place}"
            since = NOON - place * MINUTE
            self.rejected += (Rejected(f"{folder}/gate_result.json", *faults[place % 3], since),)
            if self.root is not None:
                (self.root / folder).mkdir(parents=True)
                (self.root / folder / "gate_result.json").write_text(FAULTY)

    def snapshot(self, **changes: Any) -> Snapshot:
        """What is known now."""
        now = NOON + 5 * MINUTE
        self._series.settle(now)
        self._generation += 1
        policies = self._series.policies(now)
        parsed, rejected, pending = self._series.parsed, len(self.rejected), len(self.pending)
        lost = self._series.lost()
        made = Snapshot(
            generation=self._generation,
            root="ci-artifacts",
            phase="live",
            mode="inotify",
            completeness=Completeness(parsed + rejected + pending + len(lost), parsed, pending, rejected, len(lost)),
            newest=max((one.newest for one in policies if one.newest is not None), default=None),
            taken_at=now,
            policies=policies,
            rejected=self.rejected,
            pending=self.pending,
            duplicates=lost,
            whitelist=LISTED,
            runs=self._series.runs(),
            diagnostics=lambda: (
                ("ci/run-4002/gate_result.json", (Diagnostic("rate_unusable", "unknown_rate", "4%"),)),
            ),
        )
        return replace(made, **changes)

    def _made(self, number: int, time: int) -> Run:
        dice = self._dice
        rate: float | None = dice.choice([0.0] * 5 + [0.0025, 0.005, 0.0075, 0.02])
        outcome = "PASS" if not rate else dice.choice(["PASS", "COMMENT"])
        reasons = tuple(dice.sample(["unknown_field_missing", "ntp_offset"], dice.choice([1, 1, 2]))) if rate else ()
        throw = dice.random()
        if throw < 0.1:
            rate, outcome, reasons = dice.choice([0.03, 0.055, 0.08]), dice.choice(["WARN", "REVIEW"]), ("flaky_test",)
        elif throw < 0.16:
            rate, outcome, reasons = 0.0, dice.choice(["FAIL", "BLOCK"]), ("schema_violation",)
        elif throw < 0.18:
            rate, reasons = None, ()
        policy = ("a6f53e", "a6f53e", "b71c02", "c0ffee")[dice.randrange(4)]
        strata: tuple[Stratum | None, ...] = (*STRATA, None)
        stratum = dice.choice(strata)
        return Run(f"run-{4000 + number}", time, policy, outcome, rate, reasons, stratum)


def replace_run(run: Run, fields: dict[str, Any]) -> Run:
    """A run with other fields."""
    return run._replace(**fields)


def artifact(run: Run) -> str:
    """What stands in the file of a run."""
    fields = {
        "run_id": run.run_id,
        "policy_hash": run.policy_hash,
        "outcome": run.outcome,
        "unknown_rate": run.unknown_rate,
        "top_reasons": list(run.top_reasons),
        "stratum": run.stratum,
        "mode": "comment",
    }
    return json.dumps({name: value for name, value in fields.items() if value is not None}, indent=2) + "\n"
