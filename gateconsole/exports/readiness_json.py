"""What `readiness --json` says of one policy (architecture 3; rules G19, G24-G26)."""

from __future__ import annotations

from typing import Any, Final

from gateconsole.exports.alerts_table import row_to_json
from gateconsole.exports.cells import time_text
from gateconsole.exports.judgement_tables import READINESS_COLUMNS, readiness_cells, risk_numbers
from gateconsole.exports.tables import ALL_STRATA
from gateconsole.judgement.backtest import Backtest, Proposal, Version
from gateconsole.judgement.effects import Risk
from gateconsole.judgement.false_positives import FalseAlarms, Share
from gateconsole.judgement.readiness import Row
from gateconsole.model import NONE
from gateconsole.policy_review import PolicyReview
from gateconsole.statistics.partial import WHOLE, Scope

_RISK: Final = tuple(f"risk_{what}{end}" for what in ("difference", "ratio") for end in ("", "_lower", "_upper"))


def policy_document(found: PolicyReview) -> dict[str, Any]:
    """One policy: verdict, checklist, mini-backtest at the p95-based cut, then what the screen shows beside them."""
    return {
        "policy_hash": found.policy_hash,
        "verdict": found.readiness.verdict,
        "rows": [_row(row) for row in found.readiness.rows],
        "backtest": [_backtest(one) for one in found.backtest],
        "proposals": [_proposal(one) for one in found.proposals],
        "sweep": [point._asdict() for point in found.sweep],
        "false_alarms": _false_alarms(found.false_alarms),
        "risks": [_risk(ALL_STRATA, found.risk), *(_risk(stratum or NONE, one) for stratum, one in found.risks)],
        "mean_rate_listed": found.means.listed,
        "mean_rate_unlisted": found.means.unlisted,
    }


def version_document(version: Version) -> dict[str, Any]:
    """One policy in the line of its kind: how stable the rate is."""
    return version._asdict() | {"newest": time_text(version.newest) or None}


def scope_name(scope: Scope) -> str:
    """A stratum, `(none)` for runs that name none, `all` for the whole policy: as in every table."""
    return ALL_STRATA if scope == WHOLE else scope or NONE


def _row(row: Row) -> dict[str, Any]:
    return row_to_json(READINESS_COLUMNS, readiness_cells(row)) | {"sure": row.sure}


def _backtest(one: Backtest) -> dict[str, Any]:
    return {
        "stratum": scope_name(one.stratum),
        "with_whitelist": one.with_whitelist,
        "cut": one.cut,
        "n": one.n,
        "outcome_PASS": one.passed,
        "outcome_WARN": one.warn,
        "outcome_REVIEW": one.review,
        "outcome_FAIL": one.fail,
        "outcome_BLOCK": one.block,
        "without_rate": one.without_rate,
    }


def _proposal(one: Proposal) -> dict[str, Any]:
    lower, upper = one.limits or (None, None)
    return {
        "statistic": one.statistic,
        "cut": one.cut,
        "n": one.n,
        "above": one.above,
        "above_lower": lower,
        "above_upper": upper,
        "reason": one.reason,
    }


def _false_alarms(found: FalseAlarms) -> dict[str, Any]:
    return {
        "alarms": found.alarms,
        "unjudged": found.unjudged,
        **_share("false_positive", found.false_positives),
        **_share("proxy", found.proxy),
        "overrides": found.overrides,
        "before": found.before,
        "after": found.after,
        "reduction": found.reduction,
    }


def _share(name: str, share: Share) -> dict[str, Any]:
    lower, upper = share.limits or (None, None)
    return {
        f"{name}_rate": share.value,
        f"{name}_lower": lower,
        f"{name}_upper": upper,
        f"{name}_runs": share.runs,
        f"{name}_of": share.n,
    }


def _risk(stratum: str, found: Risk) -> dict[str, Any]:
    counts = {"stratum": stratum, "n_valid": found.n, "n_listed": found.n_w, "n_unlisted": found.n_n}
    return counts | dict(zip(_RISK, risk_numbers(found), strict=True))
