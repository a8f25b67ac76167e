"""The series: exact, incremental, whatever the order of arrival, replacement and removal (rules G6, G11-G18)."""

from __future__ import annotations

import math
import re
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from statistics import median

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from gateconsole.engine.series import Series
from gateconsole.model import EMPTY, OUTCOMES, Entry, Run, Stratum, Whitelist, artifact_path, state
from gateconsole.statistics.figures import RECENT_RUNS, Policy, Stats
from gateconsole.statistics.judging_order import FUTURE
from gateconsole.statistics.partial import WHOLE, Partial
from gateconsole.statistics.policies import mean_of_two, p95_rank, stats
from gateconsole.statistics.runs_frame import RunKey, frame_of, rows_of
from gateconsole.statistics.value_counts import SCHEMA, ValueCounts
from gateconsole.text import join_list

NOW = 1_772_323_200_000_000
WHITELIST = Whitelist((Entry("a"), Entry("b;", scope="pinned"), Entry("c\\", scope="unpinned")))

_rates = st.none() | st.sampled_from([0.0, 0.01, 0.012, 0.03, 0.05, 1.0]) | st.floats(0, 1).map(lambda x: x + 0.0)
_runs = st.builds(
    Run,
    run_id=st.sampled_from(["run-1", "run-9", "run-10", "run-010", "x"]),
    timestamp=st.none() | st.sampled_from([NOW - 5, NOW - 1, NOW, NOW + FUTURE + 1]),
    policy_hash=st.sampled_from(["p", "q", "(none)"]),
    outcome=st.sampled_from([*OUTCOMES, "SKIPPED"]),
    unknown_rate=_rates,
    top_reasons=st.lists(st.sampled_from(["a", "b;", "c\\", "d"]), max_size=3, unique=True).map(tuple),
    stratum=st.sampled_from(["pinned", "unpinned", None]),
    job=st.sampled_from([None, None, "fedora"]),
    attempt=st.sampled_from([None, None, 1, 2]),
)
_ops = st.lists(st.tuples(st.integers(0, 11), st.none() | _runs, st.booleans()), max_size=40)


def folder(file: int) -> str:
    return "." if file == 0 else f"f{file}"


def winners(files: dict[int, Run]) -> dict[int, Run]:
    """rule G6, said naively."""
    best: dict[RunKey, int] = {}
    for file, run in files.items():
        key = key_of(run)
        held = best.get(key)
        if held is None or _rank(file, run) > _rank(held, files[held]):
            best[key] = file
    return {file: files[file] for file in best.values()}


def key_of(run: Run) -> RunKey:
    return run.run_id, run.job, run.policy_hash, run.stratum


def _rank(file: int, run: Run) -> tuple[int, bool, int, str]:
    attempt = -1 if run.attempt is None else run.attempt
    return attempt, run.timestamp is not None, run.timestamp or 0, artifact_path(folder(file))


def conflicting(files: dict[int, Run]) -> set[int]:
    """Row 6, said naively: what does not count, differs from what does, and does not say that it is an earlier try."""
    counting = {key_of(run): run for run in winners(files).values()}
    found = set()
    for file in files.keys() - winners(files).keys():
        run, kept = files[file], counting[key_of(files[file])]
        attempts = run.attempt, kept.attempt
        if run[:7] != kept[:7] and (None in attempts or attempts[0] == attempts[1]):
            found.add(file)
    return found


def naive_stats(runs: list[Run], whitelist: Whitelist) -> Stats:
    """Rows 11-18 by sorting and counting in exact arithmetic."""
    rates = sorted(run.unknown_rate for run in runs if run.unknown_rate is not None)
    outcomes = Counter(run.outcome for run in runs)
    splits = [whitelist.split(run.unknown_classes, run.stratum) for run in runs]
    states = Counter(state(*split) for split in splits)
    return Stats(
        n=len(runs),
        n_valid=len(rates),
        unknown_rate_min=rates[0] if rates else None,
        unknown_rate_median=float(median(Decimal(repr(rate)) for rate in rates)) if rates else None,
        unknown_rate_p95=rates[math.ceil(Fraction(95 * len(rates), 100)) - 1] if rates else None,
        unknown_rate_max=rates[-1] if rates else None,
        outcomes={word: outcomes[word] for word in (*OUTCOMES, *sorted(set(outcomes) - set(OUTCOMES)))},
        listed={name: states[name] for name in ("whitelisted", "not_whitelisted", "mixed", "none")},
        n_listed=sum(bool(listed) for listed, _ in splits),
        n_unlisted=sum(bool(unlisted) for _, unlisted in splits),
    )


