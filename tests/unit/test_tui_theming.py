"""Themes: complete, readable, told apart by every eye; broken ones said so; as each terminal can show them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem
from rich.style import Style

from gateconsole.package_data import data_path
from gateconsole.tui.frame.active_theme import ActiveTheme
from gateconsole.tui.theme.paint import Painter
from gateconsole.tui.theme.themes import (
    GROUNDS,
    INKS,
    OWN_NAMES,
    Theme,
    ThemeError,
    ThemeLibrary,
    adapted,
    depth_of,
    load_theme,
    read_theme,
)
from tests.unit.eyes import contrast, difference, seen_by

LINES = {"rule", "axis"}
"""Drawn, not read."""

COLOURED = ("gate-dark", "gate-light", "gate-safe", "gate-mono")
"""Those with colours of their own."""

STATES = ("good", "notice", "bad")
OUTCOMES = ("pass", "comment", "warn", "review", "fail", "block")


@pytest.fixture(params=COLOURED)
def theme(request: pytest.FixtureRequest) -> Theme:
    """Each theme with colours of its own."""
    return load_theme(request.param)


def colour(ink: str) -> str:
    """The colour of an ink."""
    return ink.rsplit(maxsplit=1)[-1]


def test_the_package_brings_what_it_says() -> None:
    assert {path.stem for path in data_path("themes").glob("*.toml")} == set(OWN_NAMES)
    assert load_theme("gate-dark").dark
    assert not load_theme("gate-light").dark


@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_readable_on_every_ground(theme: Theme, ground: str) -> None:
    for ink in set(INKS) - LINES:
        assert contrast(colour(theme.inks[ink]), theme.grounds[ground]) >= 4.5, ink


@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_still_readable_in_256_colours(theme: Theme, ground: str) -> None:
    def downgraded(said: str) -> str:
        return Color.parse(said).downgrade(ColorSystem.EIGHT_BIT).get_truecolor().hex

    for ink in set(INKS) - LINES:
        assert contrast(downgraded(colour(theme.inks[ink])), downgraded(theme.grounds[ground])) >= 4.0, ink


@pytest.mark.parametrize("ink", sorted(LINES))
def test_lines_are_seen_and_stay_behind_the_text(theme: Theme, ink: str) -> None:
    assert 1.5 <= contrast(theme.inks[ink], theme.grounds["background"]) < 4.5


def test_the_selected_row_differs_from_the_ground(theme: Theme) -> None:
    assert contrast(theme.grounds["selection"], theme.grounds["background"]) >= 1.25


@pytest.mark.parametrize("eye", ["usual", "deuteranopia", "protanopia"])
def test_the_safe_theme_tells_states_apart_for_every_eye(eye: str) -> None:
    inks = {name: seen_by(eye, colour(ink)) for name, ink in load_theme("gate-safe").inks.items()}
    for words in (STATES, OUTCOMES):
        for place, one in enumerate(words):
            for other in words[place + 1 :]:
                assert difference(inks[one], inks[other]) >= 12, (one, other)


def test_the_monochrome_theme_has_no_hue() -> None:
    theme = load_theme("gate-mono")
    for said in (*theme.grounds.values(), *map(colour, theme.inks.values())):
        assert said[1:3] == said[3:5] == said[5:7]


def test_what_fails_stands_out_by_more_than_colour() -> None:
    for name in OWN_NAMES:
        assert "bold" in load_theme(name).inks["fail"].split()


def test_the_terminals_theme_names_no_colour_of_its_own() -> None:
    theme = load_theme("gate-terminal")
    assert theme.grounds["background"] == theme.inks["text"] == "default"
    assert "#" not in "".join((*theme.grounds.values(), *theme.inks.values()))
    assert "bright" not in "".join(theme.inks.values())


# what a terminal can show


@pytest.mark.parametrize(
    ("environ", "terminfo", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, 256, "true"),
        ({"TERM": "xterm-256color"}, 256, "256"),
        ({"TERM": "xterm-256color"}, None, "256"),
        ({"TERM": "xterm-direct"}, 1 << 24, "true"),
        ({"TERM": "screen"}, 8, "ansi"),
        ({"TERM": "linux"}, 8, "ansi"),
        ({"TERM": "foo"}, None, "ansi"),
        ({"TERM": "vt100"}, -1, "none"),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, -1, "none"),
        ({}, None, "none"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, 256, "none"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, 256, "256"),
        ({"TERM": "screen.xterm-256color", "STY": "1.a", "COLORTERM": "truecolor"}, 256, "256"),
        ({"TERM": "screen", "STY": "1.a", "COLORTERM": "truecolor"}, 8, "ansi"),
        ({"TERM": "tmux-256color", "STY": "1.a", "TMUX": "/tmp/x,1,0", "COLORTERM": "truecolor"}, 256, "true"),
    ],
)
def test_the_terminal_says_how_many_colours_there_are(
    environ: dict[str, str], terminfo: int | None, depth: str
) -> None:
    assert depth_of(environ, terminfo) == depth


@pytest.mark.parametrize("name", OWN_NAMES)
def test_without_colours_no_style_has_one_and_the_selected_row_is_reversed(name: str) -> None:
    paint = Painter(adapted(load_theme(name), "none"))
    for ink in INKS:
        for ground in GROUNDS:
            style = paint.style(ink, ground)
            assert style.color is not None and style.color.is_default
            assert style.bgcolor is not None and style.bgcolor.is_default
            assert bool(style.reverse) == (ground == "selection") or "reverse" in load_theme(name).inks[ink]


@pytest.mark.parametrize("name", OWN_NAMES)
def test_with_few_colours_only_the_terminals_eight_are_used(name: str) -> None:
    theme = adapted(load_theme(name), "ansi")
    assert theme.name == name
    for said in (*theme.grounds.values(), *map(colour, theme.inks.values())):
        assert said == "reverse" or (Color.parse(said).number or 0) < 8


def test_with_many_colours_a_theme_is_worn_as_it_is(theme: Theme) -> None:
    assert adapted(theme, "true") == adapted(theme, "256") == theme


def test_on_a_reversed_row_every_ink_is_readable() -> None:
    paint = Painter(load_theme("gate-terminal"))
    assert {str(paint.style(ink, "selection").color) for ink in INKS} == {str(Style(color="default").color)}


# the operator's own


def save(folder: Path, name: str, text: str, at: int = 1) -> Path:
    """Save a theme file, as if at this second."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(text)
    os.utime(path, (at, at))
    return path


