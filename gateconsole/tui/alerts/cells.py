"""Columns and cells of the list of alerts, and of the runs of an alert's episode. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from gateconsole.judgement.alerts import Alert
from gateconsole.rows.alerts import SpikeRow
from gateconsole.text import run_words
from gateconsole.tui.theme.paint import INKS, Part, Parts, width_of
from gateconsole.tui.widgets.columns import Column
from gateconsole.view import (
    MISSING,
    format_count,
    format_rate,
    format_time,
    format_time_short,
    outcome_letter,
    rate_beside,
)

UNKNOWN: Final = "?"
"""Stands for "cannot tell yet"."""

_POLICY_MOST, _CLASS_MOST, _RULE_MOST, _RUN_MOST = 16, 48, 28, 32
_SHOWN_CLASSES: Final = 3


class AlertLine(NamedTuple):
    """An alert as a row; `judging`: its policy is judged anew just now; `today`: midnight, microseconds UTC."""

    alert: Alert
    judging: bool
    today: int


class SpikeLine(NamedTuple):
    """A run of an episode as a row."""

    row: SpikeRow
    today: int


class Widths:
    """How wide policies, classes, rules and run ids are; they only grow, so that columns keep still."""

    def __init__(self) -> None:
        self.policy, self.name, self.rule, self.run, self.rate = 6, 14, 12, 8, 6

    def see(self, lines: Iterable[AlertLine]) -> None:
        """Take account of alerts in sight."""
        for line in lines:
            self.policy = max(self.policy, _width(line.alert.policy_hash or "", _POLICY_MOST))
            self.name = max(self.name, _width(line.alert.class_name, _CLASS_MOST))
            self.rule = max(self.rule, _width(line.alert.rule, _RULE_MOST))

    def see_runs(self, lines: Iterable[SpikeLine]) -> None:
        """Take account of runs in sight."""
        for line in lines:
            spike = line.row.spike
            self.run = max(self.run, _width(run_words(spike.run.run_id, line.row.job), _RUN_MOST))
            self.rate = max(self.rate, len(rate_beside(spike.rate, spike.cut)))


def _width(text: str, most: int) -> int:
    return min(width_of(((text[:most], ""),)), most)


def alert_columns(widths: Widths) -> list[Column]:
    """STATE to BY; what does not fit goes to the detail."""
    return [
        Column("alert", "STATE", 13),
        Column("policy", "POLICY", 6, widths.policy, grow=1),
        Column("class", "CLASS", 18, max(widths.name, 18), grow=2),
        Column("rule", "RULE", 12, widths.rule, drop=4, grow=3),
        Column("peak", "PEAK", 6, align="right"),
        Column("spikes", "SPIKES", 6, align="right", drop=1),
        Column("fails", "FAIL", 4, align="right"),
        Column("first", "FIRST", 7, drop=2),
        Column("last", "LAST", 7),
        Column("by", "BY", 10, 36, drop=3, grow=4),
    ]


def alert_cell(line: AlertLine, column: str, width: int) -> Parts:
    """One cell of an alert's row."""
    alert = line.alert
    if column in {"peak", "spikes", "fails"} and alert.without_evidence:
        return ((MISSING, "muted"),)
    match column:
        case "alert":
            return state_parts(alert, line.judging)
        case "policy":
            return ((alert.policy_hash if alert.policy_hash is not None else MISSING, "text"),)
        case "class":
            return ((alert.class_name, "strong"),)
        case "rule":
            return ((alert.rule, "text"),)
        case "peak":
            return ((format_rate(alert.peak), "text"),)
        case "spikes":
            return ((format_count(alert.spikes), "text"),)
        case "fails":
            return ((format_count(alert.fails), "bad" if alert.fails else "muted"),)
        case "first":
            return ((format_time_short(alert.first_run.timestamp if alert.first_run else None, line.today), "muted"),)
        case "last":
            return ((format_time_short(last_time(alert), line.today), "text"),)
    return by_parts(alert, line.today)


def last_time(alert: Alert) -> int | None:
    """When the last spike was, or the last run of all before a silence."""
    return alert.since if alert.last_run is None else alert.last_run.timestamp


def state_parts(alert: Alert, judging: bool) -> Parts:
    """Glyph and word of a state; of a firing alert that calls nobody, the word says why."""
    mark, word, ink = state_of(alert)
    return ((f"{UNKNOWN} ", "notice"), (word, "muted")) if judging else ((f"{mark} ", ink), (word, ink))


def state_of(alert: Alert) -> tuple[str, str, str]:
    """(glyph, word, ink) of an alert's state."""
    match alert.state:
        case "firing" if alert.listed:
            return "△", "listed", "listed"
        case "firing" if alert.provisional:
            return "△", "provisional", "notice"
        case "firing":
            return "▲", "firing", "bad"
        case "acknowledged":
            return "△", "acked", "notice"
        case "pending":
            return "·", "pending", "text"
        case "no data":
            return "○", "no data", "muted"
    return "✓", "resolved", "good"


def by_parts(alert: Alert, now: int) -> Parts:
    """Whose act keeps it quiet, and until when."""
    if alert.actor is None:
        return ((MISSING, "muted"),)
    until: tuple[Part, ...] = (
        () if alert.until is None else ((f" until {format_time_short(alert.until, now)}", "notice"),)
    )
    return ((alert.actor, "text"), *until)


# the runs of an episode


def spike_columns(widths: Widths) -> list[Column]:
    """RUN to VERDICT."""
    return [
        Column("run", "RUN", 8, widths.run, grow=1),
        Column("time", "TIME", 12),
        Column("stratum", "STRATUM", 8, drop=2),
        Column("rate", "RATE", widths.rate, align="right"),
        Column("outcome", "OUTCOME", 7),
        Column("classes", "CLASSES", 12, 64, drop=1, grow=3),
        Column("cut", "CUT THEN", max(widths.rate, 8), align="right"),
        Column("verdict", "VERDICT", 12, 24, grow=2),
    ]


def spike_cell(line: SpikeLine, column: str, width: int) -> Parts:
    """One cell of a run's row."""
    spike, verdict = line.row.spike, line.row.verdict
    match column:
        case "run":
            return ((run_words(spike.run.run_id, line.row.job), "strong"),)
        case "time":
            return ((format_time(spike.run.timestamp, line.today), "text"),)
        case "stratum":
            return ((spike.run.stratum or MISSING, "text" if spike.run.stratum else "muted"),)
        case "rate":
            return ((rate_beside(spike.rate, spike.cut), "text"),)
        case "outcome":
            return ((spike.outcome, INKS[outcome_letter(spike.outcome)]),)
        case "classes":
            return ((classes_text(spike.classes), "text"),)
        case "cut":
            return ((rate_beside(spike.cut, spike.rate), "muted"),)
    if verdict is None:
        return (("unjudged", "muted"),)
    return ((f"{verdict.word}", "good" if verdict.word == "accepted" else "notice"), (f" {verdict.actor}", "muted"))


def classes_text(names: tuple[str, ...]) -> str:
    """A run's unknown classes, the first three and how many more (rule G14)."""
    more = len(names) - _SHOWN_CLASSES
    return ", ".join(names[:_SHOWN_CLASSES]) + (f" +{more}" if more > 0 else "")
