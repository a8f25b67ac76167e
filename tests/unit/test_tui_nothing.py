"""The words of an empty screen: none is cut off where the screen is narrow."""

from __future__ import annotations

import pytest

from gateconsole.tui.shell.empty_states import centred
from gateconsole.tui.theme.paint import Parts, width_of

LONG = "Why, and what to do, stands above; the queue shows here as soon as it can be read."


def words(lines: list[Parts]) -> str:
    """What stands in these lines."""
    return " ".join("".join(text for text, _ in line).strip() for line in lines).strip()


@pytest.mark.parametrize("width", [200, 84, 83, 80, 60, 20])
def test_a_line_too_long_for_the_screen_goes_on_below_itself(width: int) -> None:
    lines = centred([("The ledger cannot be read", "strong"), (LONG, "muted")], width, 12)
    assert words(lines) == f"The ledger cannot be read {LONG}"
    assert all(width_of(line) <= width for line in lines)


def test_what_fits_stays_on_one_line_in_its_ink() -> None:
    lines = centred([("The ledger cannot be read", "strong"), (LONG, "muted")], 84, 12)
    assert [line[1] for line in lines if line] == [("The ledger cannot be read", "strong"), (LONG, "muted")]
