"""The nouns of the field. No I/O, no polars: everything else stands on this file (rules 1, 2.1, 2.2)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import compress
from operator import not_
from typing import Final, Literal, NamedTuple, get_args

from gateconsole.dates import is_over

ARTIFACT_NAME: Final = "gate_result.json"
"""The one file name that is an artifact (rule G1)."""


def artifact_path(folder: str) -> str:
    """The path of a folder's artifact; both relative to ROOT, `.` is ROOT itself."""
    return ARTIFACT_NAME if folder == "." else f"{folder}/{ARTIFACT_NAME}"


WHITELIST_NAME: Final = "unknown_whitelist.json"
"""The whitelist's file name inside ROOT (rule G16)."""

NONE: Final = "(none)"
"""Group of runs whose policy_hash or outcome is missing or unusable (rules G8, G9)."""

OUTCOMES: Final = ("PASS", "COMMENT", "WARN", "REVIEW", "FAIL", "BLOCK")
"""The known outcomes, in rising severity."""

FAIL_SIGNALS: Final = frozenset({"FAIL", "BLOCK"})

Stratum = Literal["pinned", "unpinned"]
STRATA: Final[tuple[Stratum, ...]] = ("pinned", "unpinned")

WhitelistState = Literal["whitelisted", "not_whitelisted", "mixed", "none"]
"""How a run's unknown classes stand to the whitelist (rule G18)."""

STATE_WHITELISTED: Final = "whitelisted"
STATE_NOT_WHITELISTED: Final = "not_whitelisted"
STATE_MIXED: Final = "mixed"
STATE_NONE: Final = "none"

RejectionRule = Literal[
    "not_regular_file",
    "unreadable",
    "too_large",
    "not_utf8",
    "not_one_json_object",
    "repeated_key",
    "lone_surrogate",
    "too_deep",
    "no_gate_fields",
]
"""Why a file is no run (rule G2); `unreadable` is the operating system's own refusal."""

DiagnosticRule = Literal[
    "field_missing",
    "field_not_text",
    "outcome_unknown",
    "rate_unusable",
    "rate_rounded",
    "timestamp_malformed",
    "timestamp_in_future",
    "run_id_unusable",
    "stratum_unusable",
    "stratum_conflict",
    "reason_dropped",
    "reason_in_object",
    "job_unusable",
    "attempt_unusable",
    "queue_run_unusable",
    "patches_unusable",
    "byte_order_mark",
    "duplicate",
    "conflicting",
    "foreign_run",
    "unknown_run",
    "testcase_disagrees",
    "patches_disagree",
]
"""What was unusable in an artifact that is kept nevertheless (rules G2-G14; rule Q20)."""


class Diagnostic(NamedTuple):
    """Something unusable in a kept artifact: which rule, which field, what stood there (raw text)."""

    rule: DiagnosticRule
    field: str
    detail: str


class Rejection(NamedTuple):
    """A file that is no run: which rule, where in the file, what was expected (rule G2).

    `unfinished` is true when the bytes do not parse: the file may still be being written, so it is
    *pending* until it has been unchanged for one second.
    """

    rule: RejectionRule
    place: str
    detail: str
    unfinished: bool = False


Diagnostics = tuple[tuple[str, tuple[Diagnostic, ...]], ...]
"""(artifact path, what was unusable in it), a pair a file."""


class Rejected(NamedTuple):
    """One file that is no run, as listed: path and detail are raw text; `since` is microseconds UTC, this session."""

    path: str
    place: str
    rule: str
    detail: str
    since: int


class Duplicate(NamedTuple):
    """One file whose run lost to that of another one, `kept` (rule G6). Raw paths.

    `same`: both say the same. `superseded`: both say which attempt they are, and `kept` is the later one. Any other is
    *conflicting*: nothing says why one of the two should not count.
    """

    path: str
    kept: str
    same: bool
    superseded: bool = False

    @property
    def conflicting(self) -> bool:
        """Whether the two differ and nothing tells which of them is the run."""
        return not self.same and not self.superseded

    @property
    def why(self) -> str:
        """Which file is kept instead, and why."""
        if self.conflicting:
            return f'another run of this id, policy and stratum is kept (write "job" to keep both): {self.kept}'
        return f"{'the same run' if self.same else 'a later attempt'} is kept: {self.kept}"


