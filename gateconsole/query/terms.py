"""What a query is made of: keys, terms, values. No polars."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, get_args

from gateconsole.model import OUTCOMES, STRATA, WhitelistState
from gateconsole.query.moments import EXAMPLES

WORD: Final = ""
"""The key of a bare word."""

NO: Final = "none"
"""The value that asks for runs without the field."""

OTHER: Final = "other"
"""The outcome that asks for every word that is none of the six (rule G9)."""

KEYS: Final = {
    "policy": "a part of policy_hash",
    "outcome": f"{', '.join(OUTCOMES)}, other (another word) or none",
    "reason": "a part of one of the run's reasons",
    "stratum": "pinned, unpinned or none",
    "state": "whitelisted, not_whitelisted, mixed or none (no unknown class)",
    "run": "a part of run_id",
    "job": "a part of the job that the artifact names, or none",
    "rate": "a fraction: >0.04, <=0.01, 0.01..0.05 or none",
    "time": f"a time or a range of times (UTC): {EXAMPLES}",
    "since": "a time (UTC): 2h, 02-18, 09:30",
    "until": "a time (UTC), which is included: 2h, 02-18, 09:30",
}
"""Every key, and what its values are."""

CLOSED: Final[dict[str, tuple[str, ...]]] = {
    "outcome": (*OUTCOMES, OTHER, NO),
    "stratum": (*STRATA, NO),
    "state": get_args(WhitelistState),
}
"""Keys that take only certain words (an outcome of another word is written `outcome:=WORD`)."""

TIMES: Final = frozenset({"time", "since", "until"})

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    WORD: ("run_id", "policy_hash", "outcome", "reasons", "folder", "job"),
    "policy": ("policy_hash",),
    "outcome": ("outcome",),
    "reason": ("reasons",),
    "stratum": ("stratum",),
    "state": ("whitelist_state",),
    "run": ("run_id",),
    "job": ("job",),
    "rate": ("unknown_rate",),
    **dict.fromkeys(TIMES, ("timestamp",)),
}
"""The columns each key asks."""

PLAIN: Final = re.compile(r"[^\s,\"]+")
"""A value that needs no quotes."""


class Value(NamedTuple):
    """One value of a term; `whole`: it is the whole of the field, exactly, not a part of it in any case."""

    text: str
    whole: bool = False


class Term(NamedTuple):
    """One condition: a key (WORD for a bare word), alternatives, and whether it is inverted."""

    key: str
    values: tuple[Value, ...]
    inverted: bool = False

    def __str__(self) -> str:
        values = ",".join(_written(self.key, value) for value in self.values)
        return f"{'!' if self.inverted else ''}{f'{self.key}:' if self.key else ''}{values}"


def _written(key: str, value: Value) -> str:
    """A value as it must be written to be read back."""
    special = re.search("^[!=]" if key else "^!|:", value.text)
    escaped = value.text.replace("\\", "\\\\").replace('"', '\\"')
    shown = value.text if PLAIN.fullmatch(value.text) and not special else f'"{escaped}"'
    return f"={shown}" if value.whole else shown
