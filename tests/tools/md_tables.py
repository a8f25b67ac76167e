"""Tables read back from a Markdown report."""

from __future__ import annotations


def section_of(report: str, title: str) -> list[str]:
    """The lines of a section that are not blank."""
    _, _, after = report.partition(f"\n## {title}\n")
    return [line for line in after.partition("\n## ")[0].splitlines() if line]


def cells_of(report: str, title: str, table: int = 0) -> list[list[str]]:
    """The rows of a table of a section as cells, code spans taken off; `table`: which of them, from 0."""
    return [[cell.strip().strip("`") for cell in line[1:-1].split(" | ")] for line in _lines(report, title, table)[2:]]


def named_cells(report: str, title: str, table: int = 0) -> list[dict[str, str]]:
    """The same with the columns' names; of names that stand there twice the first counts."""
    header = [cell.strip() for cell in _lines(report, title, table)[0][1:-1].split(" | ")]
    return [dict(reversed(list(zip(header, row, strict=True)))) for row in cells_of(report, title, table)]


def _lines(report: str, title: str, table: int) -> list[str]:
    _, _, after = report.partition(f"\n## {title}\n")
    blocks = [block.splitlines() for block in after.partition("\n## ")[0].split("\n\n")]
    tables = [[line for line in block if line.startswith("| ")] for block in blocks]
    return [lines for lines in tables if lines][table]