class Run(NamedTuple):
    """One kept artifact (rules 2.1). Text is the artifact's own, made printable only at the exits.

    `timestamp` is microseconds since 1970 UTC; `unknown_rate` a fraction 0..1 whose shortest decimal equals the
    number as written (rule G10), so `Decimal(repr(rate))` is exact. `job` tells the artifacts of one CI run apart,
    `attempt` the repetitions of one job (rule G6); None: the artifact names none.
    """

    run_id: str
    timestamp: int | None
    policy_hash: str
    outcome: str
    unknown_rate: float | None
    top_reasons: tuple[str, ...]
    stratum: Stratum | None
    diagnostics: tuple[Diagnostic, ...] = ()
    job: str | None = None
    attempt: int | None = None

    @property
    def unknown_classes(self) -> tuple[str, ...]:
        """The reasons that count as unknown classes: only with `unknown_rate > 0` (rule G15)."""
        return self.top_reasons if self.unknown_rate else ()


class Completeness(NamedTuple):
    """Where every file stands now (rule G29): seen = parsed + pending + rejected + duplicate, always.

    `gone` counts files that left during this session; `unreadable_folders` are folders nobody could list;
    `conflicting` are those of the duplicates that differ from the run that is counted in their place; `misnamed` are
    files whose name is almost the artifact's, which are no part of the sum (rule G2).
    """

    seen: int = 0
    parsed: int = 0
    pending: int = 0
    rejected: int = 0
    duplicate: int = 0
    gone: int = 0
    unreadable_folders: int = 0
    conflicting: int = 0
    misnamed: int = 0

    @property
    def nothing_found(self) -> bool:
        """True when there is no run and no file that may become one: that is not calm, it is no evidence."""
        return self.parsed == 0 and self.pending == 0

    @property
    def complete(self) -> bool:
        """True when there are runs, nothing is pending or conflicting, and every folder could be read."""
        return not (self.nothing_found or self.pending or self.unreadable_folders or self.conflicting)

    @property
    def word(self) -> str:
        """`complete`, `incomplete` or `nothing found`: the same everywhere."""
        return "complete" if self.complete else "nothing found" if self.nothing_found else "incomplete"


EMPTY_COMPLETENESS: Final = Completeness()
"""Before the first look."""


class Entry(NamedTuple):
    """One whitelisted unknown class. `scope` None matches every stratum; dates are text as written (`2026-02-19`).

    From the day `expires_at` on the entry matches nothing (rule G16).
    """

    reason: str
    justification: str = ""
    scope: Stratum | None = None
    added_by: str | None = None
    added_at: str | None = None
    review_by: str | None = None
    expires_at: str | None = None


_STRATA: Final[tuple[Stratum | None, ...]] = (*get_args(Stratum), None)


@dataclass(frozen=True, slots=True)
class Whitelist:
    """The entries of the file, or with a `problem` (the file is broken) those of the last list that was read.

    `expired`: entries whose day is over: they match nothing. `at` says which; until then every entry matches.
    """

    entries: tuple[Entry, ...] = ()
    problem: str | None = None
    expired: frozenset[Entry] = frozenset()
    _first: dict[tuple[str, Stratum | None], Entry] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.entries:
            if entry in self.expired:
                continue
            for stratum in _STRATA if entry.scope is None else (entry.scope,):
                self._first.setdefault((entry.reason, stratum), entry)

    def at(self, now: int) -> Whitelist:
        """The same whitelist with the entries expired that are over at `now` (microseconds UTC); itself if it is so."""
        expired = frozenset(entry for entry in self.entries if entry.expires_at and is_over(entry.expires_at, now))
        return self if expired == self.expired else replace(self, expired=expired)

    def entry(self, reason: str, stratum: Stratum | None) -> Entry | None:
        """The first entry that lists this reason in runs of this stratum: the exact string, the exact scope or none."""
        return self._first.get((reason, stratum))

    def split(self, classes: tuple[str, ...], stratum: Stratum | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """A run's unknown classes as (listed, unlisted), each in the run's order."""
        listed = [(name, stratum) in self._first for name in classes]
        return tuple(compress(classes, listed)), tuple(compress(classes, map(not_, listed)))


EMPTY = Whitelist()


def state(listed: tuple[str, ...], unlisted: tuple[str, ...]) -> WhitelistState:
    """The state of a run whose unknown classes split like this (rule G18)."""
    if listed:
        return STATE_MIXED if unlisted else STATE_WHITELISTED
    return STATE_NOT_WHITELISTED if unlisted else STATE_NONE
