"""Themes: complete, readable, and broken ones said so."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateconsole.data import data_path
from gateconsole.tui.theming import GROUNDS, INKS, Theme, ThemeBroken, load_theme, read_theme, theme_names

LINES = {"rule", "axis"}
"""Drawn, not read."""


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=theme_names())
def theme(request: pytest.FixtureRequest) -> Theme:
    """Each theme of the package."""
    return load_theme(request.param)


def test_there_is_a_dark_and_a_light_theme() -> None:
    assert {"gate-dark", "gate-light"} <= set(theme_names())
    assert load_theme("gate-dark").dark
    assert not load_theme("gate-light").dark


@pytest.mark.parametrize("ink", sorted(set(INKS) - LINES))
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_readable_on_every_ground(theme: Theme, ink: str, ground: str) -> None:
    assert contrast(theme.inks[ink].split()[-1], theme.grounds[ground]) >= 4.5


@pytest.mark.parametrize("ink", sorted(LINES))
def test_lines_are_seen_and_stay_behind_the_text(theme: Theme, ink: str) -> None:
    assert 1.5 <= contrast(theme.inks[ink], theme.grounds["background"]) < 4.5


def test_the_selected_row_differs_from_the_ground(theme: Theme) -> None:
    assert contrast(theme.grounds["selection"], theme.grounds["background"]) >= 1.25


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
        ("dark = true", "dark = 1", "dark: expected true or false"),
        ("[grounds]", "[ground]", r"\[grounds\]: expected a table"),
        ("muted =", "mute =", "inks.muted: expected a colour"),
        ('chart = "', 'chart = "#000000"\nsparkle = "', "inks.sparkle: no such role"),
        ("dark = true", "dark = ", "mine.toml: Invalid value"),
        ('text = "#cad0d6"', 'text = "#zzz"', "inks.text: '#zzz'"),
        ('panel = "#1d2025"', 'panel = "nice"', "grounds.panel: 'nice'"),
    ],
)
def test_a_broken_theme_names_file_and_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ThemeBroken, match=said):
        read_theme(changed(tmp_path, old, new))


def test_an_unknown_theme_names_those_there_are() -> None:
    with pytest.raises(ThemeBroken, match="gate-dark, gate-light"):
        load_theme("gate-neon")
