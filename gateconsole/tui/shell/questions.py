"""The questions an act asks before it is done, and the request that they become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, NamedTuple, TypeVar

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.tui.shell.operator import Operator

D = TypeVar("D")


Answers = Mapping[str, str]
"""What was answered, by the names of the fields; blanks at the ends are gone."""


Do = Callable[[Ledger, Actor, Answers], str]
"""Does an act and says what came of it.

Raises RefusedError, InvalidProbabilityError, EventError, LedgerUnusableError.
"""


class Field(NamedTuple):
    """One thing that is asked. `suggested`: what `up` and `down` offer; with `only` nothing else can be answered."""

    name: str
    text: str = ""
    suggested: tuple[str, ...] = ()
    only: bool = False
    needed: bool = True


class Question(NamedTuple):
    """One act before it happens: what it is called, what it will do, what it needs to know."""

    title: str
    effect: str
    fields: tuple[Field, ...]
    do: Do


class QueueRequest(NamedTuple, Generic[D]):
    """An act that was answered for, and who does it."""

    hand: Operator
    deed: D
    answers: Answers
