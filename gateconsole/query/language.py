"""Text -> Query, or where and why it is none."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateconsole.query.moments import parse_time_range, to_micros
from gateconsole.query.terms import CLOSED, COLUMNS, KEYS, PLAIN, TIMES, WORD, Term, Value
from gateconsole.query.values import QueryValueError, expected_values, validate
from gateconsole.text import printable

if TYPE_CHECKING:
    import polars as pl

MAX_LENGTH: Final = 2000
"""Characters a query may have, so that what is compiled from it stays small."""

_BEGIN: Final = re.compile(r"(!?)(?:([^\s:\"!,=]*):)?")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_NO_TEXT: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class QueryError:
    """Why a text is no query: where (`offset`, characters from its begin), what is wrong, what to write instead.

    Both texts are printable.
    """

    offset: int
    text: str
    hint: str

    def __str__(self) -> str:
        return f"column {self.offset + 1}: {self.text}: {self.hint}"


@dataclass(frozen=True, slots=True)
class Query:
    """What runs are asked for. `str()` is its canonical text: `parse` of that gives an equal Query. False if empty."""

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that `expression` reads."""
        return frozenset(column for term in self.terms for column in COLUMNS[term.key])

    def key(self, now: int) -> tuple[object, ...]:
        """What decides which runs match: equal keys at two times (microseconds UTC), equal matches.

        Relative times move on by whole seconds, or minutes if they reach an hour or more back.
        """
        return tuple(_resolved(term, now) if term.key in TIMES else term for term in self.terms)

    def expression(self, now: int) -> pl.Expr:
        """One Boolean expression, never null, over `series.store.RUNS_SCHEMA`, `job` and `whitelist_state`.

        `now` (microseconds UTC): what relative times count from; give Snapshot.taken_at.
        """
        from gateconsole.query.compiled import expression

        return expression(self.terms, now)

    def matches_file(self, *texts: str) -> bool:
        """Whether a file that is in no figure matches: bare words in path, place, rule or detail, its only fields."""
        return all(_found(term, texts) is not term.inverted for term in self.terms)


EVERYTHING: Final = Query()
"""The empty query: every run."""


def parse(text: str) -> Query | QueryError:
    """A text as a Query, or the first thing that is wrong with it."""
    if len(text) > MAX_LENGTH:
        return QueryError(MAX_LENGTH, "the query is too long", f"use at most {MAX_LENGTH:,} characters")
    bad = _NO_TEXT.search(text)
    if bad:
        return QueryError(bad.start(), "a byte that is not UTF-8", "leave it out")
    terms: list[Term] = []
    reader = _Reader(text)
    try:
        while reader.more():
            terms.append(reader.term())
    except _Stop as stop:
        return stop.error
    return Query(_merged(terms))


def term_for(key: str, *texts: str) -> str:
    """The text of a term that asks for one of these values as the whole of a field: from a row to its runs."""
    closed = CLOSED.get(key, ())
    return str(Term(key, tuple(Value(text, whole=text not in closed) for text in texts)))


def _merged(terms: list[Term]) -> tuple[Term, ...]:
    """Terms of one key are alternatives: one term, in the place of the first. Bare words and inverted ones are not."""
    places: dict[str, int] = {}
    made: list[Term] = []
    for term in terms:
        at = places.get(term.key)
        if term.key == WORD or term.inverted:
            made += [term] if term not in made else []
        elif at is None:
            places[term.key] = len(made)
            made.append(term)
        else:
            made[at] = Term(term.key, tuple(dict.fromkeys((*made[at].values, *term.values))))
    return tuple(made)


class _Stop(Exception):
    """The text cannot be read on."""

    def __init__(self, offset: int, text: str, hint: str) -> None:
        super().__init__(text)
        self.error = QueryError(offset, printable(text), printable(hint))


class _Reader:
    """Reads a text term by term."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def more(self) -> bool:
        """Whether a term follows; steps over blanks."""
        while self._here().isspace():
            self._at += 1
        return bool(self._here())

    def term(self) -> Term:
        """The term that begins here."""
        begin = self._at
        found = _BEGIN.match(self._text, begin)
        inverted, name = (found[1] == "!", found[2]) if found else (False, None)
        key = WORD if name is None else name.lower()
        if name is not None and key not in KEYS:
            raise _no_key(name, begin + inverted)
        self._at = found.end() if found else begin
        values = [self._value(key)]
        while self._here() == ",":
            self._at += 1
            values.append(self._value(key))
        if self._here().strip():
            raise _Stop(self._at, "a quote inside a value", 'put the whole value in quotes: "..."')
        return Term(key, tuple(dict.fromkeys(values)), inverted)

    def _here(self) -> str:
        return self._text[self._at : self._at + 1]

    def _value(self, key: str) -> Value:
        begin = self._at
        if self._here() == "!":
            hint = "one ! before the whole term inverts it; a text that begins with ! stands in quotes"
            raise _Stop(begin, '"!" before a value', hint)
        whole = key != WORD and self._here() == "="
        self._at += whole
        text = self._quoted() if self._here() == '"' else self._plain()
        if not text:
            what = f'nothing after "{self._text[begin - 1 : begin]}"' if begin else "a word is missing"
            raise _Stop(begin, what, expected_values(key))
        try:
            return validate(key, Value(text, whole))
        except QueryValueError as wrong:
            raise _Stop(begin, str(wrong), wrong.hint) from None

    def _plain(self) -> str:
        found = PLAIN.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found[0] if found else ""

    def _quoted(self) -> str:
        found = _QUOTED.match(self._text, self._at)
        if not found:
            raise _Stop(self._at, "a quote that is not closed", 'end it with "')
        self._at = found.end()
        return re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL)


def _no_key(name: str, offset: int) -> _Stop:
    near = difflib.get_close_matches(name.lower(), KEYS, n=1)
    hint = f"did you mean {near[0]}:?" if near else f"there are {', '.join(KEYS)}; text with a colon stands in quotes"
    return _Stop(offset, f"no key {name!r}", hint)


def _resolved(term: Term, now: int) -> tuple[object, ...]:
    return (
        term.key,
        term.inverted,
        tuple(to_micros(parse_time_range(value.text, term.key), now) for value in term.values),
    )


def _found(term: Term, texts: tuple[str, ...]) -> bool:
    if term.key != WORD:
        return False
    return any(re.search(re.escape(value.text), text, re.IGNORECASE) for value in term.values for text in texts)
