"""The import rules of the house, where the linter's contracts cannot look: at run time, and in single calls."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.make_samples import TARGET as SAMPLES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "gateconsole"
CLOCKLESS = (
    "artifacts", "judgement", "ledger", "patch_queue", "statistics", "whitelist",
    "dates.py", "model.py", "policy_review.py", "snapshot.py", "text.py",
    "engine/alert_evaluator.py", "engine/as_of.py", "engine/ledger_follower.py", "engine/root_losses.py",
    "engine/root_state.py", "engine/series.py",
)  # fmt: skip
"""Below the engine: times are passed in."""

CLOCK_MODULES = {"threading", "time", "_thread", "concurrent", "multiprocessing", "asyncio", "sched", "signal"}
CLOCK_CALLS = {"now", "utcnow", "today"}


def below_engine() -> Iterator[Path]:
    """Every source file below the engine except the one that watches."""
    for name in CLOCKLESS:
        place = PACKAGE / name
        for path in [place] if place.suffix else sorted(place.rglob("*.py")):
            if path.exists() and path != PACKAGE / "artifacts" / "watch.py":
                yield path


def imported(tree: ast.AST) -> Iterator[str]:
    """The first words of all modules a file imports, lazily or not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def loaded_by(*arguments: str, cwd: Path) -> set[str]:
    """The top-level modules a gateconsole command has loaded when it ends, in a process of its own."""
    script = (
        "import sys\n"
        "from gateconsole.__main__ import main\n"
        "try:\n    code = main(sys.argv[1:])\n"
        "except SystemExit as end:\n    code = end.code\n"
        "sys.stderr.write('\\nLOADED ' + ' '.join({name.partition('.')[0] for name in sys.modules}))\n"
        "sys.exit(code)\n"
    )
    command = [sys.executable, "-c", script, *arguments]
    ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return set(ended.stderr.rpartition("LOADED ")[2].split())


@pytest.mark.parametrize("path", list(below_engine()), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_below_the_engine_nothing_starts_a_thread_or_reads_a_clock(path: Path) -> None:
    tree = ast.parse(path.read_bytes())
    assert not CLOCK_MODULES & set(imported(tree))
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    assert not CLOCK_CALLS & {function.attr for function in called if isinstance(function, ast.Attribute)}


def test_every_module_has_its_place_in_the_layers() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    placed = {name.strip(" ()") for layer in layers for name in layer.split("|")}
    homeless = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = [".".join(parts[:depth]) for depth in range(2, len(parts) + 1)]
        if parts[-1] != "__init__" and not placed & set(module):
            homeless.append(module[-1])
    assert not homeless


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_load_neither_polars_nor_textual(flag: str, tmp_path: Path) -> None:
    assert not {"polars", "textual", "rich", "watchfiles"} & loaded_by(flag, cwd=tmp_path)


def test_rollup_does_not_load_textual(tmp_path: Path) -> None:
    loaded = loaded_by("rollup", str(SAMPLES), "-o", str(tmp_path), cwd=tmp_path)
    assert "polars" in loaded
    assert not {"textual", "rich"} & loaded


def test_a_piped_console_does_not_load_textual(tmp_path: Path) -> None:
    assert not {"textual", "rich"} & loaded_by(str(SAMPLES), cwd=tmp_path)


def test_what_is_painted_first_brings_no_table_no_queue_and_no_polars() -> None:
    names = "name for name in sys.modules if name.startswith(('gateconsole', 'polars'))"
    script = f"import sys, gateconsole.tui.app\nprint(*({names}))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    heavy = (
        "polars",
        "gateconsole.exports",
        "gateconsole.patch_queue",
        "gateconsole.ledger.store",
        "gateconsole.judgement.alerts",
    )
    assert [name for name in ended.stdout.split() if name.startswith(heavy)] == []
