"""What `gateconsole queue next`, `status` and `sync` find in a tree of artifacts (rule Q20)."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateconsole.__main__ import main
from gateconsole.artifacts import read_file
from gateconsole.cli import base
from gateconsole.cli.queue import context as queue_place
from gateconsole.cli.queue import sync
from gateconsole.engine.engine import Options, read_once
from gateconsole.model import ARTIFACT_NAME

Said = pytest.CaptureFixture[str]
DAY = 24 * 3600


class Site:
    """A root with a queue of one testcase and two patches; commands as a shell gives them."""

    def __init__(self, root: Path, said: Said) -> None:
        self.root = root
        self.said = said
        self.err = ""
        root.mkdir()
        self("configure", "linux", "--p", "0.9", "--literal")
        for patch in ("A", "B"):
            self("submit", patch)
        self.run: str = self.json("next", "linux", "--builder", "tb1")["run"]

    def __call__(self, *words: str) -> str:
        assert main(["queue", *words, "--root", str(self.root)]) == 0
        said = self.said.readouterr()
        self.err = said.err
        return said.out

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))

    def write(self, folder: str, outcome: str = "PASS", **fields: object) -> Path:
        path = self.root / folder / ARTIFACT_NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {"policy_hash": "a", "outcome": outcome, "unknown_rate": 0.0, "top_reasons": []}
        claim = {"queue_run": self.run, "testcase": "linux", "patches": ["A", "B"]}
        path.write_text(json.dumps({**whole, **claim, **fields}))
        return path

    def write_others(self, number: int) -> None:
        for name in range(number):
            path = self.root / f"other-{name}" / ARTIFACT_NAME
            path.parent.mkdir()
            path.write_text(json.dumps({"policy_hash": "a", "outcome": "PASS", "unknown_rate": 0, "top_reasons": []}))

    def states(self) -> set[str]:
        return {each["state"] for each in self.json("status")["overall"]}

    def conflicts(self) -> list[str]:
        return [each["what"] for each in self.json("status")["conflicts"]]


@pytest.fixture
def site(tmp_path: Path, capsys: Said) -> Site:
    return Site(tmp_path / "root", capsys)


def by_next(site: Site) -> None:
    site("next", "linux", "--builder", "tb2")


def by_status(site: Site) -> None:
    site("status")


def by_sync(site: Site) -> None:
    site("sync")


@pytest.mark.parametrize("look", [by_next, by_status, by_sync])
def test_an_artifact_that_fails_after_the_report_is_noticed_though_nothing_is_in_flight(
    site: Site, look: Callable[[Site], None]
) -> None:
    site("report", site.run, "pass")
    assert site.states() == {"good"}
    site.write("build-1", "FAIL")
    look(site)
    assert json.loads(site("status", "--json", "--no-sync"))["conflicts"][0]["what"] == "run_contradicts_itself"


@pytest.mark.parametrize("look", [by_next, by_status, by_sync])
def test_a_file_rewritten_in_place_is_noticed_also_at_once_and_with_equal_size(
    site: Site, look: Callable[[Site], None]
) -> None:
    for outcome, state in (("PASS", "good"), ("FAIL", "pending"), ("PASS", "good")):
        path = site.write("build-1", outcome)
        look(site)
        assert {each["state"] for each in site.json("status", "--no-sync")["overall"]} == {state}, path


def test_a_file_rewritten_behind_equal_coarse_times_is_noticed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path = site.write("build-1", "PASS")
    second = path.stat().st_ctime_ns // 10**9 * 10**9
    for module in (read_file, sync):  # a file system of whole seconds: nothing in the mark tells the two apart
        monkeypatch.setattr(module, "identity_of", lambda found: second)
    read = read_file.read_artifact
    coarse: Any = lambda path, fd: (found := read(path, fd)) and found._replace(ctime=second)  # noqa: E731
    monkeypatch.setattr(sync, "read_artifact", coarse)
    assert site.states() == {"good"}
    path.write_text(path.read_text().replace("PASS", "FAIL"))
    assert site.states() == {"pending"}


@pytest.mark.parametrize("ahead", [-3650 * DAY, -3600, 3600, 3650 * DAY])
def test_no_clock_decides_what_is_found(site: Site, monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
    true_now = base.now
    monkeypatch.setattr(queue_place, "now", lambda: true_now() + ahead * 1_000_000)
    site.run = site.json("next", "linux", "--builder", "tb2")["run"]
    site.write("build-2", patches=site.json("status")["testcases"][0]["runs"][-1]["patches"])
    site("next", "linux", "--builder", "tb3")
    assert f"booked: run {site.run}" in site.err


def test_one_folder_that_cannot_be_entered_stops_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.write("a-locked/deep", "PASS")
    site.write("z-open", "PASS")
    refuse(monkeypatch, "a-locked")
    assert site("sync") == f"run {site.run}: A good, B good (z-open/{ARTIFACT_NAME})\n"
    assert "a-locked: cannot be read: Permission denied: results in it are not booked" in site.err
    site.write("z-later", "FAIL")
    by_next(site)
    assert f"(z-later/{ARTIFACT_NAME})" in site.err
    assert "a-locked: cannot be read" in site.err


def test_a_folder_that_can_be_entered_again_speaks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.write("a-locked/deep", "FAIL")
    with monkeypatch.context() as locked:
        refuse(locked, "a-locked")
        by_status(site)
        by_status(site)
    by_status(site)
    assert [run["state"] for run in site.json("status")["testcases"][0]["runs"]] == ["failed"]


def refuse(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the system refuse to list a folder, as for one of another user."""
    scandir = os.scandir

    def refusing(path: Any) -> Any:
        if isinstance(path, bytes) and path.endswith(name.encode()):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)


