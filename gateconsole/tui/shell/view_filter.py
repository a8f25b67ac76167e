"""How the operator looks at the runs: the filter, and a Snapshot held in sight. One for all screens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from gateconsole.query import EVERYTHING, Query
from gateconsole.snapshot import Snapshot
from gateconsole.text import printable
from gateconsole.tui.keys.key_hints import hint

CHANGED: Final = (("back", "clears it"), ("filter", "changes it"))
"""What can be done with a filter that leaves nothing; for a hint."""


@dataclass(frozen=True, slots=True)
class ViewFilter:
    """`text`: the filter as it was typed, `query`: what it means. `frozen`: the Snapshot that is held, if any."""

    text: str = ""
    query: Query = EVERYTHING
    frozen: Snapshot | None = None

    @property
    def filtered(self) -> bool:
        """Whether anything may be left out."""
        return bool(self.query)

    def through(self, text: str, query: Query) -> ViewFilter:
        """The same view through another filter."""
        return replace(self, text=text, query=query)

    def drilled(self, asked: Query) -> ViewFilter:
        """Also through a query for what is behind a row; of its own terms those of the same keys give way to it."""
        keys = {term.key for term in asked.terms}
        kept = (term for term in self.query.terms if term.inverted or term.key not in keys)
        query = Query((*kept, *asked.terms))
        return self.through(str(query), query)

    def leaves_nothing(self, head: str, *said: str) -> list[tuple[str, str]]:
        """What stands where the filter leaves an empty list: a head, the filter as typed, and what is `said` below."""
        typed = (f"/ {printable(self.text)}", "notice")
        return [
            (head, "strong"),
            typed,
            ("", "text"),
            *((line, "muted") for line in (*said, hint(*CHANGED))),
        ]
