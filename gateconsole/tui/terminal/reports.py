"""What a terminal sends as keys, in whole pieces: a sequence is one thing, however slowly its bytes come. Pure.

A terminal reports keys, the mouse, its focus, and answers to questions as escape sequences. Only those that mean
something here are passed on; any other is dropped as a whole. No part of a sequence ever becomes a key.
"""

from __future__ import annotations

import re
from typing import Final

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS

from gateconsole.tui.terminal.paste import START

ESCAPE: Final = "\x1b"
_CSI: Final = "\x1b["
_SS3: Final = "\x1bO"
_X10_MOUSE: Final = "\x1b[M"
_LINUX_KEY: Final = "\x1b[["

_STRINGS: Final = frozenset("P]X^_")
"""What begins a control string behind an escape: DCS, OSC, SOS, PM, APC. Answers about colours and titles are such."""

_ONE_CHARACTER: Final = {chr(ord(char) + 0x40): ESCAPE + char for char in f"[O{''.join(sorted(_STRINGS))}"}
"""Escape and what follows it, written as one character (C1); a key in front of it is none of the sequence."""

_STRING_ENDS: Final = frozenset("\x07\x18\x1a\x9c")

_LONE: Final = 0.1
"""Seconds for which an escape that seems to stand alone is kept back still: the rest of an arrow may be late."""

_LATE: Final = 1.0
"""Seconds within which `[` or `]` goes on with an escape that was taken for the key, and anything with a sequence."""

_LATE_LETTER: Final = 0.5
"""The same for `O`, which is a key too: hardly anybody types it so soon after the key escape."""

_LATE_TEXT: Final = 3.0
"""The same within the text of a control string."""

_STRING_MOST: Final = 5.0
"""Seconds a control string may take at all: somebody who pressed alt+] gets the keyboard back."""

_LONGEST: Final = 64
"""Characters of a sequence that can mean something."""

_KEY: Final = re.compile(
    r"\x1b\[(?P<code>\d{0,7})(?::\d{0,7}){0,2}"
    r"(?:;(?P<modifiers>\d{0,3})(?::(?P<event>\d?))?(?:;(?P<text>[\d:]*))?)?(?P<end>[u~A-HP-S])"
)
"""A key as the keyboard protocol of kitty writes it: code, other codes of that key; modifiers, event; its text."""

_RELEASED: Final = "3"
_OTHER_KEY: Final = 27
"""The code of a key that is written as `27;MODIFIERS;CODE~` (xterm's modifyOtherKeys)."""

_PRIVATE: Final = range(0xE000, 0xF900)
_MOUSE: Final = re.compile(r"\x1b\[<\d{1,3};\d{1,5};\d{1,5}[Mm]")
_MODE: Final = re.compile(r"\x1b\[\?\d{1,5};\d\$y")
_FOCUS: Final = frozenset({"\x1b[I", "\x1b[O"})
_ANSWER: Final = re.compile(r"\x1b\[[03]n")
_SIZE: Final = re.compile(r"\x1b\[8;(\d{1,4});(\d{1,4})t")


