"""The compact comment for a pull request: outcome, hash and top reason in the first line (architecture 3).

One fact a line, always in the same order, nothing of the clock or the machine: two comments differ where their runs do.
It is bounded, whatever the artifact and the whitelist hold: GitHub takes 65,536 characters. What is left out is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateconsole.exports.cells import rate_text
from gateconsole.model import OUTCOMES, Run, Whitelist
from gateconsole.text import code_span, counted, printable
from gateconsole.view import MISSING

SHOWN: Final = 3
"""Reasons shown of a run (rule G14)."""

LONGEST: Final = 300
"""Characters shown of one text. At most 17 texts stand in a comment; in its code span one is three times as long at
most, all of it backticks or bars: 17,000 characters in all."""


def comment(run: Run, whitelist: Whitelist) -> str:
    """The comment on one run as Markdown; text of the artifact and of the whitelist stands in code spans."""
    return "".join(f"{line}\n" for line in _lines(run, whitelist))


def _lines(run: Run, whitelist: Whitelist) -> Iterator[str]:
    outcome = f"**{run.outcome}**" if run.outcome in OUTCOMES else _span(run.outcome)
    top = _span(run.top_reasons[0]) if run.top_reasons else "no reason given"
    yield f"{outcome} {_span(run.policy_hash)} {top}"
    yield ""
    yield f"- unknown_rate: {rate_text(run.unknown_rate) or MISSING}"
    job = "" if run.job is None else f", job {_span(run.job)}"
    yield f"- run: {_span(run.run_id)}{job}{f', {run.stratum}' if run.stratum else ''}"
    if not run.unknown_rate:
        yield f"- reasons: {_names(run.top_reasons)}"
        return
    listed, unlisted = whitelist.split(run.unknown_classes, run.stratum)
    yield f"- unknowns not whitelisted: {_names(unlisted)}"
    yield f"- unknowns whitelisted: {_names(listed)}"
    for name in listed[:SHOWN]:
        entry = whitelist.entry(name, run.stratum)
        if entry is not None and entry.justification:
            yield f"  - {_span(name)}: {_span(entry.justification)}"


def _names(names: tuple[str, ...]) -> str:
    """Three of them, and how many more there are; `-` for none."""
    if not names:
        return MISSING
    more = f", and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return f"{', '.join(_span(name) for name in names[:SHOWN])}{more}"


def _span(text: str) -> str:
    """A text in its code span; of one that is longer than LONGEST its beginning, and how much was left out."""
    shown = printable(text)
    if len(shown) <= LONGEST:
        return code_span(shown)
    return f"{code_span(shown[:LONGEST])} (and {counted(len(shown) - LONGEST, 'more character')})"
