"""The choice of a column to sort by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal

from gateconsole.rows.sorts import Sort
from gateconsole.tui.theme.paint import Parts
from gateconsole.tui.widgets.dialog import DialogRow

SORT_TITLES: Final[dict[str, tuple[str, str]]] = {
    "time": ("oldest first", "newest first"),
    "day": ("oldest day first", "newest day, most runs first"),
    "last": ("oldest first", "newest first"),
    "n": ("fewest runs first", "most runs first"),
    "valid": ("fewest with a rate first", "most with a rate first"),
    "outcomes": ("fewest FAIL signals first", "most FAIL signals first"),
    "min": ("lowest min first", "highest min first"),
    "median": ("lowest median first", "highest median first"),
    "p95": ("lowest p95 first", "highest p95 first"),
    "max": ("lowest max first", "highest max first"),
    "listed": ("least listed first", "most listed first"),
    "verdict": ("ready first", "not ready first"),
    "runs": ("fewest runs first", "most runs first"),
    "pinned": ("fewest WARN + FAIL first", "most WARN + FAIL first"),
    "unpinned": ("fewest WARN + FAIL first", "most WARN + FAIL first"),
    "without": ("fewest WARN + FAIL first", "most WARN + FAIL first"),
    "unknown": ("fewest unknown runs first", "most unknown runs first"),
    "overrides": ("fewest overrides first", "most overrides first"),
    "false": ("fewest false positives first", "most false positives first"),
    "alert": ("firing first", "resolved first"),
    "peak": ("lowest peak first", "highest peak first"),
    "spikes": ("fewest spikes first", "most spikes first"),
    "fails": ("fewest FAIL signals first", "most FAIL signals first"),
    "first": ("oldest first", "newest first"),
    "since": ("oldest first", "newest first"),
    "outcome": ("mildest outcome first", "worst outcome first"),
    "rate": ("lowest rate first", "highest rate first"),
    "reasons": ("by class, A to Z", "by class, Z to A"),
    "state": ("by whitelist state", "by whitelist state, reversed"),
    "standing": ("most pressing first", "least pressing first"),
    "by": ("by person, A to Z", "by person, Z to A"),
    "added": ("oldest entry first", "newest entry first"),
    "review": ("earliest review first", "latest review first"),
    "queue": ("the queue's own order", "the queue's own order, reversed"),
    "arrived": ("oldest first", "newest first"),
    "p": ("least innocent first", "most innocent first"),
    "k": ("fewest penalties first", "most penalties first"),
    "stands": ("what presses most first", "what is settled first"),
    "overall": ("pending first", "landed first"),
    "hits": ("fewest hits first", "most hits first"),
}
"""A column -> how its rising and its falling order are called; any other is `by NAME, A to Z`."""


def sort_titles(sort: Sort) -> str:
    """The order in words: `newest first`."""
    rising, falling = SORT_TITLES.get(sort.column, (f"by {sort.column}, A to Z", f"by {sort.column}, Z to A"))
    return falling if sort.falling else rising


class SortPicker:
    """The columns for a Box; the one chosen is sorted by, the one sorted by already is turned round."""

    title = "sort by"
    picking = "sort"
    leaving = "close"
    searched = False
    width = 48
    side: Literal["middle", "right"] = "right"

    def __init__(
        self, sorts: Sequence[Sort], now: Sort, words: Callable[[Sort], str], use: Callable[[Sort], None]
    ) -> None:
        self._now = now
        self._words = words
        self._use = use
        self._sorts = [now.turned() if sort.column == now.column else sort for sort in sorts]

    def search(self, query: str) -> Sequence[DialogRow]:
        """Every column, with what its order is called."""
        return [self._entry(sort) for sort in self._sorts]

    def start(self) -> int:
        """The column sorted by now."""
        return next((place for place, sort in enumerate(self._sorts) if sort.column == self._now.column), 0)

    def moved(self, place: int) -> None:
        """Nothing is sorted before it is chosen."""

    def pick(self, place: int) -> None:
        """Sort."""
        self._use(self._sorts[place])

    def leave(self) -> None:
        """Nothing is to be done."""

    def _entry(self, sort: Sort) -> DialogRow:
        current = sort.column == self._now.column
        name: Parts = ((f"{'→' if current else ' '} {sort.column:<9}", "strong" if current else "text"),)
        return DialogRow(name, ((self._words(sort), "muted"),))
