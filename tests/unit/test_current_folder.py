"""What a folder that one merely stands in can do: nothing but looks. Through real files and commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateconsole.__main__ import main
from gateconsole.io.files import program
from gateconsole.ledger.location import default_ledger
from gateconsole.notifications.hook import Hook
from gateconsole.tui.terminal.pager import PagerError, show_page
from tests.golden import fixture
from tests.unit.test_asof import put
from tests.unit.test_commands_watch import watching
from tests.unit.test_commands_watch_hook import artifact, fire
from tests.unit.test_hook import until_written

Said = pytest.CaptureFixture[str]
PATIENCE = 60.0


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, a stranger's checkout."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def burning(tmp_path: Path) -> Path:
    """45 quiet runs, then 15 spikes of one class."""
    root = tmp_path / "root"
    for minute in range(60):
        put(root, f"run-{minute}", minute, 0.5 if minute >= 45 else 0.02)
    return root


def run(capsys: Said, *words: str | Path) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out, said.err


def own_settings(text: str) -> None:
    """The operator's own settings file."""
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "gateconsole"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gateconsole.toml").write_text(text)


@pytest.mark.parametrize("line", ["alert_fire_at = 1000000", 'whitelist = "theirs.json"', "spike_floor = 1.0"])
def test_it_cannot_turn_a_gate_off(capsys: Said, here: Path, burning: Path, line: str) -> None:
    (here / "gateconsole.toml").write_text(f"{line}\n")
    (here / "theirs.json").write_text('["x"]')
    code, _, err = run(capsys, "alerts", burning, "--fail-on", "firing")
    assert code == 1
    key = line.split(maxsplit=1)[0]
    assert (
        f"not taken from the current folder: {key} ({here / 'gateconsole.toml'}, line 1): its gateconsole.toml" in err
    )
    assert "sets only bell, theme, mouse, ascii and keys of harmless actions" in err
    assert f"write it to {os.environ['XDG_CONFIG_HOME']}/gateconsole/gateconsole.toml or name the file with" in err


def test_its_command_is_not_run_and_the_operators_is(here: Path, tmp_path: Path) -> None:
    root, paged = tmp_path / "root", tmp_path / "paged"
    for number in range(45):
        artifact(root, number, 0.0)
    hook = tmp_path / "hook.py"
    hook.write_text(f"open({str(paged)!r}, 'w').write('paged\\n')\n")
    own_settings(f"on_alert = {json.dumps(f'{sys.executable} {hook}')}\n")
    (here / "gateconsole.toml").write_text('on_alert = "touch owned"\nalert_fire_at = 1\nalert_among = 1\n')
    with watching(root) as watch:
        fire(watch, root)
        end = time.monotonic() + PATIENCE
        while not paged.exists() and not (here / "owned").exists() and time.monotonic() < end:
            time.sleep(0.02)
    assert until_written(paged) == "paged\n"
    assert not (here / "owned").exists()


def test_paths_name_what_was_not_taken(capsys: Said, here: Path, burning: Path) -> None:
    (here / "gateconsole.toml").write_text('actor = "root"\nascii = true\n[keys]\nqueue_lost = "f5"\nhelp = "f1"\n')
    code, out, err = run(capsys, "paths", burning, "--json")
    file = str(here / "gateconsole.toml")
    document = json.loads(out)
    assert code == 0
    assert document["ignored"] == [
        {"setting": "actor", "origin": f"{file}, line 1"},
        {"setting": "keys.queue_lost", "origin": f"{file}, line 4"},
    ]
    values = {one["setting"]: one["value"] for one in document["settings"]}
    assert (values["actor"], values["ascii"], values["keys.help"]) == (None, True, "f1")
    assert "keys.queue_lost" not in values
    assert "not taken from the current folder: actor (" in err
    assert "\nnot taken from the current folder:\nactor " in run(capsys, "paths", burning)[1]


# the ledger


