"""Reasons that look like one another but match nothing of each other: pointed out, never corrected. Pure.

A skeleton is what is left of a reason when case, blanks, dashes, invisible characters and the look of letters do not
count. The letters that look alike are the common ones of Greek and Cyrillic, and the digits 0 and 1; Unicode's NFKC
brings full-width, mathematical and joined letters home.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Final, Literal, NamedTuple

Why = Literal["blanks", "invisible characters", "case", "look-alike letters"]
"""In what two reasons differ."""

_LOOKS: Final = str.maketrans(
    "аеорсухіјѕһԁԛԝвкмнтАВЕКМНОРСТУХІЈЅҺԌαονρτυχικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ01",
    "aeopcyxijshdqwbkmhtABEKMHOPCTYXIJSHGaovptuxikABEZHIKMNOPTYXol",
)
_BLANKS: Final = frozenset("_-. ")
_SHAPELESS: Final = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})
_FILLERS: Final = frozenset(
    "\u034f\u115f\u1160\u3164\uffa0\u17b4\u17b5",
) | {chr(code) for code in range(0xFE00, 0xFE10)}


class LookAlike(NamedTuple):
    """Another reason that looks like this one, and in what they differ (one at least)."""

    reason: str
    why: tuple[Why, ...]

    @property
    def text(self) -> str:
        """In words: `differs only in case and blanks`."""
        return f"differs only in {' and '.join(self.why)}"


def normalised(reason: str) -> str:
    """What reasons that look alike have in common."""
    return _skeleton(reason, None)


class LookAlikeIndex:
    """Known reasons by their look, to ask for many reasons."""

    def __init__(self, known: Iterable[str]) -> None:
        self._alike: dict[str, set[str]] = {}
        for reason in known:
            self._alike.setdefault(normalised(reason), set()).add(reason)

    def near(self, reason: str) -> tuple[LookAlike, ...]:
        """The known reasons that look like this one without being it, by code points."""
        found = self._alike.get(normalised(reason), set()) - {reason}
        return tuple(LookAlike(other, differences(reason, other)) for other in sorted(found))


def find_look_alikes(reason: str, known: Iterable[str]) -> tuple[LookAlike, ...]:
    """The known reasons that look like this one without being it, by code points."""
    return LookAlikeIndex(known).near(reason)


def differences(reason: str, other: str) -> tuple[Why, ...]:
    """In what two reasons of one skeleton differ: what cannot be left out when they are made equal."""
    found = tuple(why for why in _STEPS if _skeleton(reason, why) != _skeleton(other, why))
    return found or ("look-alike letters",)


def _skeleton(reason: str, without: Why | None) -> str:
    for why, change in _STEPS.items():
        if why != without:
            reason = change(reason)
    return reason


def _letters(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_LOOKS)


def _seen(text: str) -> str:
    """Without what has no shape."""
    return "".join(char for char in text if unicodedata.category(char) not in _SHAPELESS and char not in _FILLERS)


def _without_blanks(text: str) -> str:
    return "".join(char for char in text if char not in _BLANKS and not char.isspace())


_STEPS: Final[dict[Why, Callable[[str], str]]] = {
    "look-alike letters": _letters,
    "invisible characters": _seen,
    "blanks": _without_blanks,
    "case": str.casefold,
}
