"""A line of text being typed: what each key does to it. Pure; every place where the console takes text uses it."""

from __future__ import annotations

from typing import Final, NamedTuple

_WORD_BACK: Final = frozenset({"ctrl+w", "ctrl+backspace", "alt+backspace"})


class Edit(NamedTuple):
    """Text and the place of the cursor in it, in characters."""

    text: str = ""
    at: int = 0

    def typed(self, text: str) -> Edit:
        """With text put in at the cursor; of several lines only the first."""
        kept = "".join(mark for mark in text.partition("\n")[0] if mark.isprintable())
        return Edit(self.text[: self.at] + kept + self.text[self.at :], self.at + len(kept))

    def key(self, key: str, character: str | None) -> Edit | None:
        """After this key (Textual's name); None if it is no key for editing. The keys are those of a shell."""
        text, at = self
        match key:
            case "left" | "ctrl+b":
                return Edit(text, max(at - 1, 0))
            case "right" | "ctrl+f":
                return Edit(text, min(at + 1, len(text)))
            case "home" | "ctrl+a":
                return Edit(text, 0)
            case "end" | "ctrl+e":
                return Edit(text, len(text))
            case "backspace" | "ctrl+h":
                return Edit(text[: max(at - 1, 0)] + text[at:], max(at - 1, 0))
            case "delete" | "ctrl+d":
                return Edit(text[:at] + text[at + 1 :], at)
            case "ctrl+u":
                return Edit(text[at:], 0)
            case "ctrl+k":
                return Edit(text[:at], at)
        if key in _WORD_BACK:
            start = self._word_start()
            return Edit(text[:start] + text[at:], start)
        if character and character.isprintable():
            return self.typed(character)
        return None

    def _word_start(self) -> int:
        before = self.text[: self.at].rstrip()
        return max(before.rfind(" "), before.rfind(","), before.rfind(":")) + 1
