"""The pages of gateconsole/docs: every rule that the code cites is there, and `gateconsole help` shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateconsole.__main__ import main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "gateconsole" / "docs"
PAGES = sorted(path.stem for path in DOCS.glob("*.md"))
CITED = re.compile(r"\brules? ((?:[GQ]\d+(?:-[GQ]?\d+)?(?:, | and )?)+)")


def texts() -> Iterator[tuple[Path, str]]:
    """Every source and test file but this one, and every page."""
    for folder, pattern in (("gateconsole", "*.py"), ("tests", "*.py"), ("gateconsole/docs", "*.md")):
        for path in sorted((ROOT / folder).rglob(pattern)):
            if path != Path(__file__):
                yield path, path.read_text(encoding="utf-8")


def rules() -> set[str]:
    """The labels of all rules."""
    return set(re.findall(r"^\| ([GQ]\d+) \| ", (DOCS / "rules.md").read_text(encoding="utf-8"), re.MULTILINE))


def cited(text: str) -> Iterator[str]:
    """Every rule that a text cites; of a span the first and the last."""
    for group in CITED.findall(text):
        for first, number, last in re.findall(r"([GQ])(\d+)(?:-[GQ]?(\d+))?", group):
            yield f"{first}{number}"
            if last:
                yield f"{first}{last}"


def test_every_rule_that_is_cited_exists() -> None:
    known = rules()
    assert len(known) == 29 + 24
    missing = {(path.name, label) for path, text in texts() for label in cited(text) if label not in known}
    assert not missing


def test_rules_are_cited_by_their_label_alone() -> None:
    old = re.compile(r"\b(?:DOMAIN|DESIGN|SCREENS)(?:'s|\.md)? (?:rows? )?\d|\((?:3\.2 )?rows? \d")
    assert {path.name: found for path, text in texts() if (found := old.findall(text))} == {}


def test_every_section_of_the_architecture_that_is_cited_exists() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^##+ ([\d.]+?)\.? ", page, re.MULTILINE))
    found = {number for _, text in texts() for number in re.findall(r"\barchitecture (\d[\d.]*\d|\d)", text)}
    assert found and found <= sections


@pytest.mark.parametrize("page", PAGES)
def test_help_shows_the_page(capsys: pytest.CaptureFixture[str], page: str) -> None:
    assert main(["help", page]) == 0
    assert capsys.readouterr().out == (DOCS / f"{page}.md").read_text(encoding="utf-8")


def test_help_alone_lists_the_pages_with_their_titles(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[2] for line in lines] == PAGES
    assert "Architecture: whom it serves" in lines[PAGES.index("architecture")]


def test_help_shows_one_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "G13"]) == 0
    assert capsys.readouterr().out.startswith("G13, p95: nearest rank: value number ceil(95 n / 100)")


@pytest.mark.parametrize(
    ("topic", "answer"),
    [
        ("nothing", "no page of that name: there are alerts, architecture,"),
        ("G99", "no rule G99: `gateconsole help rules` has them all"),
        ("rollup", "rollup is a command: `gateconsole rollup --help` has its options"),
        ("../rules", "no page of that name"),
    ],
)
def test_an_unknown_topic_is_answered_with_what_there_is(
    capsys: pytest.CaptureFixture[str], topic: str, answer: str
) -> None:
    assert main(["help", topic]) == 2
    assert answer in capsys.readouterr().err