def naive_classes(runs: list[Run], whitelist: Whitelist) -> list[tuple[str, int, float, int, str]]:
    n_valid = sum(run.unknown_rate is not None for run in runs)
    found = []
    for name in {name for run in runs for name in run.unknown_classes}:
        held = [run for run in runs if name in run.unknown_classes]
        hits = sum(whitelist.entry(name, run.stratum) is not None for run in held)
        fails = sum(run.outcome in {"FAIL", "BLOCK"} for run in held)
        word = "listed" if hits == len(held) else "partly" if hits else "unlisted"
        found.append((name, len(held), len(held) / n_valid, fails, word))
    return sorted(found, key=lambda row: (-row[1], row[0]))


def check(policies: tuple[Policy, ...], files: dict[int, Run], whitelist: Whitelist) -> None:
    """Every figure of every policy equals a full recompute."""
    kept = winners(files)
    assert [policy.policy_hash for policy in policies] == sorted({run.policy_hash for run in kept.values()})
    for policy in policies:
        mine = {file: run for file, run in kept.items() if run.policy_hash == policy.policy_hash}
        runs = list(mine.values())
        assert policy.whole == naive_stats(runs, whitelist)
        strata = [s for s in ("pinned", "unpinned", None) if any(run.stratum == s for run in runs)]
        assert [stratum for stratum, _ in policy.strata] == strata
        for stratum, figures in policy.strata:
            assert figures == naive_stats([run for run in runs if run.stratum == stratum], whitelist)
        assert policy.classes.rows() == naive_classes(runs, whitelist)
        newest = [files[file] for file in in_judging_order(mine, NOW)[-RECENT_RUNS:]]
        assert [one[:6] for one in policy.recent] == [
            (run.run_id, run.timestamp, run.stratum, run.outcome, run.unknown_rate, run.unknown_classes)
            for run in newest
        ]
        dated = [run.timestamp for run in runs if run.timestamp is not None and run.timestamp <= NOW + FUTURE]
        assert policy.newest == max(dated, default=None)


def in_judging_order(files: dict[int, Run], now: int) -> list[int]:
    """Rows 4 and 5 of one policy, said naively: run ids compared character by character, digits as numbers."""
    due = {file: run for file, run in files.items() if run.timestamp is None or run.timestamp <= now + FUTURE}
    dated = [file for file, run in due.items() if run.timestamp is not None]

    def by_id(file: int) -> tuple[object, ...]:
        words = [
            ("", int(word)) if word.isdigit() else (word, 0) for word in re.findall("[0-9]+|[^0-9]+", due[file].run_id)
        ]
        stratum = ("pinned", "unpinned", None).index(due[file].stratum)
        return words, stratum, artifact_path(folder(file))

    if 2 * len(dated) >= len(due):
        return sorted(dated, key=lambda file: (due[file].timestamp, *by_id(file)))
    return sorted(due, key=by_id)


