"""The peer of the screen Runs: Textual's own DataTable, to which rows are appended while keys are pressed.

`python -m tests.bench.tailtable HELD PER_SECOND`.
"""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Static

TITLES = ("RUN", "TIME", "POLICY", "STRATUM", "OUTCOME", "RATE", "CLASSES", "LISTED")
HZ = 10


def cells(number: int) -> tuple[str, ...]:
    """A row like those of the screen Runs."""
    rate = f"{number % 41 / 500:.4f}"
    return (f"run-{number}", "03-01 13:16Z", "a6f53e", "pinned", "COMMENT", rate, "flaky_test", "no")


class Peer(App[None]):
    """The table, and a line that names the row under its cursor."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Static { height: 1; } DataTable { height: 1fr; }"

    def __init__(self, held: int, per_second: int) -> None:
        super().__init__()
        self._number = held
        self._per_tick = per_second // HZ

    def compose(self) -> ComposeResult:
        """Line and table."""
        yield Static("ready", id="name")
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        """Fill the table; then let rows arrive."""
        table = self.query_one(DataTable)
        table.add_columns(*TITLES)
        table.add_rows(cells(number) for number in range(self._number))
        self.set_interval(1 / HZ, self._arrive)

    def _arrive(self) -> None:
        table = self.query_one(DataTable)
        table.add_rows(cells(self._number + place) for place in range(self._per_tick))
        self._number += self._per_tick

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Name the row."""
        name = self.query_one("#name", Static)
        name.update(f"ready, cursor {event.cursor_row}")


if __name__ == "__main__":
    Peer(int(sys.argv[1]), int(sys.argv[2])).run()
