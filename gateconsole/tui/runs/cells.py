"""Columns and cells of the lists of runs and of files that are no run. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gateconsole.model import ARTIFACT_NAME, WhitelistState
from gateconsole.rows.rejected import DUPLICATE
from gateconsole.rows.sorts import RunRow
from gateconsole.tui.runs.rows import PENDING, FileLine, RunLine
from gateconsole.tui.theme.paint import INKS, Part, Parts, width_of
from gateconsole.tui.widgets.columns import GAP, MARGIN, Column
from gateconsole.view import MISSING, format_rate, format_time, outcome_letter

LISTED: Final[dict[WhitelistState, Part]] = {
    "whitelisted": ("= all", "listed"),
    "mixed": ("= part", "listed"),
    "not_whitelisted": ("no", "text"),
    "none": (MISSING, "muted"),
}
"""How a run's unknown classes stand to the whitelist (rule G18), as the list says it."""

SHOWN_REASONS: Final = 3
"""rule G14: all are counted, three are shown."""

_RUN_MOST, _RUN_EVER = 32, 96
"""Cells of a run id that go before other columns, and how many it gets where those leave them."""

_POLICY_MOST: Final = 16
_TIME_WIDTH: Final = 12
_REASONS_LEAST, _REASONS_NARROW, _NARROW = 18, 9, 76
"""Cells that classes keep: so many, or fewer where the list is narrower than that."""

_REASONS_MOST: Final = 72


class Widths:
    """How wide run ids, policies and classes are; they only grow, so that columns keep still while runs arrive."""

    def __init__(self) -> None:
        self.run = 8
        self.policy = 6
        self.reasons = _REASONS_LEAST

    def see(self, lines: Iterable[RunLine]) -> None:
        """Take account of rows in sight."""
        for line in lines:
            self.run = max(self.run, _width(line.run.run_id, _RUN_EVER))
            self.policy = max(self.policy, _width(line.run.policy_hash, _POLICY_MOST))
            self.reasons = max(self.reasons, *(_width(text, _REASONS_MOST) for text, _ in reasons_parts(line.run)))


def _width(text: str, most: int) -> int:
    return min(width_of(((text[:most], ""),)), most)


class FileWidths:
    """How wide paths and places are; they only grow."""

    def __init__(self) -> None:
        self.path = 24
        self.place = 17

    def see(self, lines: Iterable[FileLine]) -> None:
        """Take account of rows in sight."""
        for line in lines:
            self.path = max(self.path, _width(line.path, 72))
            self.place = max(self.place, _width(file_cell(line, "place", 0)[0][0], 48))


def run_columns(widths: Widths, width: int) -> list[Column]:
    """RUN to LISTED in so many cells; what does not fit goes to the detail."""
    reasons = _REASONS_LEAST if width >= _NARROW else _REASONS_NARROW
    others = [
        Column("time", "TIME", _TIME_WIDTH),
        Column("policy", "POLICY", 6, widths.policy, grow=2),
        Column("stratum", "STRATUM", 8, drop=2),
        Column("outcome", "OUTCOME", 7, drop=0),
        Column("rate", "RATE", 6, align="right"),
        Column("reasons", "CLASSES", reasons, _REASONS_MOST, grow=3),
        Column("state", "LISTED", 6, drop=1),
    ]
    more = widths.policy - 6 + widths.reasons - reasons
    left = width - 2 * MARGIN - more - sum(column.least + GAP for column in others)
    return [Column("run", "RUN", 8, min(widths.run, max(left, _RUN_MOST)), grow=1), *others]


def run_cell(line: RunLine, column: str, width: int) -> Parts:
    """One cell of a run's row."""
    run = line.run
    match column:
        case "run":
            return ((run.run_id, "strong"),)
        case "time":
            return ((format_time(run.timestamp, line.today), "text" if run.timestamp is not None else "muted"),)
        case "policy":
            return ((run.policy_hash, "text"),)
        case "stratum":
            return ((run.stratum or MISSING, "text" if run.stratum else "muted"),)
        case "outcome":
            return ((run.outcome, INKS[outcome_letter(run.outcome)]),)
        case "rate":
            return ((format_rate(run.unknown_rate), "text" if run.unknown_rate else "muted"),)
        case "reasons":
            return reasons_parts(run)
        case _:
            return (LISTED[run.whitelist_state],)


def reasons_parts(run: RunRow) -> Parts:
    """A run's unknown classes; its reasons in brackets when they are none (rule G15)."""
    if not run.top_reasons:
        return ((MISSING, "muted"),)
    words = ", ".join(run.top_reasons[:SHOWN_REASONS])
    more = len(run.top_reasons) - SHOWN_REASONS
    words += f" +{more}" if more > 0 else ""
    return ((words, "text"),) if run.unknown_rate else ((f"({words})", "muted"),)


def file_columns(widths: FileWidths) -> list[Column]:
    """PATH to SINCE."""
    return [
        Column("path", "PATH", 24, widths.path, grow=2),
        Column("place", "PLACE", 17, widths.place, grow=3),
        Column("rule", "RULE", 19, 20, grow=1),
        Column("since", "SINCE", _TIME_WIDTH),
    ]


def file_cell(line: FileLine, column: str, width: int) -> Parts:
    """One cell of the row of a file that is no run."""
    match column:
        case "path":
            return ((line.path, "strong"),)
        case "place":
            place = line.place.removesuffix(f"/{ARTIFACT_NAME}") if line.rule == DUPLICATE else line.place
            return ((place or MISSING, "text"),)
        case "rule":
            return ((f"· {PENDING}", "muted") if line.rule == PENDING else (line.rule, "notice"),)
        case _:
            return ((format_time(line.since, line.today), "text"),)
