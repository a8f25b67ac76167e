"""The whitelist as a document: what it does not know survives, its text is canonical (rule G16, architecture 3)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.model import Entry
from gateconsole.text import printable
from gateconsole.whitelist.file import WhitelistError
from gateconsole.whitelist.json_document import Document, conversion, item_from, item_of, parse

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
REASON = TEXT.filter(lambda text: bool(text.strip()))
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
ENTRY = st.builds(
    Entry,
    REASON,
    TEXT,
    st.sampled_from(["pinned", "unpinned", None]),
    st.none() | TEXT,
    st.none() | TEXT,
    st.none() | TEXT,
    st.sampled_from([None, "", "2026-05-20", "2026-05-20T08:00:00Z"]),
)

CANONICAL = """\
{
  "version": 1,
  "entries": [
    {
      "reason": "ntp_offset",
      "justification": "clock drift",
      "scope": "unpinned",
      "added_by": "ada",
      "added_at": "2026-01-10",
      "review_by": "2026-04-10"
    }
  ]
}
"""
NTP = Entry("ntp_offset", "clock drift", "unpinned", "ada", "2026-01-10", "2026-04-10")


def document_of(*entries: Entry) -> Document:
    made = Document()
    for entry in entries:
        made = made.with_item(item_of(entry))
    return made


def test_the_canonical_text_has_one_field_a_line() -> None:
    assert document_of(NTP).text() == CANONICAL


@given(st.lists(ENTRY, max_size=6))
def test_any_entries_come_back_as_they_were(entries: list[Entry]) -> None:
    content = document_of(*entries).content()
    assert sorted(parse(content).whitelist.entries, key=repr) == sorted(entries, key=repr)
    assert parse(content).content() == content


@given(TEXT)
def test_any_text_stays_literal_and_nothing_unseen_stands_in_the_file(text: str) -> None:
    content = document_of(Entry("reason", text)).content()
    assert parse(content).whitelist.entries[0].justification == text
    assert all(printable(line) == line for line in content.decode().splitlines())


@given(ENTRY, ENTRY, st.dictionaries(TEXT, VALUE, max_size=3), st.dictionaries(TEXT, VALUE, max_size=3))
def test_unknown_keys_survive_every_change(first: Entry, second: Entry, extra: Any, head: Any) -> None:
    known = {"version", "entries", *Entry._fields}
    extra, head = ({key: value for key, value in fields.items() if key not in known} for fields in (extra, head))
    whole = {**head, "version": 1, "entries": [{**extra, **first._asdict()}]}
    document = parse(json.dumps(whole).encode())
    changed = document.with_changed(0, second).with_item(item_of(first._replace(reason="other")))
    found = json.loads(changed.content())
    (mine,) = (
        entry for entry in found["entries"] if entry["reason"] == second.reason and extra.items() <= entry.items()
    )
    assert mine == {**extra, **second._asdict()}
    assert {key: value for key, value in found.items() if key in head} == head
    assert item_from(changed.items[0].text) == changed.items[0]


def test_the_order_of_fields_and_numbers_as_written_stay() -> None:
    lines = ["{", '  "owner": 1.10,', '  "entries": [', "    {", '      "cost": 1E400,', '      "reason": "a"', "    }"]
    text = "\n".join([*lines, "  ],", '  "version": 1', "}", ""])
    assert parse(text.encode()).text() == text


def test_an_entry_keeps_what_it_lacks_until_it_is_said() -> None:
    document = parse(b'{"version": 1, "entries": [{"ticket": 7, "reason": "a"}]}')
    assert list(document.with_changed(0, Entry("a", "why")).items[0].fields) == ["ticket", "reason", "justification"]


def reasons(document: Document) -> list[str]:
    return [item.entry.reason for item in document.items]


def test_an_entry_goes_to_its_place_in_a_sorted_list() -> None:
    assert reasons(document_of(*map(Entry, "acb"))) == ["a", "b", "c"]
    scopes = [Entry("a", scope="pinned"), Entry("a"), Entry("a", scope="unpinned")]
    assert [item.entry.scope for item in document_of(*scopes).items] == [None, "pinned", "unpinned"]


def test_an_entry_goes_last_in_a_list_that_is_not_sorted() -> None:
    document = parse(b'{"version": 1, "entries": [{"reason": "b"}, {"reason": "a"}]}')
    assert reasons(document.with_item(item_of(Entry("aa")))) == ["b", "a", "aa"]
    assert reasons(document.with_item(item_of(Entry("aa")), place=1)) == ["b", "aa", "a"]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('["a", {"reason": "b", "justification": "why"}]', "list"),
        ('{"a": null, "b": "why"}', "reasons and justifications"),
        ('{"entries": [{"reason": "a"}, {"reason": "b", "justification": "why"}]}', "written form"),
    ],
)
def test_older_forms_are_read_and_become_the_written_one_which_is_said(text: str, form: str) -> None:
    document = parse(text.encode())
    assert document.form == form
    assert document.whitelist.entries == (Entry("a"), Entry("b", "why"))
    after = json.loads(document.content())
    assert list(after) == ["version", "entries"]
    told = conversion(text.encode(), document)
    assert told is not None
    assert ("canonical form" if form == "written form" else form) in told


def test_line_ends_and_a_byte_order_mark_that_go_are_said() -> None:
    windows = CANONICAL.replace("\n", "\r\n").encode("utf-8-sig")
    document = parse(windows)
    assert document.content() == CANONICAL.encode()
    assert conversion(windows, document) == (
        "the file is now in canonical form: one field a line; its lines ended in CRLF and end in LF now; "
        "its byte order mark is gone"
    )


def test_nothing_is_said_of_a_file_that_is_canonical_or_not_there() -> None:
    assert conversion(CANONICAL.encode(), parse(CANONICAL.encode())) is None
    assert conversion(None, parse(None)) is None


def test_what_is_nested_deeper_than_can_be_written_is_refused() -> None:
    deep = b'{"version": 1, "entries": [], "x": ' + b"[" * 900 + b"]" * 900 + b"}"
    with pytest.raises(WhitelistError, match="nested too deep"):
        parse(deep).content()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"version": 1,\n "entries": [{"reason": "a",\n  "reason": "b"}]}', "line 3, column 3: the key"),
        ('[\n "a",\n -Infinity]', "line 3, column 2: -Infinity is no JSON"),
        ('{"version": 1, "entries": [{"reason": "a",\n "scope": "both"}]}', "line 2, column 11: entry 1, reason"),
        ('{"version": 1, "entries": [{"reason": "a"},\n  {"scope": null}]}', "line 2, column 3: entry 2: reason"),
        ('{"version": 1,\n "entries": {}}', "line 2, column 13: entries is no list"),
        ('{"version": 3,\n "entries": []}', "line 1, column 13: version 3 is newer"),
        ('{"a": "why",\n "b": 7}', "line 2, column 7: entry 2, reason"),
        ('["a",\n 7]', "line 2, column 2: entry 2 is neither"),
        ('["a",\n ""]', "line 2, column 2: entry 2: reason is missing"),
        ('[{"x": {"reason": 1, "reason": 2}}]', "line 1, column 22: the key"),
        ('[\n"\\ud800"]', "line 2, column 1: entry 1"),
        ("7", "line 1, column 1: neither an object nor a list"),
        ("[\n " + "9" * 5000 + "]", "line 2, column 2: a number is too long"),
        ('{"a": {"k": 1}, "k": "x", "a": "y"}', "line 1, column 27: the key"),
    ],
)
def test_what_is_wrong_is_named_with_line_and_column(text: str, place: str) -> None:
    with pytest.raises(WhitelistError) as wrong:
        parse(text.encode())
    assert str(wrong.value).startswith(place)