def _row(file: int, run: Run) -> tuple[str, int | None, str, str, float | None, str, Stratum | None, str]:
    reasons = join_list(run.top_reasons)
    return (
        run.run_id, run.timestamp, run.policy_hash, run.outcome, run.unknown_rate, reasons, run.stratum, folder(file)
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(_ops, st.integers(0, 39))
def test_any_order_of_arrival_replacement_and_removal_equals_a_full_recompute(
    ops: list[tuple[int, Run | None, bool]], charts_from: int
) -> None:
    series, files = Series(), dict[int, Run]()
    series.judge_by(WHITELIST)
    for at, (file, run, settle) in enumerate(ops):
        if at == charts_from:
            series.settle(NOW)
            series.keep_recent(NOW, charts=True)
        if run is None:
            series.drop(file)
            files.pop(file, None)
        else:
            series.put(file, folder(file), run)
            files[file] = run
        if settle:
            series.settle(NOW)
    series.settle(NOW)
    series.keep_recent(NOW, charts=True)
    check(series.policies(NOW), files, WHITELIST)
    assert (series.parsed, series.duplicates) == (len(winners(files)), len(files) - len(winners(files)))
    assert Counter(rows_of(series.runs()())) == Counter(_row(file, run) for file, run in winners(files).items())
    differing = conflicting(files)
    for rule, lost in (("conflicting", differing), ("duplicate", files.keys() - winners(files).keys() - differing)):
        noted = [path for path, note in series.notes() if note.rule == rule]
        assert sorted(noted) == sorted(artifact_path(folder(file)) for file in lost)
    assert series.conflicting == len(differing)
    assert series.hidden_fails == sum(files[file].outcome in {"FAIL", "BLOCK"} for file in differing)
    counting = {key_of(run): file for file, run in winners(files).items()}
    for one in series.lost():
        loser = next(file for file in files if artifact_path(folder(file)) == one.path)
        kept = counting[key_of(files[loser])]
        assert one.kept == artifact_path(folder(kept))
        assert one.same is (_row(loser, files[loser])[:7] == _row(kept, files[kept])[:7])


def many(n: int, start: int = 0) -> dict[int, Run]:
    """n runs of three policies and three strata, in a fixed jumble, one in ten the twin of another."""
    strata: tuple[Stratum | None, ...] = ("pinned", "unpinned", None)
    files = {}
    for file in range(start, start + n):
        mixed = file * 7919 % 10007
        twin = file - file % 10 if file % 10 == 7 else file
        files[file] = Run(
            run_id=f"run-{twin}",
            timestamp=None if mixed % 50 == 0 else NOW - mixed * 1_000_000,
            policy_hash="pq"[twin % 2],
            outcome=OUTCOMES[mixed % 6],
            unknown_rate=mixed / 10007,
            top_reasons=("a", "b;")[: mixed % 3],
            stratum=strata[twin % 3],
        )
    return files


def test_thousands_at_once_equal_a_full_recompute_and_so_do_thousands_taken_back() -> None:
    series, files = Series(), many(20_000)
    for file, run in files.items():
        series.put(file, folder(file), run)
        if file % 9000 == 0:
            series.settle(NOW)
    series.settle(NOW)
    series.keep_recent(NOW, charts=True)
    check(series.policies(NOW), files, EMPTY)
    for file in [file for file in files if file % 3]:
        series.drop(file)
        del files[file]
    series.settle(NOW)
    check(series.policies(NOW), files, EMPTY)
    for file, run in many(300, start=30_000).items():
        series.put(file, folder(file), run)
        files[file] = run
    series.settle(NOW)
    check(series.policies(NOW), files, EMPTY)
    assert Counter(rows_of(series.runs()())) == Counter(_row(file, run) for file, run in winners(files).items())


def test_a_snapshot_of_the_runs_does_not_change_afterwards() -> None:
    series, files = Series(), many(10)
    for file, run in files.items():
        series.put(file, folder(file), run)
    series.settle(NOW)
    runs = series.runs()
    before = runs()
    series.drop(3)
    series.put(20, "late", many(1, start=20)[20])
    series.settle(NOW)
    assert runs().equals(before)
    assert series.runs()().height != 0
    assert not series.runs()().equals(before)


def test_policies_that_were_not_touched_stay_the_same_objects() -> None:
    series = Series()
    for file, run in many(20).items():
        series.put(file, folder(file), run)
    series.settle(NOW)
    first, second = series.policies(NOW)
    series.put(40, "new", many(1, start=40)[40]._replace(policy_hash="p"))
    series.settle(NOW)
    again = series.policies(NOW)
    assert again[0] is not first
    assert again[1] is second


def test_a_whitelist_applies_to_all_past_runs_at_once() -> None:
    series = Series()
    for file, run in many(200).items():
        series.put(file, folder(file), run)
    series.settle(NOW)
    series.keep_recent(NOW, charts=True)
    check(series.policies(NOW), many(200), EMPTY)
    series.judge_by(WHITELIST)
    check(series.policies(NOW), many(200), WHITELIST)


def test_the_median_of_two_is_the_mean_of_the_decimals_as_written() -> None:
    assert mean_of_two(0.012, 0.03) == 0.021
    assert (0.012 + 0.03) / 2 != 0.021


def test_the_p95_is_the_nearest_rank_in_whole_numbers() -> None:
    assert [p95_rank(n) for n in (1, 2, 6, 19, 20, 21, 39, 40, 200)] == [1, 2, 6, 19, 19, 20, 38, 38, 190]


_counts = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.01, 0.5, 1.0]) | st.floats(0, 1), st.integers(1, 4)),
    max_size=60,
)


