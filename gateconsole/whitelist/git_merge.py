"""Three versions of a whitelist -> one, entry by entry: what `whitelist merge` does for git (rule G16). Pure.

An entry is told by reason and scope. What one side changed is taken, also where the other side changed its neighbour; a
conflict is only an entry that both changed, each in its own way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple

from gateconsole.text import printable
from gateconsole.whitelist.file import WhitelistError
from gateconsole.whitelist.json_document import Document, Item, order_of, parse
from gateconsole.whitelist.merge import conflict_side

_MARKS: Final = ("<<<<<<< ours", "=======", ">>>>>>> theirs")
_ABSENT: Final = object()

_Key = tuple[str, str, int]


class Merge(NamedTuple):
    """The merged bytes; with conflicts they stand between git's markers, and `conflicts` names them, printably."""

    content: bytes
    conflicts: tuple[str, ...] = ()


class _Slot(NamedTuple):
    """One entry of the result: the item, or both sides of a conflict (None: the entry is gone there)."""

    ours: Item | None
    theirs: Item | None
    conflicting: bool = False

    @property
    def any(self) -> Item:
        """Either item."""
        item = self.ours or self.theirs
        assert item is not None
        return item


def merge_versions(base: bytes, ours: bytes, theirs: bytes) -> Merge:
    """Merge two versions that go back to `base`; no bytes are no file.

    A version that is no whitelist is merged as a whole: a conflict, unless only one side changed the file.
    """
    if theirs in {base, ours}:
        return Merge(ours)
    if ours == base:
        return Merge(theirs)
    documents = []
    for name, content in (("base", base), ("ours", ours), ("theirs", theirs)):
        try:
            documents.append(parse(content if content.strip() else None))
        except WhitelistError as error:
            return _whole(ours, theirs, printable(f"{name} is no whitelist: {error}"))
    return _merged(*documents) or _whole(ours, theirs, "both sides changed what stands beside the entries")


def _merged(base: Document, ours: Document, theirs: Document) -> Merge | None:
    """The merge by entry; None when what stands beside the entries conflicts."""
    try:
        head = _merged_head(base, ours, theirs)
    except ValueError:
        return None
    slots = _slots(base, ours, theirs)
    result = Document((), "written form", head)
    conflicts = tuple(_words(slot) for slot in slots if slot.conflicting)
    if not conflicts:
        items = tuple(slot.any for slot in slots)
        return Merge(Document(items, "written form", head).content())
    lines: list[str] = []
    for number, slot in enumerate(slots, 1):
        comma = "," if number < len(slots) else ""
        lines += _lines(slot, comma)
    return Merge(result.framed("\n".join(lines)).encode(), conflicts)


def _lines(slot: _Slot, comma: str) -> Iterator[str]:
    if not slot.conflicting:
        yield f"{Document.entry_text(slot.any)}{comma}"
        return
    for mark, item in zip(_MARKS, (slot.ours, slot.theirs, None), strict=True):
        yield mark
        if item is not None:
            yield f"{Document.entry_text(item)}{comma}"


def _slots(base: Document, ours: Document, theirs: Document) -> list[_Slot]:
    """Every entry of the result in the order of ours; what theirs added in its sorted place, else last."""
    known, mine, other = _keyed(base), _keyed(ours), _keyed(theirs)
    slots = [slot for key in mine if (slot := _slot(known.get(key), mine[key], other.get(key))) is not None]
    is_sorted = all(order_of(one.entry) <= order_of(two.entry) for one, two in pairwise(ours.items))
    for key, item in other.items():
        slot = None if key in mine else _slot(known.get(key), None, item)
        if slot is None:
            continue
        place = sum(order_of(one.any.entry) <= order_of(item.entry) for one in slots) if is_sorted else len(slots)
        slots.insert(place, slot)
    return slots


def _slot(base: Item | None, ours: Item | None, theirs: Item | None) -> _Slot | None:
    """What becomes of one entry; None: it is gone."""
    before, mine, other = (None if item is None else item.text for item in (base, ours, theirs))
    if other in (mine, before):
        return None if ours is None else _Slot(ours, ours)
    if mine == before:
        return None if theirs is None else _Slot(theirs, theirs)
    return _Slot(ours, theirs, conflicting=True)


def _keyed(document: Document) -> dict[_Key, Item]:
    """The entries by reason, scope, and which of those alike they are."""
    seen: Counter[tuple[str, str]] = Counter()
    found = {}
    for item in document.items:
        pair = order_of(item.entry)
        found[*pair, seen[pair]] = item
        seen[pair] += 1
    return found


def _merged_head(base: Document, ours: Document, theirs: Document) -> dict[str, Any] | None:
    """What stands beside the entries. ValueError when both sides changed the same key."""
    heads = [document.head or {} for document in (base, ours, theirs)]
    merged: dict[str, Any] = {}
    for key in dict.fromkeys([*heads[1], *heads[2]]):
        before, mine, other = (head.get(key, _ABSENT) for head in heads)
        if mine not in (before, other) and other != before:
            raise ValueError(key)
        value = other if mine == before else mine
        if value is not _ABSENT:
            merged[key] = value
    return merged or None


def _words(slot: _Slot) -> str:
    mine, other = (None if item is None else item.entry for item in (slot.ours, slot.theirs))
    sides = f"ours is {conflict_side(mine)}; theirs is {conflict_side(other)}"
    return f"{printable(slot.any.entry.reason)}: changed on both sides: {sides}"


def _whole(ours: bytes, theirs: bytes, why: str) -> Merge:
    """Both files as one conflict."""
    begin, middle, end = (f"{mark}\n".encode() for mark in _MARKS)
    parts = (part if part.endswith(b"\n") or not part else part + b"\n" for part in (ours, theirs))
    mine, other = parts
    return Merge(begin + mine + middle + other + end, (why,))
