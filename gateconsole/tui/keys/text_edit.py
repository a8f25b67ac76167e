"""A line of text being typed: what each key does to it. Pure; every place where the console takes text uses it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_WORD_BACK: Final = frozenset({"ctrl+w", "ctrl+backspace", "alt+backspace"})

_SEQUENCE: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, moves of the cursor, keys
    r"|(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # titles, links, the clipboard
    r"|\x1b[NO][ -~]"  # keys of older terminals
    r"|\x1b[!-/]*[0-Z\\^-~]"
)
"""An escape sequence, as ECMA-48 writes them."""


def in_line(text: str) -> str:
    """Text as it stands in one line: without escape sequences and controls, a blank for each tab and end of a line.

    The end of the last line is left out.
    """
    one = _SEQUENCE.sub("", text).replace("\r\n", "\n").rstrip("\r\n")
    return "".join(" " if mark.isspace() else mark for mark in one if mark.isspace() or mark.isprintable())


class TextEdit(NamedTuple):
    """Text and the place of the cursor in it, in characters."""

    text: str = ""
    at: int = 0

    def typed(self, text: str) -> TextEdit:
        """With text put in at the cursor: what of it can stand in a line."""
        kept = in_line(text)
        return TextEdit(self.text[: self.at] + kept + self.text[self.at :], self.at + len(kept))

    def key(self, key: str, character: str | None) -> TextEdit | None:
        """After this key (Textual's name); None if it is no key for editing. The keys are those of a shell."""
        text, at = self
        match key:
            case "left" | "ctrl+b":
                return TextEdit(text, max(at - 1, 0))
            case "right" | "ctrl+f":
                return TextEdit(text, min(at + 1, len(text)))
            case "home" | "ctrl+a":
                return TextEdit(text, 0)
            case "end" | "ctrl+e":
                return TextEdit(text, len(text))
            case "backspace" | "ctrl+h":
                return TextEdit(text[: max(at - 1, 0)] + text[at:], max(at - 1, 0))
            case "delete" | "ctrl+d":
                return TextEdit(text[:at] + text[at + 1 :], at)
            case "ctrl+u":
                return TextEdit(text[at:], 0)
            case "ctrl+k":
                return TextEdit(text[:at], at)
        if key in _WORD_BACK:
            start = self._word_start()
            return TextEdit(text[:start] + text[at:], start)
        if character and character.isprintable():
            return self.typed(character)
        return None

    def _word_start(self) -> int:
        before = self.text[: self.at].rstrip()
        return max(before.rfind(" "), before.rfind(","), before.rfind(":")) + 1