def test_a_root_on_the_command_line_brings_its_own_ledger(
    capsys: Said, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    monkeypatch.setenv("GATECONSOLE_LEDGER", str(tmp_path / "configured.db"))
    monkeypatch.setenv("CI_ARTIFACT_PATH", str(other))
    code, _, err = run(capsys, "queue", "configure", "tc", "--p", "0.9", "--root", one)
    assert code == 0, err
    assert default_ledger(one).exists()
    assert not (tmp_path / "configured.db").exists()
    note = f"GATECONSOLE_LEDGER: ledger {tmp_path}/configured.db is not used: ROOT stands on the command line"
    assert f"{note}; --ledger {tmp_path}/configured.db uses it" in err
    assert run(capsys, "paths", one)[1].count(str(default_ledger(one))) == 1


@pytest.mark.parametrize("words", [[], ["--root", "ROOT"], ["--ledger", "CONFIGURED", "--root", "OTHER"]])
def test_the_ledger_of_the_configured_root_holds_for_that_root(
    capsys: Said, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    root, configured = tmp_path / "root", tmp_path / "configured.db"
    root.mkdir()
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("GATECONSOLE_LEDGER", str(configured))
    monkeypatch.setenv("CI_ARTIFACT_PATH", str(root))
    paths = {"ROOT": str(root), "CONFIGURED": str(configured), "OTHER": str(tmp_path / "other")}
    code, _, err = run(capsys, "queue", "configure", "tc", "--p", "0.9", *(paths.get(word, word) for word in words))
    assert code == 0, err
    assert configured.exists()
    assert not default_ledger(root).exists()
    assert "is not used" not in err


# programs


def script(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("entry", ["", ".", "bin", "./bin"])
async def test_no_program_is_taken_from_the_current_folder(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    safe = tmp_path / "safe"
    for folder in (safe, here / "bin"):
        folder.mkdir()
    for folder in (here, here / "bin"):
        script(folder, "show", f"cat > /dev/null; touch {here}/owned")
    monkeypatch.setenv("PATH", f"{entry}:{os.environ['PATH']}")
    assert program("show", os.environ) is None
    assert Hook(("show",)).run(b"{}") == "show: No such file or directory: mend the setting on_alert"
    with pytest.raises(PagerError, match="show: No such file or directory"):
        await show_page(["show"], "page")
    script(safe, "show", f"cat > {tmp_path}/safe/taken")
    monkeypatch.setenv("PATH", f"{entry}:{safe}:{os.environ['PATH']}")
    assert Hook(("show",)).run(b"{}") == ""
    assert (safe / "taken").read_text() == "{}"
    await show_page(["show"], "page")
    assert (safe / "taken").read_text() == "page"
    assert not (here / "owned").exists()


def test_a_program_that_is_named_by_its_path_is_that_one(here: Path) -> None:
    assert program("./show", {"PATH": "/usr/bin"}) == "./show"
    assert program("sh", {"PATH": ":/bin:."}) == "/bin/sh"
    assert program("sh", {"PATH": ""}) is None


def test_paths_say_when_python_would_import_from_the_current_folder(here: Path) -> None:
    for options, said in ((["-m", "gateconsole"], True), (["-P", "-m", "gateconsole"], False)):
        ended = subprocess.run(
            [sys.executable, *options, "paths"], cwd=here, capture_output=True, text=True, check=True, timeout=120
        )
        assert ("Python looks for modules in the current folder first" in ended.stderr) == said


# the whitelist of a comment


def test_a_comment_says_which_whitelist_it_found(capsys: Said, here: Path, tmp_path: Path) -> None:
    root = here / "artifacts"
    fixture.write_tree(root)
    code, _, err = run(capsys, "comment", root / "r03" / "gate_result.json")
    assert code == 0
    assert f"whitelist: {root / 'unknown_whitelist.json'}, the nearest above FILE; --whitelist names another" in err
    (root / "unknown_whitelist.json").chmod(0o666)
    assert "everybody may write it" in run(capsys, "comment", root / "r03" / "gate_result.json")[2]
    named = run(capsys, "comment", root / "r03" / "gate_result.json", "--whitelist", root / "unknown_whitelist.json")
    assert named[2] == ""
