"""A patch of the queue as plain text and as JSON: what `copy` and the pager hand to other programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from gateconsole.innocence.known import NAME_LENGTH
from gateconsole.text import iso_time
from gateconsole.tui.plainpage import aligned
from gateconsole.tui.widgets.queue_cells import PatchLine
from gateconsole.view import MISSING

_HEADER: Final = ("#", "PATCH", "ARRIVED", "P-INNOCENT", "K", "STATE", "OVERALL")


def patch_cells(line: PatchLine) -> tuple[str, ...]:
    """Place, patch, arrival, p-innocent, k, state, over all testcases."""
    row = line.row
    place = MISSING if row.place is None else str(row.place)
    return (place, row.patch, iso_time(row.at), repr(row.p), str(row.k), row.state, line.overall)


def patch_table(lines: Iterable[PatchLine]) -> list[str]:
    """Patches as the lines of a plain page, under their names."""
    table = [tuple(cell[:NAME_LENGTH] for cell in patch_cells(line)) for line in lines]
    return aligned(_HEADER, table, left={1, 2, 5, 6})


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
        "overall": line.overall,
    }