MINE = 'base = "gate-light"\n[inks]\ntext = "#010203"\n'


def test_a_theme_of_ones_own_may_say_only_what_differs(tmp_path: Path) -> None:
    save(tmp_path, "mine", MINE)
    book = ThemeLibrary(tmp_path)
    theme = book.load("mine")
    assert book.names() == (*OWN_NAMES, "mine")
    assert theme.inks["text"] == "#010203"
    assert theme.inks["bad"] == load_theme("gate-light").inks["bad"]
    assert theme.grounds == load_theme("gate-light").grounds
    assert not theme.dark


def test_a_theme_of_ones_own_goes_before_one_of_the_same_name(tmp_path: Path) -> None:
    save(tmp_path, "gate-dark", MINE)
    assert ThemeLibrary(tmp_path).load("gate-dark").inks["text"] == "#010203"
    assert ThemeLibrary(tmp_path).names() == OWN_NAMES


def test_a_saved_theme_is_noticed_once(tmp_path: Path) -> None:
    save(tmp_path, "mine", MINE)
    book = ThemeLibrary(tmp_path)
    assert book.changed() == frozenset()
    save(tmp_path, "mine", MINE, at=2)
    save(tmp_path, "new", MINE)
    assert book.changed() == {"mine", "new"}
    assert book.changed() == frozenset()
    (tmp_path / "new.toml").unlink()
    assert book.changed() == {"new"}


def test_without_a_folder_there_are_the_packages_themes(tmp_path: Path) -> None:
    assert ThemeLibrary(tmp_path / "none").names() == ThemeLibrary(None).names() == OWN_NAMES


def test_what_is_no_theme_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".mine.toml.swp").write_text("x")
    (tmp_path / ".hidden.toml").write_text("x")
    save(tmp_path, "mine", MINE)
    assert ThemeLibrary(tmp_path).names() == (*OWN_NAMES, "mine")


def a_fifo(path: Path) -> None:
    """A pipe that nobody writes into: who opens it waits for ever."""
    os.mkfifo(path)


