"""The painter: the fewest bytes, and always the right screen."""

from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from gateconsole.tui.terminal.painter import DiffPainter
from gateconsole.tui.theme.paint import Painter
from gateconsole.tui.theme.themes import load_theme

WIDTH, HEIGHT = 24, 4
PAINT = Painter(load_theme("gate-dark"))
LINE = st.lists(
    st.tuples(st.text("ab 漢é█\u0301😀…", max_size=10), st.sampled_from(["text", "bad", "muted"])), max_size=4
)
SCREEN = st.lists(LINE, min_size=HEIGHT, max_size=HEIGHT)


def strips(lines: list[list[tuple[str, str]]]) -> list[Strip]:
    """Lines as Textual would hand them over."""
    return [PAINT.strip(line, WIDTH) for line in lines]


def whole(lines: list[Strip]) -> LayoutUpdate:
    """A full repaint."""
    return LayoutUpdate([[line] for line in lines], Region(0, 0, WIDTH, HEIGHT))


def parts(lines: list[Strip], changed: list[int]) -> ChopsUpdate:
    """A repaint of some lines."""
    spans = [(y, 0, WIDTH) for y in changed]
    return ChopsUpdate([{0: line} for line in lines], spans, [[WIDTH] for _ in lines])


def shown(*sequences: str) -> list[list[tuple[object, ...]]]:
    """What a terminal shows after these sequences: character and style of each cell."""
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    for sequence in sequences:
        stream.feed(sequence)
    return [[tuple(screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


@settings(max_examples=60)
@given(st.lists(SCREEN, min_size=1, max_size=5))
def test_patches_leave_what_a_full_repaint_would(screens: list[list[list[tuple[str, str]]]]) -> None:
    painter = DiffPainter()
    written, before = "", None
    for lines in map(strips, screens):
        changed = [y for y in range(HEIGHT) if before is None or before[y] != lines[y]]
        if before is None:
            written += painter.bytes_for(whole(lines), ColorSystem.TRUECOLOR)
        elif changed:
            written += painter.bytes_for(parts(lines, changed), ColorSystem.TRUECOLOR)
        before = lines
    fresh = DiffPainter().bytes_for(whole(strips(screens[-1])), ColorSystem.TRUECOLOR)
    assert shown(written) == shown(fresh)


@given(SCREEN)
def test_nothing_changed_writes_nothing(lines: list[list[tuple[str, str]]]) -> None:
    painter = DiffPainter()
    painter.bytes_for(whole(strips(lines)), ColorSystem.TRUECOLOR)
    assert painter.bytes_for(whole(strips(lines)), ColorSystem.TRUECOLOR) == ""
    assert painter.bytes_for(parts(strips(lines), [0, 1, 2, 3]), ColorSystem.TRUECOLOR) == ""


def test_one_changed_cell_writes_that_cell() -> None:
    painter = DiffPainter()
    painter.bytes_for(whole(strips([[("abcdef", "text")]] * HEIGHT)), ColorSystem.TRUECOLOR)
    update = parts(strips([[("abXdef", "text")]] * HEIGHT), [1])
    written = painter.bytes_for(update, ColorSystem.TRUECOLOR)
    assert written.startswith("\x1b[2;3H")
    assert "X" in written
    assert "a" not in written.replace("\x1b", "")
    assert len(written) < 60


def test_a_forgotten_screen_is_drawn_whole() -> None:
    painter = DiffPainter()
    lines = strips([[("abc", "text")]] * HEIGHT)
    first = painter.bytes_for(whole(lines), ColorSystem.TRUECOLOR)
    painter.forget()
    assert painter.bytes_for(whole(lines), ColorSystem.TRUECOLOR) == first


def test_no_control_character_passes_even_from_a_widget_that_is_not_ours() -> None:
    foreign = Strip([Segment("x\x1b]52;c;AA\x07\x9b\u202e", Style(link="http://x", meta={"@click": "quit"}))])
    update = LayoutUpdate([[foreign]], Region(0, 0, WIDTH, 1))
    written = DiffPainter().bytes_for(update, ColorSystem.TRUECOLOR)
    assert "\x1b]" not in written
    assert not set("\x07\x9b\u202e") & set(written)
