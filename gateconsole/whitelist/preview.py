"""What a change of the whitelist would do, before it is saved: the same figures, both ways (rules G17-G19, G24).

A `Previewer` is made once of a Snapshot's runs and judgements, on a worker; each `preview` then only looks at runs that
hold the reason at hand, so that it can be had after every key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

import polars as pl

from gateconsole.judgement.alerts import Alert
from gateconsole.judgement.alerts import alerts as alerts_of
from gateconsole.judgement.effects import Risk, risk
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.model import Entry, Stratum, Whitelist
from gateconsole.statistics.run_order import in_order
from gateconsole.statistics.runs_frame import RUNS_SCHEMA
from gateconsole.whitelist.merge import EntryChange, changed
from gateconsole.whitelist.run_groups import (
    KEYS,
    Counts,
    base_of,
    cells_of,
    changes_by_entry,
    is_whitelisted,
    marked_runs,
)

FAILS_NAMED: Final = 20
"""FAIL / BLOCK runs that a preview names, the last ones in the order of rule G5; it counts them all."""

ALL: Final = "all"
"""The stratum of a row about a whole policy."""


class FailRun(NamedTuple):
    """A covered run with a FAIL signal: it stays what it is. Raw text; `timestamp` in microseconds UTC."""

    run_id: str
    policy_hash: str
    stratum: Stratum | None
    outcome: str
    timestamp: int | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes in one policy, whole (`stratum` ALL) or in one stratum. Policies are never pooled (rule G27).

    `runs`: covered runs; `spikes`: spikes among them; `fails`: covered runs with a FAIL signal. `alarms`: A of DOMAIN
    rule G24. `n_valid`: valid runs, which RD and RR are of.
    """

    policy_hash: str
    stratum: Stratum | Literal["all"] | None
    runs: int
    spikes: int
    fails: int
    alarms: int
    n_valid: int
    before: Counts
    after: Counts

    @property
    def risk_before(self) -> Risk:
        """RD and RR as they are (rule G19)."""
        return risk(self.n_valid, *self.before[2:])

    @property
    def risk_after(self) -> Risk:
        """RD and RR after the change."""
        return risk(self.n_valid, *self.after[2:])

    @property
    def reduction_before(self) -> float | None:
        """(A - B) / A as it is; None for A = 0."""
        return (self.alarms - self.before.left) / self.alarms if self.alarms else None

    @property
    def reduction_after(self) -> float | None:
        """(A - B) / A after the change; None for A = 0."""
        return (self.alarms - self.after.left) / self.alarms if self.alarms else None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do. The first numbers count over all policies; `effects` has each by itself.

    `entry`: the one at hand, as wanted, or as it was if it retires. `runs`: runs that it covers; `policies`: how many
    policies they are in; `spikes`: spikes among them. `spikes_listed`: spikes whose runs become whitelisted;
    `spikes_unlisted`: those that no longer are. `alerts_listed`, `alerts_unlisted`: alerts that become listed, or no
    longer are (rule G18). `fails`: the last FAILS_NAMED covered runs with a FAIL signal, in order; `n_fails`: all of
    them. `alarms`: A of rule G24; `left_before`, `left_after`: B, over the policies of `effects`: those that hold a run
    that is covered or whose classes are listed otherwise (an edit that takes a stratum away), by policy_hash: the whole
    policy, then its strata (pinned, unpinned, none).
    """

    change: EntryChange
    entry: Entry
    runs: int
    policies: int
    spikes: int
    spikes_listed: int
    spikes_unlisted: int
    alerts_listed: tuple[Alert, ...]
    alerts_unlisted: tuple[Alert, ...]
    fails: tuple[FailRun, ...]
    n_fails: int
    alarms: int
    left_before: int
    left_after: int
    effects: tuple[Effect, ...]

    def effect(self, policy_hash: str, stratum: Stratum | Literal["all"] | None = ALL) -> Effect | None:
        """What changes in one policy; None if nothing there is covered."""
        return next((one for one in self.effects if (one.policy_hash, one.stratum) == (policy_hash, stratum)), None)


class Previewer:
    """An index of runs for previews under one whitelist. Costs a pass over the runs once; not changed by previews."""

    def __init__(
        self, runs: pl.DataFrame, spikes: Mapping[str, PolicySpikes], alerts: Iterable[Alert], whitelist: Whitelist
    ) -> None:
        """`runs`: every run of the series (RUNS_SCHEMA); `spikes`, `alerts`, `whitelist`: the Snapshot's."""
        self.whitelist = whitelist
        self._spikes = spikes
        self._alerts = {alert.key: alert for alert in alerts}
        marked = marked_runs(runs, spikes)
        self._cells = cells_of(marked, whitelist)
        self._held = self._cells.select("cell", "classes").explode("classes", empty_as_null=False)
        self._base = base_of(marked, self._cells)
        failed = marked.filter(pl.col("fail") & pl.col("counts"))
        self._fails = in_order(failed.select(*RUNS_SCHEMA.names(), "code"))

    def preview(self, change: EntryChange) -> Preview:
        """What the change would do. ValueError for a change of nothing."""
        entry = change.after or change.before
        if entry is None:
            raise ValueError("a change needs an entry")
        after = changed(self.whitelist, change)
        cells = self._touched(entry, after)
        effects = self._effects(cells)
        whole = [effect for effect in effects if effect.stratum == ALL]
        listed, unlisted = self._alerts_changed(entry.reason, after)
        fails, n_fails = self._fail_runs(cells)
        now, then = is_whitelisted("listed", "unlisted"), is_whitelisted("listed_after", "unlisted_after")
        runs, spike = pl.col("runs"), pl.col("spike")
        become, no_longer = cells.select(
            become=runs.filter(spike & then & ~now).sum(), no_longer=runs.filter(spike & now & ~then).sum()
        ).row(0)
        return Preview(
            change=change,
            entry=entry,
            runs=sum(effect.runs for effect in whole),
            policies=sum(effect.runs > 0 for effect in whole),
            spikes=sum(effect.spikes for effect in whole),
            spikes_listed=become,
            spikes_unlisted=no_longer,
            alerts_listed=listed,
            alerts_unlisted=unlisted,
            fails=fails,
            n_fails=n_fails,
            alarms=sum(effect.alarms for effect in whole),
            left_before=sum(effect.before.left for effect in whole),
            left_after=sum(effect.after.left for effect in whole),
            effects=effects,
        )

    def _touched(self, entry: Entry, after: Whitelist) -> pl.DataFrame:
        """The cells that hold the reason, with what the change makes of them.

        Columns beside those of a cell: `covered` Boolean; `gain` (classes that become listed: 1, 0 or -1),
        `listed_after`, `unlisted_after` Int64.
        """
        numbers = self._held.filter(pl.col("classes") == entry.reason)["cell"]
        strata: tuple[Stratum | None, ...] = ("pinned", "unpinned", None)
        rows = [
            (
                stratum,
                entry.scope is None or entry.scope == stratum,
                int(after.entry(entry.reason, stratum) is not None)
                - int(self.whitelist.entry(entry.reason, stratum) is not None),
            )
            for stratum in strata
        ]
        schema = {"stratum": RUNS_SCHEMA["stratum"], "covered": pl.Boolean(), "gain": pl.Int64()}
        gains = pl.DataFrame(rows, schema=schema, orient="row")
        joined = self._cells[numbers].join(gains, on="stratum", how="left", nulls_equal=True)
        return joined.with_columns(
            listed_after=pl.col("listed") + pl.col("gain"), unlisted_after=pl.col("unlisted") - pl.col("gain")
        )

    def _effects(self, cells: pl.DataFrame) -> tuple[Effect, ...]:
        """Every policy with a run that is covered or listed otherwise: whole, then by stratum."""
        touched = cells.filter(pl.col("covered") | (pl.col("gain") != 0))["policy_hash"].unique().implode()
        mine = cells.filter(pl.col("policy_hash").is_in(touched))
        base = self._base.filter(pl.col("policy_hash").is_in(touched))
        deltas = mine.group_by(KEYS).agg(changes_by_entry())
        each = base.join(deltas, on=KEYS, how="left", nulls_equal=True).with_columns(
            pl.col(name).fill_null(0) for name in deltas.columns[2:]
        )
        sums = [name for name in each.columns if name not in KEYS]
        whole = each.group_by("policy_hash").agg(pl.col(sums).sum())
        effects = [_effect(row, ALL) for row in whole.iter_rows(named=True)]
        effects += [_effect(row, row["stratum"]) for row in each.iter_rows(named=True)]
        return tuple(sorted(effects, key=lambda one: (one.policy_hash, _STRATA.index(one.stratum))))

    def _alerts_changed(self, reason: str, after: Whitelist) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
        """The alerts of the class that become listed, and those that no longer are (rule G18)."""
        mine = {
            name: replace(policy, tracks={reason: policy.tracks[reason]})
            for name, policy in self._spikes.items()
            if reason in policy.tracks
        }
        before = {alert.key: alert for alert in alerts_of(mine, (), self.whitelist, 0)}
        now = [alert for alert in alerts_of(mine, (), after, 0) if alert.listed != before[alert.key].listed]
        shown = sorted(now, key=lambda alert: alert.policy_hash or "")
        return (
            tuple(self._alerts.get(alert.key, alert) for alert in shown if alert.listed),
            tuple(self._alerts.get(alert.key, alert) for alert in shown if not alert.listed),
        )

    def _fail_runs(self, cells: pl.DataFrame) -> tuple[tuple[FailRun, ...], int]:
        """The last covered runs with a FAIL signal, in order, and how many there are."""
        codes = cells.filter(pl.col("covered") & pl.col("fail"))["code"].unique()
        found = self._fails.filter(pl.col("code").is_in(codes.implode()))
        last = found.tail(FAILS_NAMED).with_columns(pl.col("timestamp").to_physical())
        columns = last.select("run_id", "policy_hash", "stratum", "outcome", "timestamp")
        return tuple(FailRun(*row) for row in columns.iter_rows()), found.height


_STRATA: Final = (ALL, "pinned", "unpinned", None)


def _effect(row: Mapping[str, int | str | None], stratum: Stratum | Literal["all"] | None) -> Effect:
    number: dict[str, int] = {name: value for name, value in row.items() if isinstance(value, int)}
    before = Counts(*(number[name] for name in Counts._fields))
    gains = {name: number[f"{name}_gain"] for name in Counts._fields}
    gains["left"] = -gains["left"]
    return Effect(
        policy_hash=str(row["policy_hash"]),
        stratum=stratum,
        runs=number["covered_runs"],
        spikes=number["covered_spikes"],
        fails=number["covered_fails"],
        alarms=number["alarms"],
        n_valid=number["n_valid"],
        before=before,
        after=Counts(*(getattr(before, name) + gains[name] for name in Counts._fields)),
    )
