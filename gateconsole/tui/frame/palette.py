"""The palette: every act that can be done now, found by a few letters of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from gateconsole.tui.keys.actions import Action, written
from gateconsole.tui.theme.paint import Part, Parts, merged
from gateconsole.tui.widgets.dialog import DialogRow

_AT_WORD: Final = 8
_IN_A_ROW: Final = 5
_IN_LABEL: Final = 1_000
_KEY_WIDTH: Final = 9
_LABEL_WIDTH: Final = 12


class FuzzyMatch(NamedTuple):
    """How well a query fits a text (higher is better), and the places of its letters there."""

    score: int
    places: tuple[int, ...]


def fuzzy(query: str, text: str) -> FuzzyMatch | None:
    """Where the letters of a query stand in a text, in order; None when they do not. Blanks and case do not count.

    Of all ways to place them the one of the highest score is taken: starts of words count most, then neighbours.
    """
    wanted = [mark for mark in query.lower() if not mark.isspace()]
    marks = text.lower()
    best: dict[int, FuzzyMatch] = {-1: FuzzyMatch(0, ())}
    for letter in wanted:
        best = {
            place: max(_step(best, before, place, marks) for before in best if before < place)
            for place, mark in enumerate(marks)
            if mark == letter and any(before < place for before in best)
        }
        if not best:
            return None
    found = max(best.values())
    return FuzzyMatch(found.score - len(marks) // 8, found.places)


def _step(best: dict[int, FuzzyMatch], before: int, place: int, marks: str) -> FuzzyMatch:
    starts_word = place == 0 or not marks[place - 1].isalnum()
    in_a_row = before == place - 1 and before >= 0
    known = best[before]
    return FuzzyMatch(known.score + _AT_WORD * starts_word + _IN_A_ROW * in_a_row, (*known.places, place))


class Palette:
    """The acts for a Box, those that can be done now; `do` is called with the id of the one chosen."""

    title = "do"
    picking = "do"
    leaving = "close"
    searched = True
    width = 92
    side: Literal["middle", "right"] = "middle"

    def __init__(self, actions: Sequence[Action], do: Callable[[str], None]) -> None:
        self._actions = actions
        self._do = do
        self._found: list[Action] = list(actions)

    def search(self, query: str) -> Sequence[DialogRow]:
        """The acts whose label fits the query, the best first, then those whose description holds it."""
        rated = []
        for number, action in enumerate(self._actions):
            found = fit(query, action)
            if found is not None:
                rated.append((-found.score, number, action, found.places))
        rated.sort(key=lambda each: each[:2])
        self._found = [action for _, _, action, _ in rated]
        return [_entry(action, set(places)) for _, _, action, places in rated]

    def start(self) -> int:
        """The first act."""
        return 0

    def moved(self, place: int) -> None:
        """Nothing is done before it is chosen."""

    def pick(self, place: int) -> None:
        """Do the act."""
        self._do(self._found[place].id)

    def leave(self) -> None:
        """Do nothing."""


def fit(query: str, action: Action) -> FuzzyMatch | None:
    """How well a query fits an act: letters of its label in order, else a stretch of its description."""
    wanted = query.strip().lower()
    if not wanted:
        return FuzzyMatch(0, ())
    found = fuzzy(wanted, action.label)
    if found is not None:
        return FuzzyMatch(found.score + _IN_LABEL, found.places)
    text = _words(action)
    place = text.lower().find(wanted, _LABEL_WIDTH)
    return None if place < 0 else FuzzyMatch(0, tuple(range(place, place + len(wanted))))


def _words(action: Action) -> str:
    return f"{action.label:<{_LABEL_WIDTH}} {action.description}"


def _entry(action: Action, places: set[int]) -> DialogRow:
    """The act's label, what it does, its keys; the letters that were found are marked."""
    text = _words(action)
    label = len(action.label)
    parts: list[Part] = []
    for place, mark in enumerate(text):
        plain = "strong" if place < label else "text"
        parts.append((mark, "accent" if place in places and mark != " " else plain))
    keys: Parts = ((f"{written(action):>{_KEY_WIDTH}}", "key"),)
    return DialogRow(merged(parts), keys)