@given(st.lists(_counts, max_size=6))
def test_value_counts_rank_like_a_sorted_list_however_they_were_added(
    batches: list[list[tuple[int, float, int]]],
) -> None:
    held = ValueCounts()
    everything: dict[int, list[float]] = {}
    for batch in batches:
        held.merge(pl.DataFrame(batch, schema=SCHEMA, orient="row"))
        for cell, value, n in batch:
            everything.setdefault(cell, []).extend([value] * n)
    for cell, values in everything.items():
        ranks = range(1, len(values) + 1)
        assert held.ranked(cell, ranks) == sorted(values)


@given(st.lists(st.tuples(st.lists(st.tuples(_counts, st.booleans()), max_size=3), st.booleans()), max_size=8))
def test_value_counts_that_are_taken_back_whole_or_in_part_leave_what_is_left(
    steps: list[tuple[list[tuple[list[tuple[int, float, int]], bool]], bool]],
) -> None:
    """Also when everything of a step sums to nothing: a folder that is moved is taken back and added at once."""
    held, left = ValueCounts(), Counter[tuple[int, float]]()
    for batches, look in steps:
        for batch, moved in batches:
            frame = pl.DataFrame(batch, schema=SCHEMA, orient="row")
            held.merge(frame)
            if moved:
                held.merge(frame.with_columns(-pl.col("n")))
            else:
                left.update({(cell, value): 0 for cell, value, _ in batch})
                for cell, value, n in batch:
                    left[cell, value] += n
        if look:
            assert held.frame().rows() == sorted((*pair, n) for pair, n in left.items())
    for cell in {cell for cell, _ in left}:
        values = sorted(v for (c, v), n in left.items() if c == cell for _ in range(n))
        assert held.ranked(cell, range(1, len(values) + 1)) == values
    assert held.frame().rows() == sorted((*pair, n) for pair, n in left.items())


@given(st.lists(_rates, min_size=1, max_size=40), st.integers(0, 40), st.booleans())
def test_any_number_of_runs_moved_to_another_folder_at_once_keeps_every_figure(
    rates: list[float | None], stay: int, charts: bool
) -> None:
    series, files = Series(), dict[int, Run]()
    if charts:
        series.keep_recent(NOW, charts=True)
    for file, rate in enumerate(rates):
        files[file] = Run(f"run-{file}", NOW - file, "p", "PASS", rate, ("a",), None)
        series.put(file, folder(file), files[file])
    series.settle(NOW)
    before = series.policies(NOW)
    for file in range(min(stay, len(rates)), len(rates)):
        series.drop(file)
        files[100 + file] = files.pop(file)
        series.put(100 + file, folder(100 + file), files[100 + file])
    series.settle(NOW)
    series.keep_recent(NOW, charts=True)
    check(series.policies(NOW), files, EMPTY)
    assert series.policies(NOW)[0].whole == before[0].whole


