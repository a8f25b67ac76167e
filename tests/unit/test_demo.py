"""The demo's story: pure, the same for a seed, alive on every screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from gateconsole.artifacts.decode import decode
from gateconsole.cli.demo_process import feed
from gateconsole.demo.runs import Arrival, arrivals, first_number, shifted
from gateconsole.engine.engine import Options, read_once
from gateconsole.model import FAIL_SIGNALS, Rejection, Run
from tests.tools.make_samples import files

NOW = 1_772_370_965_000_000
SECOND = 1_000_000
DAY = 86_400 * SECOND


def story(count: int = 400, seed: int = 1) -> list[Arrival]:
    return list(islice(arrivals(seed, NOW, 4153), count))


def runs(count: int = 400) -> Iterator[Run]:
    """The arrivals that are runs."""
    for arrival in story(count):
        run = decode(arrival.content, arrival.path.rpartition("/")[0])
        if isinstance(run, Run):
            yield run


def times(made: dict[str, bytes]) -> list[int]:
    """The times of all samples that have one, in the order of run ids."""
    found = [decode(content, path) for path, content in sorted(made.items()) if path.endswith("gate_result.json")]
    return [run.timestamp for run in found if isinstance(run, Run) and run.timestamp is not None]


def test_a_story_is_the_same_for_a_seed_and_another_for_another() -> None:
    assert story() == story()
    assert story(seed=2) != story()


def test_runs_arrive_every_half_to_two_seconds_at_the_time_they_tell() -> None:
    made = story()
    assert all(0.5 <= arrival.delay <= 2.0 for arrival in made)
    assert made[9].time == NOW + sum(round(arrival.delay * SECOND) for arrival in made[:10])
    assert {arrival.number for arrival in made} == set(range(4153, 4553))


def test_spikes_come_in_bursts_that_hang_on_one_class() -> None:
    spikes = [run for run in runs() if run.policy_hash == "a6f53e" and (run.unknown_rate or 0) > 0.04]
    assert len(spikes) > 10
    assert {run.top_reasons for run in spikes} == {("flaky_test",)}


def test_fails_do_not_hang_on_spikes() -> None:
    fails = [run for run in runs() if run.outcome in FAIL_SIGNALS]
    assert len(fails) > 5
    assert not any(run.unknown_rate for run in fails)


def test_a_new_policy_begins_after_a_while() -> None:
    policies = [run.policy_hash for run in runs()]
    assert "d15ea5" not in policies[:30]
    assert "d15ea5" in policies[:80]


def test_now_and_then_a_file_is_bad_undated_or_written_again() -> None:
    decoded = [decode(arrival.content, "job") for arrival in story()]
    assert len({found.rule for found in decoded if isinstance(found, Rejection)}) >= 3
    assert any(isinstance(found, Run) and found.timestamp is None for found in decoded)
    assert max(Counter(arrival.path for arrival in story()).values()) > 1


def test_the_newest_sample_is_just_before_now_and_the_shape_stays() -> None:
    before, after = times(files()), times(shifted(files(), NOW))
    assert max(after) == NOW - 45 * SECOND
    assert {late - early for early, late in zip(sorted(before), sorted(after), strict=True)} == {
        max(after) - max(before)
    }


def test_moved_samples_decode_as_before_but_for_their_times() -> None:
    def plain(made: dict[str, bytes]) -> Counter[tuple[object, ...]]:
        found = [decode(content, "job") for path, content in made.items() if path.endswith("gate_result.json")]
        return Counter((run[0], *run[2:]) if isinstance(run, Run) else (run.rule,) for run in found)

    assert plain(shifted(files(), NOW)) == plain(files())


def test_a_dated_folder_goes_with_its_run() -> None:
    for path, content in shifted(files(), NOW).items():
        run = decode(content, path)
        if isinstance(run, Run) and run.timestamp is not None:
            assert b'"timestamp": "' + path[:10].encode() in content


def test_the_whitelist_s_dates_are_moved_too() -> None:
    assert b'"added_at": "2026-02-23"' in shifted(files(), NOW)["unknown_whitelist.json"]


def test_the_first_arrival_follows_the_last_sample() -> None:
    assert first_number(files()) == 4153
    assert first_number({}) == 1


@pytest.mark.parametrize("ends_after", [0, 5])
def test_the_feeder_stops_when_the_demo_has_ended(tmp_path: Path, ends_after: int) -> None:
    waits: list[float] = []

    def pause(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) > ends_after

    feed(tmp_path, 1, 4153, pause)
    assert len(list(tmp_path.rglob("gate_result.json"))) == ends_after


def test_a_full_disk_ends_the_feeding_quietly(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    feed(tmp_path / "file", 1, 4153, lambda _: False)
    assert (tmp_path / "file").read_bytes() == b""


def test_the_console_reads_a_story_without_a_fault(tmp_path: Path) -> None:
    for arrival in story(60):
        path = tmp_path / arrival.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(arrival.content)
    snapshot = read_once(Options(tmp_path))
    assert snapshot.completeness.rejected == len(snapshot.rejected) > 0
    assert {policy.policy_hash for policy in snapshot.policies} >= {"a6f53e", "b71c02"}
