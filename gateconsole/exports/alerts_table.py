"""The table `alerts`: every alert that ever fired or is pending, and how its class is associated with FAIL signals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from gateconsole.exports.cells import time_text
from gateconsole.exports.column import Column, Row, Value, columns_of_kind
from gateconsole.snapshot import Snapshot

if TYPE_CHECKING:
    from gateconsole.judgement.alerts import Alert
    from gateconsole.judgement.effects import Association

ALERT_COLUMNS: Final = (
    *columns_of_kind("text", "policy_hash", "class"),
    *columns_of_kind("word", "state", "rule"),
    *columns_of_kind("rate", "cut", "peak"),
    *columns_of_kind("count", "spikes", "fails"),
    *columns_of_kind("text", "first_run"),
    *columns_of_kind("time", "first_time"),
    *columns_of_kind("text", "last_run"),
    *columns_of_kind("time", "last_time"),
    *columns_of_kind("word", "listed", "provisional"),
    *columns_of_kind("text", "by"),
    *columns_of_kind("time", "until", "no_run_since"),
)
"""What is said of an alert; `rule` and `cut` are those of its last spike."""

ASSOCIATION_COLUMNS: Final = (
    *columns_of_kind("count", "n", "both", "spike_only", "fail_only", "neither"),
    *columns_of_kind("rate", "difference", "difference_lower", "difference_upper"),
    *columns_of_kind("rate", "ratio", "ratio_lower", "ratio_upper", "phi", "p", "p_adjusted"),
    *columns_of_kind("word", "words"),
)
"""What is said of the association of spikes holding a class with FAIL signals (rule G23)."""

PREFIX: Final = "fail_association_"


def alert_rows(snapshot: Snapshot) -> Iterator[Row]:
    """One row an alert, in the order of the Snapshot: as_of, ALERT_COLUMNS, ASSOCIATION_COLUMNS."""
    from gateconsole.policy_review import associations_by_class

    linked = associations_by_class(snapshot) if snapshot.alerts else {}
    for alert in snapshot.alerts:
        said = linked.get((alert.policy_hash or "", alert.class_name))
        yield (snapshot.taken_at, *_alert_cells(alert), *association_cells(said))


def alert_documents(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """The same alerts as JSON objects; `fail_association` is an object of its own, null where there is none."""
    for _, *row in alert_rows(snapshot):
        said = row_to_json(ALERT_COLUMNS, row)
        linked = row_to_json(ASSOCIATION_COLUMNS, row[len(ALERT_COLUMNS) :])
        said |= {name: said[name] == "yes" for name in ("listed", "provisional")}
        yield said | {"fail_association": None if linked["n"] is None else linked}


def row_to_json(named: Sequence[Column], row: Sequence[Value]) -> dict[str, Any]:
    """The first cells of a row by their columns' names, times ISO 8601 UTC."""
    return {
        column.name: time_text(value) if column.kind == "time" and isinstance(value, int) else value
        for column, value in zip(named, row, strict=False)
    }


def association_cells(said: Association | None) -> Row:
    """The values of ASSOCIATION_COLUMNS; all null where no class is."""
    if said is None:
        return (None,) * len(ASSOCIATION_COLUMNS)
    return (
        said.n,
        *said.table,
        said.difference,
        *(said.limits or (None, None)),
        said.ratio,
        *(said.ratio_limits or (None, None)),
        said.phi,
        said.p,
        said.p_adjusted,
        said.words,
    )


def _alert_cells(alert: Alert) -> Row:
    first, last = alert.first_run, alert.last_run
    return (
        alert.policy_hash,
        alert.class_name,
        alert.state,
        alert.rule,
        alert.cut,
        alert.peak,
        alert.spikes,
        alert.fails,
        first.run_id if first else None,
        first.timestamp if first else None,
        last.run_id if last else None,
        last.timestamp if last else alert.since,
        yes_no(alert.listed),
        yes_no(alert.provisional),
        alert.actor,
        alert.until,
        alert.no_run_since,
    )


def yes_no(true: bool) -> str:
    """How a cell says true and false."""
    return "yes" if true else "no"