class Reports:
    """Parts typed text into characters and whole sequences, in order. Times are seconds of any clock.

    A unit is a character, a whole sequence, `ESCAPE` alone (that key), escape and a character (that key with alt), or
    the start of a paste with all that follows it.
    """

    def __init__(self) -> None:
        self._begun = ""
        self._with_alt = False  # an escape stands before the sequence: what it means is not known here
        self._began_at = self._last = 0.0
        self._lone_at: float | None = None  # when an escape was taken for the key; its rest may still come
        self._may_be_letter = False  # what was begun is `O`, typed soon after the key escape, or the rest of an arrow

    @property
    def waiting(self) -> bool:
        """Whether time alone may decide something."""
        return bool(self._begun)

    def feed(self, text: str, now: float) -> list[str]:
        """What is known once this text has come."""
        units = self.tick(now)
        late_escape = self._begun == ESCAPE
        for place, char in enumerate(text):
            if self._begun:
                units += self._go_on(char, now, late_escape and place == 0)
            elif char == ESCAPE and text.startswith((f"{ESCAPE}{_CSI}", f"{ESCAPE}{_SS3}"), place):
                self._with_alt = True
            else:
                units += self._start(char, now)
            if units and units[-1] == START:
                units[-1] += text[place + 1 :]
                break
        if text:
            self._last = now
        return units

    def tick(self, now: float) -> list[str]:
        """What is known because nothing more has come."""
        begun = self._begun
        if not begun or (now - self._last < self._patience() and not self._endless(now)):
            return []
        self._begun, self._with_alt = "", False
        if begun == ESCAPE:
            self._lone_at = self._last
            return [ESCAPE]
        return ["O"] if begun == _SS3 and self._may_be_letter else []

    def _patience(self) -> float:
        if self._begun == ESCAPE:
            return _LONE
        if self._begun == _SS3:
            return _LATE_LETTER
        return _LATE_TEXT if self._in_string() and len(self._begun) > 3 else _LATE

    def _endless(self, now: float) -> bool:
        return self._in_string() and now - self._began_at > _STRING_MOST

    def _in_string(self) -> bool:
        return self._begun[1:2] in _STRINGS

    def _start(self, char: str, now: float) -> list[str]:
        """A character that goes on with nothing, or with an escape that was taken for the key."""
        lone_at, self._lone_at, self._may_be_letter = self._lone_at, None, False
        late = _LATE if lone_at is None else now - lone_at
        if (char in "[]" and late < _LATE) or (char == "O" and late < _LATE_LETTER):
            self._begun, self._began_at = ESCAPE + char, now
            self._may_be_letter = char == "O"
            return []
        if char == ESCAPE or char in _ONE_CHARACTER:
            self._begun, self._began_at = _ONE_CHARACTER.get(char, ESCAPE), now
            return []
        return [] if "\x80" <= char <= "\x9f" else [char]

    def _go_on(self, char: str, now: float, late: bool) -> list[str]:
        """The next character of what was begun. `late`: behind an escape that a while ago came alone."""
        if self._begun == ESCAPE:
            return self._behind_escape(char, now, late)
        if self._in_string():
            return self._string(char, now)
        begun = self._begun
        if begun.startswith(_X10_MOUSE) and char != ESCAPE:
            return self._ended("") if len(begun) == len(_X10_MOUSE) + 2 else self._longer(char)
        if begun == _CSI and char in "M[":
            return self._longer(char)
        if " " <= char <= "?" and begun != _LINUX_KEY:
            return self._longer(char)
        if "@" <= char <= "~":
            return self._ended(begun + char)
        letter = ["O"] if begun == _SS3 and self._may_be_letter else []
        return [*letter, *self._ended(""), *self._start(char, now)]

    def _behind_escape(self, char: str, now: float, late: bool) -> list[str]:
        if char in "[O" or char in _STRINGS:
            self._may_be_letter = late and char == "O"
            return self._longer(char)
        self._begun = ""
        if late or char == ESCAPE:
            return [ESCAPE, *self._start(char, now)]
        return [ESCAPE + char]

    def _string(self, char: str, now: float) -> list[str]:
        escaped = self._begun.endswith(ESCAPE)
        if char in _STRING_ENDS or (escaped and char == "\\"):
            return self._ended("")
        if not escaped:
            return self._longer(char)
        self._begun, self._began_at = ESCAPE, now  # another sequence cuts it off
        return self._behind_escape(char, now, late=False)

    def _longer(self, char: str) -> list[str]:
        """One more character; what is too long means nothing, but its end is still looked for."""
        self._begun += char
        if len(self._begun) > _LONGEST:
            self._begun = self._begun[: _LONGEST - 1] + char
        return []

    def _ended(self, sequence: str) -> list[str]:
        with_alt = self._with_alt
        self._begun, self._with_alt, self._may_be_letter = "", False, False
        return [sequence] if sequence and not with_alt and len(sequence) < _LONGEST else []


def answers(unit: str) -> bool:
    """Whether this is the terminal's sign of life."""
    return _ANSWER.fullmatch(unit) is not None


def size_of(unit: str) -> tuple[int, int] | None:
    """Columns and lines, if this is the terminal's answer to the question for its size."""
    size = _SIZE.fullmatch(unit)
    return None if size is None else (int(size[2]), int(size[1]))


def understood(unit: str) -> str:
    """A unit as Textual's parser can be given it; empty for a sequence that means nothing here."""
    if not unit.startswith(ESCAPE) or unit in _FOCUS or unit in ANSI_SEQUENCES_KEYS:
        return unit
    if _MOUSE.fullmatch(unit) or _MODE.fullmatch(unit):
        return unit
    key = _KEY.fullmatch(unit)
    return "" if key is None else _key(key)


def _key(key: re.Match[str]) -> str:
    """The report of a key without what Textual's parser does not read; empty if it is of no key that is pressed."""
    code, end = int(key["code"] or 1), key["end"]
    modifiers, text = key["modifiers"], [int(part) for part in (key["text"] or "").split(":") if part]
    if key["event"] == _RELEASED:
        return ""
    if end == "~" and code == _OTHER_KEY and len(text) == 1:
        code, text, end = text[0], [], "u"
    if f"{code}{end}" in FUNCTIONAL_KEYS:
        text = []
    elif end != "u" or not key["code"] or code in _PRIVATE or not all(map(_is_text, [code, *text])):
        return ""
    written = [str(code)]
    if modifiers is not None:
        written.append(modifiers)
    if text:
        written.append(":".join(map(str, text)))
    return f"{_CSI}{';'.join(written)}{end}"


def _is_text(code: int) -> bool:
    """Whether this is the code of a character, and no control."""
    return 0x20 <= code <= 0x10FFFF and not 0x7F <= code < 0xA0 and not 0xD800 <= code < 0xE000
