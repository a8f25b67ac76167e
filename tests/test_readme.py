"""The README says what is: its generated parts, its two commands, its picture, its examples."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateconsole.artifacts.decode import decode
from gateconsole.model import Run
from gateconsole.whitelist.file import parse
from tests.tools import make_screenshot
from tests.tools.readme_parts import README, REFERENCE, with_parts

ROOT = Path(__file__).parents[1]
TEXT = README.read_text()


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_generated_parts_are_fresh() -> None:
    reference = REFERENCE.read_text()
    assert with_parts(reference) == reference, "run: python -m tests.tools.readme_parts"


def test_there_are_two_commands_of_one_line_each() -> None:
    run, test = blocks("sh")[:2]
    assert run.count("\n") == test.count("\n") == 1
    assert run.endswith("&& .venv/bin/gateconsole sample_artifacts\n")
    assert test.endswith("&& .venv/bin/pytest -n 3 --dist loadgroup\n")


def test_ci_runs_the_readmes_own_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    found = re.search(r"grep -m1 -E '(.*)' README\.md", script)
    assert found
    assert [line for line in TEXT.splitlines() if re.search(found[1], line)] == [blocks("sh")[1].strip()]


def test_the_first_commands_job_is_done_on_the_samples() -> None:
    command = [sys.executable, "-m", "gateconsole", "sample_artifacts"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert [line.split()[0] for line in ended.stdout.splitlines()[1:4]] == ["a6f53e", "b71c02", "c0ffee"]
    assert "73 seen = 72 parsed + 1 rejected" in ended.stdout


def test_the_queues_example_dispatches_a_run(tmp_path: Path) -> None:
    told = ""
    for line in blocks("sh")[2].splitlines()[1:]:
        words = [sys.executable, "-m", *line.split()]
        ended = subprocess.run(
            words, env={"CI_ARTIFACT_PATH": str(tmp_path)}, capture_output=True, text=True, check=False, timeout=120
        )
        assert ended.returncode == 0, ended.stderr
        told = ended.stdout
    assert json.loads(told)["patches"] == ["I4f21-r2", "Ia07c-r1"]


def test_the_example_artifact_is_an_artifact() -> None:
    run = decode(blocks("json")[0].encode(), "x")
    assert isinstance(run, Run)
    assert not run.diagnostics


def test_the_example_whitelist_is_a_whitelist_in_its_written_form() -> None:
    text = blocks("json")[1]
    assert len(parse(text.encode()).entries) == 1
    assert json.dumps(json.loads(text), indent=2) + "\n" == text


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^):#]+)\)|`(gateconsole/[A-Z]\w+)`", TEXT))))
def test_every_file_it_names_is_there(path: tuple[str, str]) -> None:
    assert (ROOT / "".join(path)).is_file()


def test_every_heading_it_points_at_is_there() -> None:
    headings = {line.removeprefix("## ").lower().replace(" ", "-") for line in TEXT.splitlines() if line[:3] == "## "}
    pointed = set(re.findall(r"\]\(#([^)]+)\)", TEXT))
    assert pointed and pointed <= headings


@pytest.mark.parametrize("name", make_screenshot.PICTURES)
async def test_a_picture_is_what_the_app_draws_now_and_stands_in_the_readme(name: str) -> None:
    drawn = await make_screenshot.picture(name)
    kept = make_screenshot.FOLDER / f"{name}.svg"
    assert kept.read_text() == drawn, "run: python -m tests.tools.make_screenshot"
    assert f"](.github/{name}.svg)" in TEXT