@pytest.mark.parametrize("gone", ["a-gone", "a-gone/deep"])
def test_a_folder_that_vanishes_meanwhile_stops_nothing(site: Site, monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    site.write("a-gone/deep", "FAIL")
    site.write("z-open", "PASS")
    scandir = os.scandir

    def vanishing(path: Any) -> Any:
        entries = scandir(path)
        if isinstance(path, bytes) and path.rstrip(b"/") == os.fsencode((site.root / gone).parent):
            shutil.rmtree(site.root / gone, ignore_errors=True)
        return entries

    monkeypatch.setattr(os, "scandir", vanishing)
    assert site("sync") == f"run {site.run}: A good, B good (z-open/{ARTIFACT_NAME})\n"


def test_what_was_looked_at_is_read_again_only_when_it_is_another_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write_others(30)
    for path in site.root.glob("other-*"):
        os.utime(path / ARTIFACT_NAME, ns=(1, 1))
    site.write("newest", queue_run=None)
    monkeypatch.setattr(sync, "FINE_NS", 0)  # the files are made faster than any build makes them
    by_status(site)
    by_status(site)
    count = reads(monkeypatch)
    by_status(site)
    assert len(count) <= 1  # the newest of all times may still stand for two states
    site.write("other-7", "FAIL")
    by_next(site)
    assert "other-7" in "".join(count)
    assert f"run {site.run}: no verdict (other-7/{ARTIFACT_NAME})" in site.err
    assert not {name for name in count if "other-7" not in name and "newest" not in name}


def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The artifacts that are read from now on, as they are read."""
    read, count = read_file.read_artifact, list[str]()

    def counting(path: str, fd: int) -> Any:
        count.append(path)
        return read(path, fd)

    monkeypatch.setattr(sync, "read_artifact", counting)
    return count


def test_an_artifact_in_a_new_folder_of_a_known_run_folder_is_found(site: Site) -> None:
    site.write("build-1", "PASS")
    assert site.states() == {"good"}
    site.write("build-1/fedora", "FAIL")
    assert site.states() == {"pending"}
    assert site.conflicts() == ["run_contradicts_itself"]


def test_a_file_that_is_gone_takes_nothing_back(site: Site) -> None:
    site.write("build-1", "PASS")
    assert site.states() == {"good"}
    shutil.rmtree(site.root / "build-1")
    assert site.states() == {"good"}


def test_no_link_below_the_root_is_followed(site: Site, tmp_path: Path) -> None:
    path = site.write("build-1", "PASS")
    path.parent.rename(tmp_path / "outside")
    (site.root / "link").symlink_to(tmp_path / "outside")
    (site.root / "build-2").mkdir()
    (site.root / "build-2" / ARTIFACT_NAME).symlink_to(tmp_path / "outside" / ARTIFACT_NAME)
    assert site.json("sync")["booked"] == []


def test_an_unreadable_root_forgets_nothing(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ledger = str(tmp_path / "ledger.db")
    (site.root / ".gateconsole" / "ledger.db").rename(ledger)
    site.write("build-1", "PASS")
    assert site.json("sync", "--ledger", ledger)["booked"]
    site.root.rename(tmp_path / "away")
    site("status", "--ledger", ledger)
    assert "root: cannot be read: No such file or directory" in site.err
    (tmp_path / "away").rename(site.root)
    assert site.json("sync", "--ledger", ledger)["booked"] == []


def test_a_folder_whose_name_is_no_utf8_is_looked_at(site: Site) -> None:
    path = site.write("plain", "PASS")
    os.rename(os.fsencode(path.parent), os.fsencode(site.root) + b"/odd-\xff\x1b")
    assert site.json("sync")["booked"][0]["path"] == rf"odd-\xff\x1b/{ARTIFACT_NAME}"
    assert site.json("sync")["booked"] == []


REFUSED: dict[str, dict[str, object]] = {
    "patches_disagree": {"patches": ["A"]},
    "testcase_disagrees": {"testcase": "Linux"},
    "outcome_unknown": {"outcome": "ERROR"},
    "foreign_run": {"queue_run": "ffff-1"},
    "queue_run_unusable": {"queue_run": 17},
}


@pytest.mark.parametrize("rule", REFUSED)
def test_what_the_queue_refuses_is_said_wherever_somebody_looks(site: Site, rule: str) -> None:
    fields = dict(REFUSED[rule])
    path = site.write("build-1", str(fields.pop("outcome", "PASS")), **fields)
    for _ in range(2):  # it is said as long as it is so
        site("next", "linux", "--builder", "tb2")
        assert f"not booked: build-1/{ARTIFACT_NAME}: {rule}: " in site.err
        assert [(each["path"], each["rule"]) for each in site.json("status")["odd"]] == [
            (f"build-1/{ARTIFACT_NAME}", rule)
        ]
        assert f"not booked: build-1/{ARTIFACT_NAME}: {rule}: " in site.err
        assert [each["rule"] for each in site.json("sync")["odd"]] == [rule]
    for target in (site.root, path, path.parent):
        code, findings = validated(site, target)
        assert code == 1
        assert rule in [each["rule"] for each in findings if each["place"] == "queue_run"]
        assert all(each["remedy"] for each in findings)
    notes = dict(read_once(Options(site.root)).diagnostics())
    assert rule in [note.rule for note in notes[f"build-1/{ARTIFACT_NAME}"]]


def validated(site: Site, target: Path, *words: str) -> tuple[int, list[dict[str, Any]]]:
    code = main(["validate", str(target), "--json", *words])
    return code, json.loads(site.said.readouterr().out)["findings"]


def test_what_is_a_result_is_no_finding_of_validate(site: Site, tmp_path: Path) -> None:
    site.write("build-1", patches=["B", "A"])
    assert validated(site, site.root) == (0, [])
    site.write("build-2", queue_run="ffff-1")
    copy = tmp_path / "elsewhere"
    shutil.copytree(site.root / "build-2", copy)
    assert validated(site, copy) == (0, [])  # nobody can know without a ledger
    ledger = str(site.root / ".gateconsole" / "ledger.db")
    assert [each["rule"] for each in validated(site, copy, "--ledger", ledger)[1]] == ["foreign_run"]


def test_a_ledger_that_cannot_be_read_is_told_by_validate(site: Site, capsys: Said) -> None:
    site.write("build-1")
    (site.root / ".gateconsole" / "ledger.db").write_bytes(b"no database" * 100)
    assert main(["validate", str(site.root)]) == 0
    assert "not compared with its ledger" in capsys.readouterr().err


def test_patches_that_are_whole_numbers_are_texts(site: Site) -> None:
    for patch in ("17", "18"):
        site("submit", patch)
    site.run = site.json("next", "linux", "--builder", "tb2")["run"]
    names = site.json("status")["testcases"][0]["runs"][-1]["patches"]
    site.write("build-2", patches=[int(name) if name.isdecimal() else name for name in names])
    assert {"17", "18"} <= set(names)
    assert [each["run"] for each in site.json("sync")["booked"]] == [site.run]
    assert validated(site, site.root) == (0, [])


def test_of_many_refused_artifacts_the_first_are_told_and_the_rest_counted(site: Site) -> None:
    for number in range(8):
        site.write(f"build-{number}", queue_run="ffff-1")
    site("next", "linux", "--builder", "tb2")
    assert site.err.count("not booked: ") == 5
    assert "and 3 artifacts more: `gateconsole queue sync` names them" in site.err


def test_what_was_refused_is_booked_once_the_ledger_knows_the_run(site: Site) -> None:
    following = f"{site.run.rpartition('-')[0]}-2"
    site.write("early", queue_run=following)
    assert [each["rule"] for each in site.json("status")["odd"]] == ["unknown_run"]
    site("next", "linux", "--builder", "tb2")
    site("status")
    assert f"booked: run {following}" in site.err
    assert site.json("status")["odd"] == []


def test_a_hostile_name_or_field_is_printed_as_text(site: Site) -> None:
    site.write("build-\x1b[31m", testcase="\x1b]0;owned\x07", queue_run=site.run)
    site("next", "linux", "--builder", "tb2")
    assert "testcase_disagrees" in site.err
    assert "\x1b" not in site.err + site("status")
