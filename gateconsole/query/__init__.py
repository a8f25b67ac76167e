"""The one query language: text -> Query -> one polars expression over the runs. Pure; polars only when compiled.

    outcome:FAIL,BLOCK  !reason:flaky  rate:>0.04  since:2h  "linux gcc"

A word without a key is found anywhere in run id, policy, outcome, reasons or folder. `key:value` asks one field; a
value is found anywhere in it, ignoring case, and with `=` in front (`policy:=a6f53e`) is the whole of it, exactly.
Values after commas, and terms of one key, are alternatives; everything else must hold together; `!` inverts a term.
Quotes (`"`) hold blanks, commas and colons; in them a quote and a backslash are written with a backslash before.
"""

from __future__ import annotations

from gateconsole.query.language import EVERYTHING, MAX_LENGTH, Query, QueryError, parse, term_for
from gateconsole.query.terms import KEYS, WORD, Term, Value

__all__ = ["EVERYTHING", "KEYS", "MAX_LENGTH", "WORD", "Query", "QueryError", "Term", "Value", "parse", "term_for"]
