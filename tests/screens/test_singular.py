"""One thing is told as one, on every screen and by every command: `1 run`, never `1 runs`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gateconsole.__main__ import main
from gateconsole.engine.engine import Options, read_once
from gateconsole.snapshot import Snapshot
from gateconsole.text import counted, noun
from tests.screens.test_policies import opened
from tests.screens.using import paged

ONE_AS_MANY = re.compile(
    r"\b1 (?:[a-z]+ )?(?:runs|entries|policies|spikes|patches|files|folders|events|decisions|classes|alerts|artifacts"
    r"|findings|builds|alarms|verdicts|checks|days)\b"
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One run, which is a spike; one entry of the whitelist; one file that is no run."""
    root = tmp_path / "root"
    run = {
        "policy_hash": "a6f53e",
        "outcome": "WARN",
        "unknown_rate": 0.08,
        "top_reasons": ["flaky_test"],
        "testcase": 1,
    }
    for name, content in (("one", json.dumps(run)), ("broken", "{")):
        (root / name).mkdir(parents=True)
        (root / name / "gate_result.json").write_text(content)
    (root / "unknown_whitelist.json").write_text('[{"reason": "flaky_test", "justification": "known"}]')
    monkeypatch.chdir(tmp_path)
    return root


@pytest.fixture
def snapshot(tree: Path) -> Snapshot:
    """What the console shows of it."""
    return read_once(Options(tree))


@pytest.mark.parametrize(
    ("number", "one", "said"),
    [
        (1, "run", "1 run"),
        (0, "run", "0 runs"),
        (12_340, "valid run", "12,340 valid runs"),
        (2, "policy", "2 policies"),
        (2, "entry", "2 entries"),
        (2, "day", "2 days"),
        (2, "patch", "2 patches"),
        (2, "class", "2 classes"),
    ],
)
def test_what_is_counted_is_told_as_its_number_wants_it(number: int, one: str, said: str) -> None:
    assert counted(number, one) == said
    assert said.endswith(noun(number, one))


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
@pytest.mark.parametrize("screen", "123456")
async def test_no_screen_tells_one_thing_as_many(screen: str, size: tuple[int, int], snapshot: Snapshot) -> None:
    async with opened(snapshot, size) as seen:
        for keys in ((), ("enter",), ("escape",), ("slash", *"flaky", "enter")):
            await seen.press(screen, *keys)
            await seen.pilot.pause(0.05)
            assert ONE_AS_MANY.findall(seen.text) == []
        assert seen.app.frame.current is not None
        assert ONE_AS_MANY.findall("\n".join(paged(seen.app.frame.current))) == []


@pytest.mark.parametrize(
    "words",
    [
        ["rollup", "root", "-o", "out"],
        ["root"],
        ["alerts", "root"],
        ["readiness", "root"],
        ["validate", "root"],
        ["export", "root", "-o", "out"],
        ["whitelist", "list", "--root", "root"],
        ["whitelist", "preview", "flaky_test", "--root", "root"],
        ["whitelist", "lint", "--root", "root"],
        ["queue", "status", "--root", "root"],
        ["queue", "audit", "--root", "root"],
    ],
)
def test_no_command_tells_one_thing_as_many(words: list[str], tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(words)
    said = capsys.readouterr()
    assert said.out + said.err
    assert ONE_AS_MANY.findall(said.out + said.err) == []
