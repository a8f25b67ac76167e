"""rules 3.3 and 3.4 once more, as a builder's script meets them: through `gateconsole queue ... --json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateconsole.__main__ import main
from tests.golden.test_queue_golden import FIRST_TEN, GOLDEN_2, SINGLES


class Shell:
    """`gateconsole queue` on one ledger; ten patches wait, 1 is the oldest."""

    def __init__(self, ledger: Path, said: pytest.CaptureFixture[str]) -> None:
        self.ledger = ledger
        self.said = said
        self("configure", "linux", "--p", "0.9", "--literal")
        for name in SINGLES:
            self("submit", name)

    def __call__(self, *words: str) -> Any:
        assert main(["queue", *words, "--json", "--ledger", str(self.ledger)]) == 0
        return json.loads(self.said.readouterr().out)

    def next(self) -> Any:
        return self("next", "linux", "--builder", "tb1")

    def pending(self) -> dict[str, float]:
        (testcase,) = self("status")["testcases"]
        return {row["patch"]: row["p"] for row in testcase["patches"] if row["state"] == "pending"}


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path / "ledger.db", capsys)


def test_golden_1_through_the_commands(shell: Shell) -> None:
    given = [shell.next() for _ in range(32)]
    assert [" ".join(each["patches"]) for each in given] == [*FIRST_TEN, *SINGLES, *SINGLES, "1", "1"]
    assert [each["kind"] for each in given] == ["optimistic"] * 31 + ["pessimistic"]
    runs = ", ".join(given[number - 1]["run"] for number in (1, 2, 6, 11, 21, 31))
    assert f"credits runs {runs} (10 patches rise)" in given[31]["why"]
    assert shell.pending() == {"1": 0.9, "2": 0.6561, **dict.fromkeys(SINGLES[2:], 0.59049)}


def test_golden_2_through_the_commands(shell: Shell) -> None:
    for kind, patches, product, result, left in GOLDEN_2:
        given = shell.next()
        assert (given["kind"], " ".join(given["patches"]), given["product"]) == (kind, patches, product)
        shell("report", given["run"], result)
        assert shell.pending().items() >= left.items()
    last = shell.next()
    assert (last["kind"], last["patches"]) == ("pessimistic", ["4"])
    assert shell("report", last["run"], "fail")["verdicts"] == [{"patch": "4", "verdict": "bad"}]
    assert shell.next()["why"] == "no patch is under consideration"
    states = {each["patch"]: each["state"] for each in shell("status")["overall"]}
    assert states == {name: "bad" if name == "4" else "good" for name in SINGLES}
