"""A patch of the queue as plain text and as JSON: what `copy` and the pager hand to other programs."""

from __future__ import annotations

from typing import Any, Final

from gateconsole.patch_queue.proposal import bad_unless
from gateconsole.text import iso_time
from gateconsole.tui.queue.cells import PatchLine, PatchRows
from gateconsole.tui.shell.plain_list import Listing
from gateconsole.view import MISSING

_HEADER: Final = ("#", "PATCH", "ARRIVED", "P-INNOCENT", "K", "STATE", "OVERALL")
_LEFT: Final = frozenset({1, 2, 5, 6})


def patch_cells(line: PatchLine) -> tuple[str, ...]:
    """Place, patch, arrival, p-innocent, k, state, over all testcases."""
    row = line.row
    place = MISSING if row.place is None else str(row.place)
    doubt = bad_unless(row.bad_unless)
    state = f"{row.state}, {doubt}" if doubt else row.state
    return (place, row.patch, iso_time(row.at), repr(row.p), str(row.k), state, line.overall)


def patches_listing(rows: PatchRows) -> Listing:
    """The patches that are listed, in their order."""
    return Listing("patches", _HEADER, _LEFT, len(rows), lambda most: map(patch_cells, rows[:most]))


def patch_document(testcase: str, line: PatchLine) -> dict[str, Any]:
    """The same as `queue status --json` says it, with its testcase."""
    row = line.row
    return {
        "testcase": testcase,
        "patch": row.patch,
        "place": row.place,
        "k": row.k,
        "p": row.p,
        "state": row.state,
        "verdict": row.verdict or None,
        "dirty": row.dirty,
        "arrived": iso_time(row.at),
        "in_flight": list(row.in_flight),
        "suspect_of": list(row.suspect_of),
        "bad_unless_flake": list(row.bad_unless),
        "overall": line.overall,
    }


def patch_facts(testcase: str, line: PatchLine) -> list[str]:
    """The same as lines, and what held or removed it."""
    facts = {**patch_document(testcase, line), "because": line.row.why}
    wide = max(map(len, facts))
    return [f"{name:<{wide}}  {_fact(value)}" for name, value in facts.items()]


def _fact(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or MISSING
    return MISSING if value in {None, ""} else "yes" if value is True else "no" if value is False else str(value)
