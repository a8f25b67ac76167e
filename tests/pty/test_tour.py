"""The README's five minutes, played in a terminal: every line shows what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.pty.terminal import Terminal
from tests.tools.readme_parts import README

BYTES = {"enter": "\r", "esc": "\x1b", "space": " ", "tab": "\t"}


class Step(NamedTuple):
    """One line of the tour: what is typed, and what is seen then."""

    keys: tuple[str, ...]
    seen: str


def steps() -> Iterator[Step]:
    """The lines of the tour."""
    text = README.read_text()
    table = text[text.index("<!-- tour:") : text.index("<!-- end of tour -->")]
    for line in table.splitlines()[3:]:
        typed, seen = line.split("|")[1:3]
        keys = [key for span in re.findall("`([^`]+)`", typed) for key in span.split()]
        yield Step(tuple(keys), seen.strip().strip("`"))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=str)
def test_the_tour_shows_what_the_readme_says(size: tuple[int, int]) -> None:
    with Terminal("-m", "gateconsole", "sample_artifacts", columns=size[0], lines=size[1]) as terminal:
        terminal.until_shown("b71c02")
        for step in steps():
            for key in step.keys:
                terminal.press(BYTES.get(key, key))
                terminal.settle(0.4 if key == "esc" else 0.15)
            if step.seen:
                terminal.until_shown(step.seen)
        assert terminal.ended() == 0
    assert len(list(steps())) >= 12
