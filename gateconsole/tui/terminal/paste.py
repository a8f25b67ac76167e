"""What was pasted, told apart from what was typed: nothing that is pasted is ever a key. Pure: text and times in.

A terminal that is asked to puts a mark before what is pasted and one behind it (bracketed paste). What stands between
is text, whatever it holds; escape sequences in it are no keys, and neither are those that only look like its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from gateconsole.query import MAX_LENGTH

START: Final = "\x1b[200~"
END: Final = "\x1b[201~"

MOST: Final = MAX_LENGTH
"""Characters that are taken at once: the longest filter, and more than any other line should hold."""

QUIET: Final = 0.05
"""Seconds without a byte after which what came behind an end mark is believed to be typed.

A terminal that lets an end mark through in what is pasted sends the rest of it, and its own mark, right behind.
"""

_WINDOW: Final = 2.0
_LEAST: Final = 200
"""Characters in a window of seconds; where fewer come, a person types and no paste is under way."""

_DOUBT: Final = 10.0
"""Seconds after a paste without an end mark in which its rest may still come; that is known by its end mark."""

_BEGUN: Final = 1.0
"""Seconds that the rest of a mark may take; the key escape alone has to be known sooner."""

TOO_LONG: Final = f"not pasted: longer than {MOST:,} characters"
ENDLESS: Final = "not pasted: the terminal did not say where it ends"


class Typed(NamedTuple):
    """Keys, as the terminal sends them."""

    text: str


class Pasted(NamedTuple):
    """Text that was pasted, as it came."""

    text: str


class RefusedPaste(NamedTuple):
    """Something was pasted and is not taken; `why` says so to the operator."""

    why: str


Piece = Typed | Pasted | RefusedPaste


class PasteSplitter:
    """Parts what a terminal sends into pieces, in order, however it was cut into reads.

    `escape_delay`: seconds after which an escape that nothing follows is that key. Times are seconds of any clock.
    """

    def __init__(self, escape_delay: float) -> None:
        self._escape_delay = escape_delay
        self._held = ""  # came, and is not decided yet
        self._paste: str | None = None  # what came of a paste: one character more than is taken, at most
        self._doubted = False  # what is held may be the rest of a paste
        self._doubt_until = 0.0
        self._broken_off = False
        self._last = self._since = 0.0
        self._came = 0

    @property
    def waiting(self) -> bool:
        """Whether time alone may decide something."""
        return self._paste is not None or bool(self._held)

    def feed(self, text: str, now: float) -> list[Piece]:
        """What is known once this text has come."""
        if not self.waiting:
            self._doubted = now < self._doubt_until
            self._count_from(now)
        self._held += text
        self._came += len(text)
        self._last = now
        return [*self._parts(now), *self._given_up(now)]

    def tick(self, now: float) -> list[Piece]:
        """What is known because nothing more has come."""
        if self._paste is None and self._held and now - self._last >= self._patience():
            return [self._released()]
        return list(self._given_up(now))

    def _parts(self, now: float) -> Iterator[Piece]:
        while self._paste is not None or START in self._held or END in self._held:
            if self._paste is not None:
                if END not in self._held:
                    break
                yield self._ended(now)
            elif START in self._before(END):
                typed, _, self._held = self._held.partition(START)
                yield from self._behind_end(typed) if self._doubted else _typed(typed)
                self._begin(now)
            else:
                pasted, _, self._held = self._held.partition(END)  # nobody said where it begins
                yield from self._behind_end(pasted)
                self._end(now)
        if self._doubted and len(self._held) > MOST:
            self._begin(now)
        if self._paste is not None:
            self._gather(_before_begun(self._held, END))
        elif not self._doubted:
            typed = _before_begun(self._held, START, END)
            self._held = self._held[len(typed) :]
            yield from _typed(typed)

    def _before(self, mark: str) -> str:
        return self._held.partition(mark)[0]

    # the life of a paste

    def _begin(self, now: float) -> None:
        self._paste = ""
        self._count_from(now)

    def _gather(self, text: str) -> None:
        self._paste = f"{self._paste}{text}"[: MOST + 1]
        self._held = self._held[len(text) :]

    def _ended(self, now: float) -> Piece:
        self._gather(self._before(END))
        self._held = self._held[len(END) :]
        text = self._paste or ""
        self._end(now)
        return _pasted(text)

    def _end(self, now: float) -> None:
        """What stands behind an end mark may be the rest of what was pasted."""
        self._paste = None
        self._doubted, self._broken_off = True, False
        self._doubt_until = now + QUIET
        self._count_from(now)

    def _behind_end(self, text: str) -> Iterator[Piece]:
        """Text in doubt that a mark shows to be pasted; the rest of what was refused is refused with it."""
        if text and not self._broken_off:
            yield _pasted(text)

    # what time decides

    def _patience(self) -> float:
        """Seconds without a byte after which what is held was typed."""
        if self._doubted:
            return QUIET
        return self._escape_delay if self._held == "\x1b" else _BEGUN

    def _given_up(self, now: float) -> Iterator[Piece]:
        """No paste brings so little: it broke off, or somebody types."""
        if not self.waiting or now - self._since < _WINDOW:
            return
        came = self._came
        self._count_from(now)
        if came >= _LEAST:
            return
        if self._paste is not None:
            self._paste, self._held = None, ""
            self._broken_off, self._doubt_until = True, now + _DOUBT
            yield RefusedPaste(ENDLESS)
        elif self._doubted:
            yield self._released()

    def _released(self) -> Piece:
        typed, self._held = self._held, ""
        return Typed(typed)

    def _count_from(self, now: float) -> None:
        self._since, self._came = now, 0


def _typed(text: str) -> Iterator[Piece]:
    if text:
        yield Typed(text)


def _pasted(text: str) -> Piece:
    return Pasted(text) if len(text) <= MOST else RefusedPaste(TOO_LONG)


def _before_begun(text: str, *marks: str) -> str:
    """The text without an end that may become one of these marks."""
    begun = range(min(len(text), len(START) - 1), 0, -1)
    length = next((number for number in begun if any(mark.startswith(text[-number:]) for mark in marks)), 0)
    return text[: len(text) - length]
