"""Alerts as the screen shows them: a judged series with one alert of each kind, and a real ledger for the acts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateconsole.judgement.alerts import Alert, adoptions, alerts, silence
from gateconsole.judgement.episodes import RunRef
from gateconsole.judgement.operator_acts import Acts, acknowledge, replay_acts, snooze
from gateconsole.judgement.silence import RunPulse
from gateconsole.judgement.spikes import judge_policies
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.model import Entry, Stratum, Whitelist
from gateconsole.snapshot import RecentRun, Snapshot
from gateconsole.statistics.runs_frame import Row, frame_of, with_run_ids
from gateconsole.text import join_list, split_list
from gateconsole.tui.shell.operator import Operator
from tests.screens.fake import MINUTE, NOON, of, policy

LISTED = Whitelist((Entry("ntp_offset", "clock drift on tb7", added_at="2026-02-19"),))
QUIET = 45
"""Calm runs before anything happens: the cut is a p95 then."""


class FakeAlerts:
    """A series that grows a run a minute a policy, and a ledger."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[Row] = []
        self.now = NOON + 5 * MINUTE
        self._numbers: dict[str, int] = {}

    def filled(self) -> FakeAlerts:
        """a6f53e fires, and has an old alert that resolved; b71c02 is provisional; c0ffee listed; d15ea5e pending."""
        self.calm("a6f53e", QUIET)
        self.spikes("a6f53e", 3, "disk_full")
        self.calm("a6f53e", 12)
        self.spikes("a6f53e", 4, "flaky_test", outcomes=("COMMENT", "WARN"))
        self.calm("b71c02", 4, 0.0)
        self.spikes("b71c02", 5, "artefact_missing", rate=0.03, outcomes=("REVIEW", "FAIL"))
        self.calm("c0ffee", QUIET)
        self.spikes("c0ffee", 3, "ntp_offset", stratum="unpinned")
        self.calm("d15ea5e", QUIET)
        self.spikes("d15ea5e", 2, "flaky_test")
        return self

    def calm(self, policy_hash: str, number: int, rate: float = 0.005) -> None:
        """Runs that are no spikes once there are enough of them."""
        for _ in range(number):
            self.run(policy_hash, rate, "PASS", ("unknown_field_missing",) if rate else ())

    def spikes(
        self,
        policy_hash: str,
        number: int,
        name: str,
        rate: float = 0.08,
        outcomes: Sequence[str] = ("COMMENT",),
        stratum: Stratum | None = "pinned",
    ) -> None:
        """Spikes that hold a class."""
        for place in range(number):
            self.run(policy_hash, rate + place / 100, outcomes[place % len(outcomes)], (name,), stratum)

    def run(
        self,
        policy_hash: str,
        rate: float,
        outcome: str,
        names: Iterable[str],
        stratum: Stratum | None = "pinned",
        **other: Any,
    ) -> None:
        """One more run."""
        number = self._numbers[policy_hash] = self._numbers.get(policy_hash, 0) + 1
        run_id = other.get("run_id", f"{policy_hash[0]}-{4000 + number}")
        time = NOON - 80 * MINUTE + number * MINUTE
        reasons = join_list(list(names))
        self.rows.append((run_id, time, policy_hash, outcome, rate, reasons, stratum, f"ci/{policy_hash}-{number}"))

    def acts(self) -> Acts:
        """What the ledger says."""
        ledger = Ledger.for_reading(self.path)
        if ledger is None:
            return Acts()
        found = replay_acts(ledger.events())
        ledger.close()
        return found

    def snapshot(self, **changes: Any) -> Snapshot:
        """What is known now."""
        acts = self.acts()
        runs = with_run_ids(frame_of(self.rows))
        pairs = [(name, one) for name, found in adoptions(acts.alerts).items() for one in found]
        spikes = judge_policies(runs, adoptions=pairs) if self.rows else {}
        silent = silence(RunPulse.of(runs, self.now).heartbeat(self.now), self.now)
        hashes = sorted({row[2] for row in self.rows})
        policies = [policy(name, [_recent(row) for row in self.rows if row[2] == name], LISTED) for name in hashes]
        made = replace(
            of(policies, whitelist=LISTED),
            taken_at=self.now,
            runs=lambda: runs,
            spikes=spikes,
            alerts=alerts(spikes, acts.alerts, LISTED, self.now, rows=[] if silent is None else [silent]),
            acts=acts,
        )
        return replace(made, **changes)

    def hand(self, writes: bool = True, actor: str = "ada") -> Operator:
        """Who acts at the screen, at the time of the Snapshot."""
        return Operator(self.path, actor, writes, lambda: self.now)

    def when(self, actor: str = "mika") -> Actor:
        """Somebody else acts now."""
        return Actor(self.now, actor)

    def acknowledge(self, key: tuple[str, str]) -> None:
        """Mika acknowledges an alert in another console."""
        self._act(key, acknowledge)

    def snooze(self, key: tuple[str, str]) -> None:
        """Mika snoozes an alert for an hour in another console."""
        until = self.now + 60 * MINUTE
        self._act(key, lambda ledger, alert, run, when: snooze(ledger, alert, run, until, when))

    def _act(self, key: tuple[str, str], do: Callable[[Ledger, Alert, RunRef, Actor], object]) -> None:
        snapshot = self.snapshot()
        alert = next(one for one in snapshot.alerts if one.key == key)
        last_run = snapshot.spikes[key[0]].last_run
        assert last_run is not None
        ledger = Ledger.for_writing(self.path)
        do(ledger, alert, last_run, self.when())
        ledger.close()

    def kinds(self) -> list[str]:
        """The kinds of all events in the ledger."""
        ledger = Ledger.for_reading(self.path)
        if ledger is None:
            return []
        found = [event.kind for event in ledger.events()]
        ledger.close()
        return found


def _recent(row: Row) -> RecentRun:
    names = split_list(row[5]) if row[4] else ()
    return RecentRun(row[0], row[1], row[6], row[3], row[4], names, row[7])


@pytest.fixture
def fake(tmp_path: Path) -> FakeAlerts:
    """One alert of each kind."""
    return FakeAlerts(tmp_path / "ledger.db").filled()
