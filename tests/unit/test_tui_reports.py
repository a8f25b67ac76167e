"""What a terminal sends is a key, a report that is understood, or nothing; no part of a sequence is ever a key."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.events import Key

from gateconsole.tui.terminal.paste import END, START, Pasted, PasteSplitter, Piece, Typed
from gateconsole.tui.terminal.reports import ESCAPE, Reports, answers, size_of, understood

NOT_UNDERSTOOD = [
    "\x1b[106;1:3u",  # a key was let go
    "\x1b[113;1:3u",
    "\x1b[1;1:3A",
    "\x1b[3;1:3~",
    "\x1b[?62;4;22c",  # what kind of terminal it is
    "\x1b[>65;7600;1c",
    "\x1b[?997;1n",  # light or dark
    "\x1b[12;40R",  # where the cursor stands
    "\x1b[113~",  # no key has this code
    "\x1b[113A",
    "\x1b[13;5;6;7z",
    "\x1b[1113;;99999999u",
    "\x1b[55296;;55296u",
    "\x1b[9999999u",
    "\x1b[3u",
    "\x1b[106;1;3u",
    "\x1b[?1u",
    "\x1b[u",
    "\x1b[4;1200;1600t",
    "\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23;24;25;26;27;28u",
    "\x1b[M !!",
    "\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
    "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
    "\x1b]lq quits q\x1b\\",
    "\x1bP>|XTerm(388)\x1b\\",
    "\x1bP1+r544e=787465726d\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b\x1b[A",
    "\x1b\x1bOq",
    "\x1b[3;5$q",
    "\x1b[200q\x85",
    "\x9b106;1:3u",  # as one character
    "\x9b?62;4;22c",
    "\x9d11;rgb:1e1e/1e1e/2e2e\x9c",
    "\x90>|XTerm(388)\x9c",
]

SEQUENCES = sorted(one for one in ANSI_SEQUENCES_KEYS if len(one) > 2 and one[:2] != "\x1b\x1b" and one[-1] != "$")
"""Without those of rxvt that no standard allows: they have no end."""


def units(*reads: str, gap: float = 0.0) -> list[str]:
    """What is known of text that came in these reads, so many seconds apart, and of the silence behind it."""
    pastes, reports = PasteSplitter(0.1), Reports()
    parts: list[str] = []

    def take(pieces: list[Piece], now: float) -> None:
        for piece in pieces:
            for unit in reports.feed(piece.text, now) if isinstance(piece, Typed) else ():
                take(pastes.feed(unit, now), now) if unit.startswith(START) else parts.append(unit)
            if isinstance(piece, Pasted):
                parts.append(f"pasted: {piece.text}")

    def wait(start: float, seconds: float) -> None:
        for step in range(1, int(seconds / 0.02) + 1):
            take(pastes.tick(start + step * 0.02), start + step * 0.02)
            parts.extend(reports.tick(start + step * 0.02))

    for number, read in enumerate(reads):
        take(pastes.feed(read, number * gap), number * gap)
        wait(number * gap, gap - 0.001 if number < len(reads) - 1 else 7.0)
    assert not reports.waiting
    return parts


def keys(parts: list[str]) -> list[str]:
    """The names of the keys that these units are."""
    parser = XTermParser()
    messages = [message for part in parts if understood(part) for message in parser.feed(understood(part))]
    return [message.key for message in messages if isinstance(message, Key)]


@pytest.mark.parametrize("report", NOT_UNDERSTOOD, ids=ascii)
@pytest.mark.parametrize("gap", [None, 0.05, 0.15, 0.4])
def test_what_is_not_understood_is_dropped_whole(report: str, gap: float | None) -> None:
    reads = ["j", report, "k"] if gap is None else ["j", *report, "k"]
    if gap is not None and report.startswith("\x1b\x1b"):
        pytest.skip("two escapes apart are two keys")
    if gap == 0.4 and report[1] != "[":
        pytest.skip("no answer is so long under way; behind an escape so late it is typed")
    parts = [unit for unit in units(*reads, gap=gap or 0.0) if unit != ESCAPE]
    assert keys(parts) == ["j", "k"]


@pytest.mark.parametrize(
    ("report", "key"),
    [
        ("\x1b[106;1:1u", "j"),
        ("\x1b[106;1:2u", "j"),
        ("\x1b[106:74;2;74u", "J"),
        ("\x1b[106::106;;106u", "j"),
        ("\x1b[27;5;112~", "ctrl+p"),
        ("\x1b[112;5u", "ctrl+p"),
        ("\x1b[1;1:1A", "up"),
        ("\x1b[A", "up"),
        ("\x1bOA", "up"),
        ("\x1b[[A", "f1"),
        ("\x1bOP", "f1"),
        ("\x1b[5~", "pageup"),
        ("\x1b[3;5~", "ctrl+delete"),
        ("\x1b[27u", "escape"),
        ("\x1b[13u", "enter"),
        ("\x1b[9;2u", "shift+tab"),
        ("\x1b[Z", "shift+tab"),
        ("\x1b[57414u", "enter"),
    ],
)
def test_a_key_is_that_key_however_it_is_written_and_cut(report: str, key: str) -> None:
    assert keys(units(report)) == [key]
    assert keys(units(*report, gap=0.09)) == [key]


@pytest.mark.parametrize("gap", [0.0, 0.05, 0.09, 0.15])
def test_an_arrow_whose_bytes_come_slowly_is_that_arrow(gap: float) -> None:
    assert units("\x1b", "[", "A", gap=gap) == ["\x1b[A"]


@pytest.mark.parametrize("gap", [0.3, 0.45, 0.9])
def test_an_arrow_whose_bytes_come_very_slowly_is_an_escape_and_the_arrow(gap: float) -> None:
    assert units("\x1b", "[", "A", gap=gap) == [ESCAPE, "\x1b[A"]


def test_an_escape_alone_is_that_key_soon() -> None:
    reports = Reports()
    assert reports.feed("\x1b", 0.0) == []
    assert reports.tick(0.09) == []
    assert reports.tick(0.101) == [ESCAPE]


def test_what_is_typed_soon_after_the_key_escape_is_typed() -> None:
    for letter in ("j", "O", "P", "X", "A", "é"):
        assert units("\x1b", letter, gap=0.6) == [ESCAPE, letter]
    assert units("\x1b", "O", gap=0.3) == [ESCAPE, "O"]
    assert units("\x1b", "OA", gap=0.3) == [ESCAPE, "\x1bOA"]
    assert units("\x1b", "O", "j", gap=0.6) == [ESCAPE, "O", "j"]


def test_a_sequence_that_breaks_off_takes_no_later_key_with_it() -> None:
    assert units("\x1b[1", "j", gap=1.1) == ["j"]
    assert units("\x1b]11;rgb:", "j", gap=3.1) == ["j"]


def test_a_control_string_that_never_ends_gives_the_keyboard_back() -> None:
    reports = Reports()
    parts = [unit for tenth in range(100) for unit in reports.feed("\x1b]" if not tenth else "j", tenth / 10)]
    assert parts.count("j") > 40


def test_a_control_key_in_the_midst_of_a_sequence_is_that_key() -> None:
    assert units("\x1b[1\x03") == ["\x03"]


def test_the_answers_that_were_asked_for_are_known() -> None:
    assert answers("\x1b[0n")
    assert not answers("\x1b[5n")
    assert size_of("\x1b[8;24;80t") == (80, 24)
    assert size_of("\x1b[8;24t") is None


def test_a_paste_that_was_not_known_as_one_is_given_whole() -> None:
    assert units("\x1b", "[200~", f"q\x1b[A{END}", gap=0.3) == [ESCAPE, "pasted: q\x1b[A"]


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_every_sequence_that_textual_knows_is_one_unit(sequence: str) -> None:
    assert units(sequence) == [sequence]


PIECES = st.lists(
    st.sampled_from([*NOT_UNDERSTOOD, *"jq\x1b[]OP;:0129~uAMn<\x07\\\x9b\x00é", "\x1b[", "\x1b]"]), max_size=9
)


@given(PIECES, st.lists(st.integers(0, 300), max_size=6), st.sampled_from([0.0, 0.03, 0.15, 0.6, 1.2, 4.0]))
def test_nothing_that_comes_ends_the_reading(pieces: list[str], cuts: list[int], gap: float) -> None:
    text = "".join(pieces)
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    reads = [text[start:end] for start, end in pairwise(places)]
    parser = XTermParser()
    for unit in units(*reads, gap=gap):
        if unit != ESCAPE and not unit.startswith("pasted: ") and (known := understood(unit)):
            list(parser.feed(known))
            assert parser._awaiting.timeout is None, "the parser would go on with what comes next"
