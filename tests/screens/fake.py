"""Hand-made Snapshots and a source that publishes them, for every test of the screen."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import polars as pl

from gateconsole.model import FAIL_SIGNALS, OUTCOMES, STRATA, Completeness, Entry, Stratum, Whitelist, state
from gateconsole.snapshot import RECENT_RUNS, Banner, Policy, RecentRun, Rejected, Snapshot, Stats

NOON = 1_772_370_965_000_000
"""2026-03-01T13:16:05Z."""

MINUTE = 60_000_000
LISTED = Whitelist((Entry("unknown_field_missing", "older runs lack the field", added_at="2026-02-19"),))


def stats(runs: Sequence[RecentRun], whitelist: Whitelist = LISTED) -> Stats:
    """The figures of these runs, computed the plain way."""
    rates = sorted(run.unknown_rate for run in runs if run.unknown_rate is not None)
    splits = [whitelist.split(run.unknown_classes, run.stratum) for run in runs]
    words = Counter(run.outcome for run in runs)
    outcomes = {word: words.pop(word, 0) for word in OUTCOMES} | dict(sorted(words.items()))
    size = len(rates)
    return Stats(
        n=len(runs),
        n_valid=size,
        unknown_rate_min=rates[0] if rates else None,
        unknown_rate_median=(rates[(size - 1) // 2] + rates[size // 2]) / 2 if rates else None,
        unknown_rate_p95=rates[-(-95 * size // 100) - 1] if rates else None,
        unknown_rate_max=rates[-1] if rates else None,
        outcomes=outcomes,
        listed=dict(Counter(state(*split) for split in splits)),
        n_listed=sum(bool(listed) for listed, _ in splits),
        n_unlisted=sum(bool(unlisted) for _, unlisted in splits),
    )


def classes(runs: Sequence[RecentRun], whitelist: Whitelist = LISTED) -> pl.DataFrame:
    """The unknown class table of these runs."""
    valid = sum(run.unknown_rate is not None for run in runs)
    holding: dict[str, list[RecentRun]] = {}
    for run in runs:
        for name in run.unknown_classes:
            holding.setdefault(name, []).append(run)
    rows = []
    for name, held in sorted(holding.items(), key=lambda item: (-len(item[1]), item[0])):
        entries = {whitelist.entry(name, run.stratum) is not None for run in held}
        listed = "partly" if len(entries) > 1 else "listed" if True in entries else "unlisted"
        fails = sum(run.outcome in FAIL_SIGNALS for run in held)
        rows.append((name, len(held), len(held) / valid if valid else None, fails, listed))
    schema = {"class": pl.String, "runs": pl.Int64, "share": pl.Float64, "fail_runs": pl.Int64, "listed": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def policy(policy_hash: str, runs: Sequence[RecentRun], whitelist: Whitelist = LISTED) -> Policy:
    """A policy holding these runs, oldest first."""
    strata: list[tuple[Stratum | None, Stats]] = []
    for stratum in (*STRATA, None):
        held = [run for run in runs if run.stratum == stratum]
        if held:
            strata.append((stratum, stats(held, whitelist)))
    return Policy(
        policy_hash=policy_hash,
        whole=stats(runs, whitelist),
        strata=tuple(strata),
        classes=classes(runs, whitelist),
        recent=tuple(runs[-RECENT_RUNS:]),
        newest=max((run.timestamp for run in runs if run.timestamp is not None), default=None),
    )


def made_runs(number: int, seed: int, newest: int = NOON, step: int = 40 * MINUTE) -> list[RecentRun]:
    """Runs as a gate writes them: mostly calm, spikes that hang on one class, FAILs that do not."""
    dice = random.Random(seed)
    runs = []
    for place in range(number):
        stratum = dice.choice(STRATA)
        rate: float | None = dice.choice([0.0] * 6 + [0.0025, 0.005, 0.0075, 0.01])
        outcome = "PASS" if not rate else dice.choice(["PASS", "COMMENT"])
        names = tuple(dice.sample(["unknown_field_missing", "ntp_offset"], 1)) if rate else ()
        throw = dice.random()
        if throw < 0.08:
            rate, names = dice.choice([0.03, 0.04, 0.055, 0.08]), ("flaky_test",)
            outcome = dice.choice(["COMMENT", "WARN", "WARN", "REVIEW"])
        elif throw < 0.11:
            outcome = dice.choice(["FAIL", "FAIL", "BLOCK"])
        elif throw < 0.125:
            rate, names = None, ()
        time = newest - (number - 1 - place) * step
        runs.append(RecentRun(f"run-{4000 + place}", time, stratum, outcome, rate, names))
    return runs


def full() -> Snapshot:
    """Three policies: a long one, a shorter one, and one that has just begun."""
    policies = (
        policy("a6f53e", made_runs(412, 7)),
        policy("b71c02", made_runs(38, 11, NOON - 14 * MINUTE)),
        policy("c0ffee", made_runs(2, 3, NOON - 17 * MINUTE)),
        policy("d15ea5e0", made_runs(640, 5, NOON - 9 * 24 * 60 * MINUTE)),
    )
    return of(policies)


def of(policies: Sequence[Policy], generation: int = 1, whitelist: Whitelist = LISTED) -> Snapshot:
    """A live and complete Snapshot of these policies."""
    parsed = sum(each.whole.n for each in policies)
    return Snapshot(
        generation=generation,
        root="/srv/ci-artifacts",
        phase="live",
        mode="inotify",
        completeness=Completeness(seen=parsed, parsed=parsed),
        newest=max((each.newest for each in policies if each.newest is not None), default=None),
        taken_at=NOON + 5 * MINUTE,
        policies=tuple(sorted(policies, key=lambda each: each.policy_hash)),
        whitelist=whitelist,
    )


BROKEN_WHITELIST = Banner(
    "whitelist_broken",
    "unknown_whitelist.json, line 7, column 3: expected a comma. No whitelist is in force",
    "repair the file; the console reads it again by itself",
)
ROOT_MISSING = Banner(
    "root_missing", "/srv/ci-artifacts is not there", "check the mount; the console goes on as soon as it is back"
)
REJECTED = tuple(
    Rejected(f"job-{place}/gate_result.json", "line 1, column 9", "not_one_json_object", "expected a value", NOON)
    for place in range(26)
)
