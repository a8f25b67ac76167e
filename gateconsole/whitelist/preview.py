"""What a change of the whitelist would do, before it is saved: the same figures, both ways (DOMAIN rows 17-19, 24).

A `Previewer` is made once of a Snapshot's runs and judgements, on a worker; each `preview` then only looks at runs that
hold the reason at hand, so that it can be had after every key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

import polars as pl

from gateconsole.alerts import Alert
from gateconsole.alerts import alerts as alerts_of
from gateconsole.model import FAIL_SIGNALS, Stratum
from gateconsole.series.effects import Risk, risk
from gateconsole.series.judged import PolicySpikes
from gateconsole.series.order import in_order
from gateconsole.series.runs import RUNS_SCHEMA
from gateconsole.text import split_list
from gateconsole.verdicts import CAUTIONS
from gateconsole.whitelist.change import Change
from gateconsole.whitelist.match import Entry, Whitelist

FAILS_NAMED: Final = 20
"""FAIL / BLOCK runs that a preview names, the last ones in the order of DOMAIN row 5; it counts them all."""

ALL: Final = "all"
"""The stratum of a row about a whole policy."""


class FailRun(NamedTuple):
    """A covered run with a FAIL signal: it stays what it is. Raw text; `timestamp` in microseconds UTC."""

    run_id: str
    policy_hash: str
    stratum: Stratum | None
    outcome: str
    timestamp: int | None


class Counts(NamedTuple):
    """Figures that change together. `spikes`: spikes whose run is `whitelisted`; `left`: B of DOMAIN row 24, alarms
    without FAIL signal that no whitelist takes away; `n_w`, `n_n`, `mixed`: runs in W, in N, in both (row 19)."""

    spikes: int
    left: int
    n_w: int
    n_n: int
    mixed: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes in one policy, whole (`stratum` ALL) or in one stratum. Policies are never pooled (DOMAIN row 27).

    `runs`: covered runs; `spikes`: spikes among them; `fails`: covered runs with a FAIL signal. `alarms`: A of DOMAIN
    row 24. `n_valid`: valid runs, which RD and RR are of.
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
        """RD and RR as they are (DOMAIN row 19)."""
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
    longer are (row 18). `fails`: the last FAILS_NAMED covered runs with a FAIL signal, in order; `n_fails`: all of
    them. `alarms`: A of row 24; `left_before`, `left_after`: B. `effects`: policies that hold a covered run, by
    policy_hash: the whole policy, then its strata (pinned, unpinned, none).
    """

    change: Change
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


def changed(whitelist: Whitelist, change: Change) -> Whitelist:
    """The whitelist after a change: what was seen is gone, what is wanted is there."""
    before, after = change
    entries = list(whitelist.entries)
    if before is not None and before in entries:
        at = entries.index(before)
        entries[at : at + 1] = [] if after is None else [after]
    elif after is not None:
        entries.append(after)
    return Whitelist(tuple(entries))


_KEYS: Final = ("policy_hash", "stratum")
_FLAGS: Final = ("fail", "alarm", "spike")


