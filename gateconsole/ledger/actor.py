"""Who acts and when, which names may stand in the ledger, and how an act is refused."""

from __future__ import annotations

from typing import Final

from gateconsole.text import printable

NAME_LENGTH: Final = 200


class RefusedError(Exception):
    """An act or event cannot be; the text says why and what to do. Printable."""


def checked_name(what: str, name: str) -> str:
    """A name as it may stand in the ledger. Raises RefusedError: empty, too long, blank at an end, not printable."""
    if not name or len(name) > NAME_LENGTH or name != name.strip() or printable(name) != name:
        raise RefusedError(
            f"{what} '{printable(name[:NAME_LENGTH])}': expected 1 to {NAME_LENGTH} printable characters, "
            "no blank at either end"
        )
    return name


class Actor:
    """Who acts, and when: what every act is told."""

    __slots__ = ("actor", "at")

    def __init__(self, at: int, actor: str) -> None:
        self.at = at
        self.actor = actor
