"""An alert for other programs: as a row of cells, as a JSON object, as the lines of a plain page. Raw texts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateconsole.exports.cells import rate_text, time_text
from gateconsole.text import run_words
from gateconsole.tui.plainpage import aligned
from gateconsole.view import MISSING, clock, rate_beside

if TYPE_CHECKING:
    from gateconsole.alerts import Alert
    from gateconsole.rows.alerts import AlertDetail
    from gateconsole.series.effects import Association
    from gateconsole.snapshot import Snapshot
    from gateconsole.tui.safe import Paint

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
    from gateconsole.exports.alerts_table import ASSOCIATION_COLUMNS, alert_documents, as_document, association_cells

    (document,) = alert_documents(replace(snapshot, alerts=(alert,), spikes={}))
    linked = None if link is None else as_document(ASSOCIATION_COLUMNS, association_cells(link))
    return document | {"fail_association": linked}


def looked_up_page(paint: Paint, snapshot: Snapshot, alert: Alert) -> list[str]:
    """The page of an alert of a Snapshot. What is known of it is looked up, which may take a while: for a thread."""
    from gateconsole.rows.alerts import Looker

    detail = Looker().look((snapshot, alert.key))
    return [] if detail is None else alert_page(paint, detail, snapshot)


def alert_page(paint: Paint, detail: AlertDetail, snapshot: Snapshot) -> list[str]:
    """Everything that is known of one alert, and the runs of its episode."""
    from gateconsole.tui.widgets.alert_cells import classes_text, state_of
    from gateconsole.tui.widgets.alert_words import detail_lines

    alert, now = detail.alert, snapshot.taken_at
    head = f"alert {alert.policy_hash or MISSING} {alert.class_name}: {state_of(alert)[1]}"
    words = ["".join(text for text, _ in parts).rstrip() for parts in detail_lines(paint, detail, snapshot, _WIDTH)]
    rows = [
        (
            run_words(row.spike.run.run_id, row.job),
            clock(row.spike.run.timestamp, now),
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