class Previewer:
    """An index of runs for previews under one whitelist. Costs a pass over the runs once; not changed by previews."""

    def __init__(
        self,
        runs: pl.DataFrame,
        spikes: Mapping[str, PolicySpikes],
        alerts: Iterable[Alert],
        whitelist: Whitelist,
    ) -> None:
        """`runs`: every run of the series (RUNS_SCHEMA); `spikes`, `alerts`, `whitelist`: the Snapshot's."""
        self.whitelist = whitelist
        self._spikes = spikes
        self._alerts = {alert.key: alert for alert in alerts}
        marked = _marked(runs, spikes)
        self._cells = _cells(marked, whitelist)
        self._held = self._cells.select("cell", "classes").explode("classes", empty_as_null=False)
        self._base = _base(marked, self._cells)
        failed = marked.filter(pl.col("fail") & pl.col("counts"))
        self._fails = in_order(failed.select(*RUNS_SCHEMA.names(), "code"))

    def preview(self, change: Change) -> Preview:
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
        now, then = _whitelisted("listed", "unlisted"), _whitelisted("listed_after", "unlisted_after")
        runs, spike = pl.col("runs"), pl.col("spike")
        become, no_longer = cells.select(
            become=runs.filter(spike & then & ~now).sum(), no_longer=runs.filter(spike & now & ~then).sum()
        ).row(0)
        return Preview(
            change=change,
            entry=entry,
            runs=sum(effect.runs for effect in whole),
            policies=len(whole),
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

        Columns beside those of a cell: `covered` Boolean; `listed_after`, `unlisted_after` Int64.
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
        """Every policy with a covered run: whole, then by stratum."""
        covered = cells.filter("covered")["policy_hash"].unique()
        mine = cells.filter(pl.col("policy_hash").is_in(covered.implode()))
        base = self._base.filter(pl.col("policy_hash").is_in(covered.implode()))
        deltas = mine.group_by(_KEYS).agg(_deltas())
        each = base.join(deltas, on=_KEYS, how="left", nulls_equal=True).with_columns(
            pl.col(name).fill_null(0) for name in deltas.columns[2:]
        )
        sums = [name for name in each.columns if name not in _KEYS]
        whole = each.group_by("policy_hash").agg(pl.col(sums).sum())
        effects = [_effect(row, ALL) for row in whole.iter_rows(named=True)]
        effects += [_effect(row, row["stratum"]) for row in each.iter_rows(named=True)]
        return tuple(sorted(effects, key=lambda one: (one.policy_hash, _STRATA.index(one.stratum))))

    def _alerts_changed(self, reason: str, after: Whitelist) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
        """The alerts of the class that become listed, and those that no longer are (DOMAIN row 18)."""
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


def _marked(runs: pl.DataFrame, policies: Mapping[str, PolicySpikes]) -> pl.DataFrame:
    """The runs with `counts` (rate > 0), `valid`, `fail`, `alarm` (row 24), `spike` and `code` (reasons and counts)."""
    keys = [
        (spike.run.run_id, policy_hash, spike.run.stratum, True)
        for policy_hash, policy in policies.items()
        for spike in policy.spikes()
    ]
    names = {name: RUNS_SCHEMA[name] for name in ("run_id", "policy_hash", "stratum")}
    spikes = pl.DataFrame(keys, schema={**names, "spike": pl.Boolean()}, orient="row")
    joined = runs.join(spikes, on=list(names), how="left", nulls_equal=True, maintain_order="left")
    outcome, spike = pl.col("outcome").cast(pl.String), pl.col("spike").fill_null(False)
    counts = (pl.col("unknown_rate") > 0).fill_null(False)
    return joined.with_columns(
        spike=spike,
        counts=counts,
        valid=pl.col("unknown_rate").is_not_null(),
        fail=outcome.is_in(list(FAIL_SIGNALS)),
        alarm=spike | outcome.is_in(CAUTIONS),
        code=pl.col("reasons").to_physical().cast(pl.UInt64) * 2 + counts.cast(pl.UInt64),
    )


def _cells(marked: pl.DataFrame, whitelist: Whitelist) -> pl.DataFrame:
    """Runs with unknown classes, as many as are alike in one row.

    `cell` (its number), policy_hash, stratum, code, fail, alarm, spike, `runs`, `classes` (list), `listed`, `unlisted`
    (classes of each kind).
    """
    alike = (
        marked.lazy()
        .filter(pl.col("counts") & (pl.col("reasons").cast(pl.String) != ""))
        .group_by(*_KEYS, "code", *_FLAGS)
        .agg(pl.len().cast(pl.Int64).alias("runs"), pl.col("reasons").first().cast(pl.String))
        .collect()
    )
    splits: dict[tuple[str, Stratum | None], tuple[int, int]] = {}
    rows = []
    for reasons, stratum in alike.select("reasons", "stratum").iter_rows():
        classes = split_list(reasons)
        split = splits.get((reasons, stratum))
        if split is None:
            listed, unlisted = whitelist.split(classes, stratum)
            split = splits[reasons, stratum] = (len(listed), len(unlisted))
        rows.append((classes, *split))
    schema = {"classes": pl.List(pl.String()), "listed": pl.Int64(), "unlisted": pl.Int64()}
    return alike.drop("reasons").hstack(pl.DataFrame(rows, schema=schema, orient="row")).with_row_index("cell")


def _base(marked: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Per policy and stratum, under the whitelist as it is: n_valid, alarms (A), left (B), spikes, n_w, n_n, mixed."""
    loud = pl.col("alarm") & ~pl.col("fail")
    runs = marked.group_by(_KEYS).agg(
        pl.col("valid").sum().cast(pl.Int64).alias("n_valid"), loud.sum().cast(pl.Int64).alias("alarms")
    )
    counted = cells.group_by(_KEYS).agg(_counts("listed", "unlisted", ""))
    joined = runs.join(counted, on=_KEYS, how="left", nulls_equal=True)
    filled = joined.with_columns(pl.col(name).fill_null(0) for name in Counts._fields if name in joined.columns)
    # B is what the whitelist leaves of A: runs without classes are never whitelisted
    return filled.with_columns(left=pl.col("alarms") - pl.col("left").fill_null(0))


def _whitelisted(listed: str, unlisted: str) -> pl.Expr:
    return (pl.col(listed) > 0) & (pl.col(unlisted) == 0)


def _counts(listed: str, unlisted: str, suffix: str) -> list[pl.Expr]:
    """Runs of cells by what they count for; `left`: the alarms that the whitelist takes away."""
    state = _whitelisted(listed, unlisted)
    has, lacks = pl.col(listed) > 0, pl.col(unlisted) > 0
    wanted = {
        "spikes": state & pl.col("spike"),
        "left": state & pl.col("alarm") & ~pl.col("fail"),
        "n_w": has,
        "n_n": lacks,
        "mixed": has & lacks,
    }
    return [pl.col("runs").filter(which).sum().alias(f"{name}{suffix}") for name, which in wanted.items()]


def _deltas() -> list[pl.Expr]:
    """What the change adds to each count, and what is covered."""
    before, after = _counts("listed", "unlisted", ""), _counts("listed_after", "unlisted_after", "")
    gains = [(then - now).alias(f"{name}_gain") for name, now, then in zip(Counts._fields, before, after, strict=True)]
    covered = pl.col("covered")
    return [
        *gains,
        pl.col("runs").filter(covered).sum().alias("covered_runs"),
        pl.col("runs").filter(covered & pl.col("spike")).sum().alias("covered_spikes"),
        pl.col("runs").filter(covered & pl.col("fail")).sum().alias("covered_fails"),
    ]


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