def a_loop(path: Path) -> None:
    """A link to itself."""
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("put", "said"),
    [
        (a_fifo, "odd.toml: not a regular file: put a TOML file in its place"),
        (lambda path: path.symlink_to("/dev/zero"), "odd.toml: not a regular file"),
        (Path.mkdir, "odd.toml: Is a directory"),
        (lambda path: path.symlink_to("gone.toml"), "odd.toml: No such file or directory: mend the link or remove it"),
        (a_loop, "odd.toml: Too many levels of symbolic links: mend the link or remove it"),
        (lambda path: path.write_text("#" * 65_537), "odd.toml: larger than 64 KB"),
        (lambda path: path.write_text("a = " + "[" * 9_000), "odd.toml: maximum recursion depth"),
        (lambda path: path.write_text("a = " + "9" * 9_000), "odd.toml: Exceeds the limit"),
        (lambda path: path.write_bytes(b"\xff"), "odd.toml: 'utf-8' codec"),
    ],
)
def test_what_cannot_be_a_theme_is_reported_and_hides_no_other(
    tmp_path: Path, put: Callable[[Path], object], said: str
) -> None:
    put(tmp_path / "odd.toml")
    save(tmp_path, "mine", MINE)
    book = ThemeLibrary(tmp_path)
    assert book.names() == (*OWN_NAMES, "mine", "odd")
    assert book.load("mine").name == "mine"
    with pytest.raises(ThemeError, match=said):
        book.load("odd")


def test_a_link_mended_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "alink.toml").symlink_to("gone.toml")
    book = ThemeLibrary(tmp_path)
    assert book.changed() == frozenset()
    save(tmp_path, "gone", MINE)
    assert book.changed() == {"alink", "gone"}
    assert book.load("alink").inks["text"] == "#010203"


def test_a_saved_theme_is_worn_and_a_broken_one_is_told_and_not_worn(tmp_path: Path) -> None:
    save(tmp_path, "mine", MINE)
    wardrobe = ActiveTheme("mine", ThemeLibrary(tmp_path))
    assert wardrobe.saved() is None
    save(tmp_path, "mine", MINE.replace("010203", "040506"), at=2)
    paint = wardrobe.saved()
    assert isinstance(paint, Painter)
    assert paint.theme.inks["text"] == "#040506"
    save(tmp_path, "mine", MINE.replace("010203", "nonsense"), at=3)
    problem = wardrobe.saved()
    assert isinstance(problem, ThemeError)
    assert "mine.toml, line 3: inks.text:" in str(problem)
    assert wardrobe.theme.inks["text"] == "#040506"
    save(tmp_path, "mine", MINE, at=4)
    assert isinstance(wardrobe.saved(), Painter)


def test_a_broken_theme_of_ones_own_is_passed_over_at_the_start(tmp_path: Path) -> None:
    save(tmp_path, "mine", "dark = ")
    wardrobe = ActiveTheme("mine", ThemeLibrary(tmp_path))
    assert wardrobe.theme.name == "gate-dark"
    assert "mine.toml" in wardrobe.problem
    assert "Invalid value" in wardrobe.problem
    assert "gate-dark is worn meanwhile" in wardrobe.problem
    save(tmp_path, "mine", MINE, at=2)
    assert isinstance(wardrobe.saved(), Painter)


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """gate-dark with one text replaced."""
    text = (data_path("themes") / "gate-dark.toml").read_text()
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("dark = true", "dark = 1", "mine.toml, line 2: dark: expected true or false"),
        ("[grounds]", "[ground]", r"mine.toml, line \\d+: ground: no such key|ground: no such key"),
        ("[grounds]", "grounds = 1\n[ground]", "no such key|expected a table"),
        ("muted =", "mute =", r"mine.toml, line 13: inks.mute: no such role"),
        ('muted = "#98a4b2"\n', "", r"mine.toml: inks.muted: expected a colour, or base"),
        ('chart = "', 'chart = "#000000"\nsparkle = "', "inks.sparkle: no such role"),
        ("dark = true", "dark = ", "mine.toml: Invalid value"),
        ('text = "#cad0d6"', 'text = "#zzz"', "line 11: inks.text: '#zzz': expected #rrggbb"),
        ('panel = "#1d2025"', 'panel = "nice"', "grounds.panel: 'nice'"),
    ],
)
def test_a_broken_theme_names_file_and_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ThemeError, match=said):
        read_theme(changed(tmp_path, old, new))


def test_an_unknown_theme_names_those_there_are() -> None:
    with pytest.raises(ThemeError, match="gate-dark, gate-light"):
        load_theme("gate-neon")