def test_value_counts_stay_exact_over_many_blocks() -> None:
    values = [(cell, (i * 7919 % 20011) / 20011, 1) for cell in range(3) for i in range(20_000)]
    held = ValueCounts(pl.DataFrame(values, schema=SCHEMA, orient="row"))
    gone = values[::3]
    for at in range(0, len(gone), 7):
        held.merge(pl.DataFrame([(c, v, -n) for c, v, n in gone[at : at + 7]], schema=SCHEMA, orient="row"))
    more = [(1, 0.5, 3), (1, 0.25, 2)]
    held.merge(pl.DataFrame(more, schema=SCHEMA, orient="row"))
    for cell in range(3):
        left = [v for at, (c, v, _) in enumerate(values) if c == cell and at % 3]
        left += [0.5] * 3 + [0.25] * 2 if cell == 1 else []
        assert held.ranked(cell, [1, 2, 5000, len(left)]) == [sorted(left)[r - 1] for r in (1, 2, 5000, len(left))]


@given(st.lists(_runs, max_size=30), st.integers(0, 30))
def test_partials_add_up_in_any_order_and_are_taken_back(runs: list[Run], cut: int) -> None:
    rows = [_row(file, run) for file, run in enumerate(runs)]
    whole = Partial.of(frame_of(rows))
    merged = Partial.of(frame_of(rows[cut:]))
    merged.merge(Partial.of(frame_of(rows[:cut])))
    taken = Partial.of(frame_of(rows))
    taken.take_back(frame_of(rows[:cut]))
    rest = Partial.of(frame_of(rows[cut:]))
    for one, other in ((whole, merged), (taken, rest)):
        assert one.policies() == other.policies()
        for policy_hash in one.policies():
            for scope in (WHOLE, "pinned", "unpinned", None):
                assert stats(one, policy_hash, scope, WHITELIST) == stats(other, policy_hash, scope, WHITELIST)


def matrix(job: bool) -> dict[int, Run]:
    """60 runs of six jobs each, one of which fails in every run; `job`: whether the artifacts name it."""
    jobs = ("alpine", "debian", "fedora", "gentoo", "suse", "ubuntu")
    return {
        number * 6 + at: Run(
            f"run-{number}", NOW - number, "p", "FAIL" if name == "fedora" else "PASS", 0.0, (), None
        )._replace(job=name if job else None)
        for number in range(60)
        for at, name in enumerate(jobs)
    }


def test_jobs_of_a_matrix_that_name_themselves_all_count_and_without_a_name_the_hidden_fails_are_counted() -> None:
    named, unnamed = Series(), Series()
    for series, files in ((named, matrix(job=True)), (unnamed, matrix(job=False))):
        for file, run in files.items():
            series.put(file, folder(file), run)
        series.settle(NOW)
    assert (named.parsed, named.duplicates, named.conflicting, named.hidden_fails) == (360, 0, 0, 0)
    assert named.policies(NOW)[0].whole.outcomes["FAIL"] == 60
    kept = winners(matrix(job=False))
    fails = sum(run.outcome == "FAIL" for run in kept.values())
    assert (unnamed.parsed, unnamed.duplicates) == (60, 300)
    assert unnamed.hidden_fails == 60 - fails > 0
    assert unnamed.conflicting == len(conflicting(matrix(job=False)))


def test_labels_outlive_the_tidying_of_what_is_gone() -> None:
    series, files = Series(), matrix(job=True)
    for file, run in many(20_000, start=1000).items():
        series.put(file, folder(file), run)
    for file, run in files.items():
        series.put(file, folder(file), run)
    series.settle(NOW)
    for file in range(1000, 21_000):
        series.drop(file)
    series.settle(NOW)
    for file, run in files.items():
        series.put(file + 500, folder(file + 500), run._replace(attempt=2, outcome="PASS"))
    series.settle(NOW)
    assert (series.parsed, series.duplicates, series.conflicting) == (360, 360, 60)
    assert series.policies(NOW)[0].whole.outcomes["PASS"] == 360
