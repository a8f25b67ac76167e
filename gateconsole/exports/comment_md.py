"""The compact comment for a pull request: outcome, hash and top reason in the first line (DESIGN 3).

One fact a line, always in the same order, nothing of the clock or the machine: two comments differ where their runs do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateconsole.exports.cells import rate_text
from gateconsole.model import OUTCOMES, Run
from gateconsole.text import code_span
from gateconsole.view import MISSING
from gateconsole.whitelist.match import Whitelist

SHOWN: Final = 3
"""Reasons shown of a run (DOMAIN row 14)."""


def comment(run: Run, whitelist: Whitelist) -> str:
    """The comment on one run as Markdown; text of the artifact and of the whitelist stands in code spans."""
    return "".join(f"{line}\n" for line in _lines(run, whitelist))


def _lines(run: Run, whitelist: Whitelist) -> Iterator[str]:
    outcome = f"**{run.outcome}**" if run.outcome in OUTCOMES else code_span(run.outcome)
    top = code_span(run.top_reasons[0]) if run.top_reasons else "no reason given"
    yield f"{outcome} {code_span(run.policy_hash)} {top}"
    yield ""
    yield f"- unknown_rate: {rate_text(run.unknown_rate) or MISSING}"
    yield f"- run: {code_span(run.run_id)}{f', {run.stratum}' if run.stratum else ''}"
    if not run.unknown_rate:
        yield f"- reasons: {_names(run.top_reasons)}"
        return
    listed, unlisted = whitelist.split(run.unknown_classes, run.stratum)
    yield f"- unknowns not whitelisted: {_names(unlisted)}"
    yield f"- unknowns whitelisted: {_names(listed)}"
    for name in listed[:SHOWN]:
        entry = whitelist.entry(name, run.stratum)
        if entry is not None and entry.justification:
            yield f"  - {code_span(name)}: {code_span(entry.justification)}"


def _names(names: tuple[str, ...]) -> str:
    """Three of them, and how many there are in all when they are more; `-` for none."""
    if not names:
        return MISSING
    more = f" (3 of {len(names)})" if len(names) > SHOWN else ""
    return f"{', '.join(code_span(name) for name in names[:SHOWN])}{more}"
