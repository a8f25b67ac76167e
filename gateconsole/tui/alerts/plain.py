"""An alert for other programs: as a row of cells, as a JSON object, as the lines of a plain page. Raw texts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateconsole.exports.cells import rate_text, time_text
from gateconsole.text import run_words
from gateconsole.tui.shell.plain_list import aligned
from gateconsole.view import MISSING, format_time, rate_beside

if TYPE_CHECKING:
    from gateconsole.judgement.alerts import Alert
    from gateconsole.judgement.effects import Association
    from gateconsole.rows.alerts import AlertDetail
    from gateconsole.snapshot import Snapshot
    from gateconsole.tui.theme.paint import Painter

from collections.abc import Sequence

if TYPE_CHECKING:
    from gateconsole.judgement.alerts import Alert
from gateconsole.snapshot import Snapshot
from gateconsole.tui.shell.plain_list import Listing

_WIDTH = 120


def alert_cells(alert: Alert) -> tuple[str, ...]:
    """State, policy, class, rule, peak, spikes, FAILs, first and last spike, by whom, until when."""
    first, last = alert.first_run, alert.last_run
    return (
        alert.state,
        alert.policy_hash or "",
        alert.class_name,
        alert.rule,
        rate_text(alert.peak),
        str(alert.spikes),
        str(alert.fails),
        time_text(first.timestamp if first else None),
        time_text(last.timestamp if last else alert.since),
        alert.actor or "",
        time_text(alert.until),
    )


def alert_document(snapshot: Snapshot, alert: Alert, link: Association | None) -> dict[str, Any]:
    """The same as `alerts --json` says it; `link`: its association, which costs a look at every class to find out."""
    from gateconsole.exports.alerts_table import ASSOCIATION_COLUMNS, alert_documents, association_cells, row_to_json

    (document,) = alert_documents(replace(snapshot, alerts=(alert,), spikes={}))
    linked = None if link is None else row_to_json(ASSOCIATION_COLUMNS, association_cells(link))
    return document | {"fail_association": linked}


def page_of_alert(paint: Painter, snapshot: Snapshot, alert: Alert) -> list[str]:
    """The page of an alert of a Snapshot. What is known of it is looked up, which may take a while: for a thread."""
    from gateconsole.rows.alerts import AlertDetails

    detail = AlertDetails().look((snapshot, alert.key))
    return [] if detail is None else alert_page(paint, detail, snapshot)


def alert_page(paint: Painter, detail: AlertDetail, snapshot: Snapshot) -> list[str]:
    """Everything that is known of one alert, and the runs of its episode."""
    from gateconsole.tui.alerts.cells import classes_text, state_of
    from gateconsole.tui.alerts.text import detail_lines

    alert, now = detail.alert, snapshot.taken_at
    head = f"alert {alert.policy_hash or MISSING} {alert.class_name}: {state_of(alert)[1]}"
    words = ["".join(text for text, _ in parts).rstrip() for parts in detail_lines(paint, detail, snapshot, _WIDTH)]
    rows = [
        (
            run_words(row.spike.run.run_id, row.job),
            format_time(row.spike.run.timestamp, now),
            row.spike.run.stratum or MISSING,
            rate_beside(row.spike.rate, row.spike.cut),
            row.spike.outcome,
            classes_text(row.spike.classes),
            rate_beside(row.spike.cut, row.spike.rate),
            f"{row.verdict.word} {row.verdict.actor}" if row.verdict is not None else "unjudged",
        )
        for row in detail.spikes
    ]
    header = ("RUN", "TIME", "STRATUM", "RATE", "OUTCOME", "CLASSES", "CUT THEN", "VERDICT")
    return [head, "", *words, "", *aligned(header, rows, left={0, 1, 2, 4, 5, 7})]


def alerts_listing(alerts: Sequence[Alert]) -> Listing:
    """The alerts, as they are copied."""
    names = ("STATE", "POLICY", "CLASS", "RULE", "PEAK", "SPIKES", "FAIL", "FIRST", "LAST", "BY", "UNTIL")
    left = frozenset(range(11)) - {4, 5, 6}
    return Listing("alerts", names, left, len(alerts), lambda most: map(alert_cells, alerts[:most]))
