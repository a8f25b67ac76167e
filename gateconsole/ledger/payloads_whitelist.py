"""What the events about the whitelist say: one payload a kind.

Entries are canonical JSON text with every key they had. `file`: which whitelist (relative to ROOT if it is in there).
`place`: the entry's number in the list, from 0. `digest_before`, `digest_after`: SHA-256 of the file's bytes, empty for
no file. `backup`: the name under which the replaced bytes are kept, empty if there were none.
"""

from __future__ import annotations

from typing import NamedTuple


class WhitelistAdded(NamedTuple):
    """An unknown class is known to be harmless from now on."""

    file: str
    after: str
    place: int
    digest_before: str
    digest_after: str
    backup: str


class WhitelistEdited(NamedTuple):
    """An entry says something else."""

    file: str
    before: str
    after: str
    place: int
    digest_before: str
    digest_after: str
    backup: str


class WhitelistRetired(NamedTuple):
    """An entry is gone; this is its history."""

    file: str
    before: str
    place: int
    why: str
    digest_before: str
    digest_after: str
    backup: str


class WhitelistUndone(NamedTuple):
    """The act of this event id was taken back: what the entry was until then (`before`) and is now (`after`)."""

    file: str
    event: str
    before: str | None
    after: str | None
    digest_before: str
    digest_after: str
    backup: str
