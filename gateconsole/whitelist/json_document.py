"""unknown_whitelist.json as a document: entries with every key they have, and its canonical text.

Canonical: JSON, one field a line, indented by two blanks, a line's end at the end, numbers as they were written.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, Final, Literal

from gateconsole.model import Entry, Whitelist
from gateconsole.text import SUSPICIOUS
from gateconsole.whitelist import file

Form = Literal["no file", "written form", "list", "reasons and justifications"]
"""What the file is (rule G16). Only the written form is ever written."""

FIELDS: Final = Entry._fields

_INDENT: Final = "  "
_COMMA: Final = ",\n"
_UNSEEN: Final = re.compile(SUSPICIOUS)


@dataclass(frozen=True)
class Item:
    """One entry of the file: what it says, and every field it has in their order, unknown ones too."""

    entry: Entry
    fields: dict[str, Any]

    @cached_property
    def text(self) -> str:
        """The entry's canonical JSON, without the indent it has in the file."""
        return _text(self.fields, "")

    def saying(self, entry: Entry) -> Item:
        """The same item saying this: its unknown keys and their order stay."""
        said = entry._asdict()
        changed = {key: said.pop(key) if key in said else value for key, value in self.fields.items()}
        absent = {key: value for key, value in said.items() if value is not None}
        return Item(entry, {**changed, **absent})


def item_of(entry: Entry) -> Item:
    """A new item, its fields in the order of the written form."""
    said = entry._asdict()
    if entry.expires_at is None:
        del said["expires_at"]
    return Item(entry, said)


@dataclass(frozen=True, slots=True)
class Document:
    """The whole file. `head`: the top-level keys in their order, `entries` among them (its value is not looked at)."""

    items: tuple[Item, ...] = ()
    form: Form = "no file"
    head: dict[str, Any] | None = None

    @property
    def whitelist(self) -> Whitelist:
        """What is in force."""
        return Whitelist(tuple(item.entry for item in self.items))

    def text(self) -> str:
        """The canonical text."""
        return self.framed(_COMMA.join(map(self.entry_text, self.items)))

    @staticmethod
    def entry_text(item: Item) -> str:
        """An item's canonical text as it stands in the file, without a comma."""
        inner = f"\n{_INDENT}{_INDENT}"
        return f"{inner[1:]}{item.text.replace(chr(10), inner)}"

    def framed(self, entries: str) -> str:
        """The text of a file with this head and these lines of entries."""
        head = {"version": file.VERSION, "entries": None} if self.head is None else self.head
        listed = f"[\n{entries}\n{_INDENT}]" if entries else "[]"
        members = (
            f"{_INDENT}{_key(key)}: {listed if key == 'entries' else _text(value, _INDENT)}"
            for key, value in head.items()
        )
        return f"{{\n{_COMMA.join(members)}\n}}\n"

    def content(self) -> bytes:
        """The canonical text as the bytes of a file. Raises file.WhitelistError."""
        try:
            return self.text().encode()
        except RecursionError as error:
            raise file.WhitelistError("nested too deep", "a whitelist is a list of reasons") from error

    def find(self, entry: Entry) -> int | None:
        """The number of the first item that says exactly this."""
        return next((at for at, item in enumerate(self.items) if item.entry == entry), None)

    def alike(self, entry: Entry) -> int | None:
        """The number of the first item for the same reason and scope."""
        wanted = entry.reason, entry.scope
        return next((at for at, item in enumerate(self.items) if (item.entry.reason, item.entry.scope) == wanted), None)

    def with_item(self, item: Item, place: int | None = None) -> Document:
        """One item more: at its sorted place if the list is sorted by reason and scope, else at `place`, else last."""
        keys = [order_of(held.entry) for held in self.items]
        mine = order_of(item.entry)
        if all(one <= other for one, other in pairwise(keys)):
            at = sum(key <= mine for key in keys)
        else:
            at = len(keys) if place is None else min(place, len(keys))
        return self._holding((*self.items[:at], item, *self.items[at:]))

    def with_changed(self, at: int, entry: Entry) -> Document:
        """The item of this number says something else, in its place."""
        return self._holding((*self.items[:at], self.items[at].saying(entry), *self.items[at + 1 :]))

    def without(self, at: int) -> Document:
        """One item less."""
        return self._holding((*self.items[:at], *self.items[at + 1 :]))

    def _holding(self, items: tuple[Item, ...]) -> Document:
        return replace(self, items=items, form="written form")


def parse(content: bytes | None) -> Document:
    """The document in these bytes; None: there is no file. Raises file.WhitelistError."""
    if content is None:
        return Document()
    raw, entries = file.parsed_entries(content)
    if isinstance(raw, dict) and not file.is_written_form(raw):
        fields = [{"reason": reason, "justification": why} for reason, why in raw.items()]
        return Document(_items(entries, fields), "reasons and justifications")
    if isinstance(raw, list):
        fields = [{"reason": one} if isinstance(one, str) else one for one in raw]
        return Document(_items(entries, fields), "list")
    head = raw if "version" in raw else {"version": file.VERSION, **raw}
    return Document(_items(entries, raw["entries"]), "written form", {**head, "entries": None})


def item_from(text: str) -> Item:
    """The item that `Item.text` wrote. Raises file.WhitelistError."""
    return parse(f'{{"version": {file.VERSION}, "entries": [{text}]}}'.encode("utf-8", "surrogatepass")).items[0]


def conversion(content: bytes | None, document: Document) -> str | None:
    """What saving does to the file beside the change itself, printable; None: nothing."""
    if content is None or document.content() == content:
        return None
    odd = "; its lines ended in CRLF and end in LF now" if b"\r\n" in content else ""
    odd += "; its byte order mark is gone" if content.startswith(codecs.BOM_UTF8) else ""
    if document.form == "written form":
        return f"the file is now in canonical form: one field a line{odd}"
    form = f"the written form, version {file.VERSION}"
    return f"the file was of an older form ({document.form}) and is now in {form}{odd}"


def _items(entries: tuple[Entry, ...], fields: list[dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(Item(entry, each) for entry, each in zip(entries, fields, strict=True))


def order_of(entry: Entry) -> tuple[str, str]:
    """What a sorted list is sorted by: reason, then scope."""
    return entry.reason, entry.scope or ""


def _text(value: Any, indent: str) -> str:
    """A value as canonical JSON; its further lines have this indent at least."""
    if value is None:
        return "null"
    if type(value) is str:
        return _string(value)
    if not isinstance(value, dict | list):
        return value.text if isinstance(value, file.Number) else json.dumps(value)
    inner = f"{indent}{_INDENT}"
    if isinstance(value, list):
        members, brackets = [f"{inner}{_text(member, inner)}" for member in value], "[]"
    else:
        members = [
            f"{inner}{_key(key)}: {_string(member) if type(member) is str else _text(member, inner)}"
            for key, member in value.items()
        ]
        brackets = "{}"
    return f"{brackets[0]}\n{_COMMA.join(members)}\n{indent}{brackets[1]}" if members else brackets


def _string(text: str) -> str:
    """A text as JSON. What nobody would see is escaped, so that a diff shows it and no terminal obeys it."""
    quoted: str = encode_basestring(text)
    if text.isprintable() and text.isascii():
        return quoted
    return _UNSEEN.sub(lambda found: encode_basestring_ascii(found.group())[1:-1], quoted)


_key = lru_cache(maxsize=1024)(_string)
