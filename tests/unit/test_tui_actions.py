"""The registry of actions: one source for bindings, footer, palette, help and documents, and the user's own keys."""

from __future__ import annotations

import string
import subprocess
import sys
from itertools import combinations

import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import _character_to_key

from gateconsole.tui.keys import key_names
from gateconsole.tui.keys.actions import ACTIONS, KeysError, Registry, key_table, remapped, works_on
from gateconsole.tui.keys.key_names import key_label, key_name, unsendable

SCREENS = sorted({screen for action in ACTIONS for screen in action.screens})


@pytest.mark.parametrize("screen", SCREENS)
def test_a_key_does_one_thing_on_a_screen(screen: str) -> None:
    here = [action for action in ACTIONS if works_on(action, screen)]
    assert [(one.id, other.id) for one, other in combinations(here, 2) if set(one.keys) & set(other.keys)] == []


def test_no_key_is_one_that_tmux_screen_or_the_line_takes() -> None:
    taken = {"ctrl+a", "ctrl+b", "ctrl+s", "ctrl+q"}
    assert not taken & {key for action in ACTIONS for key in action.keys}


def test_ctrl_z_does_what_it_does_everywhere_else() -> None:
    assert [action.id for action in ACTIONS if "ctrl+z" in action.keys] == ["suspend"]
    assert Registry().keys_while_typing == {"ctrl+z"}


@pytest.mark.parametrize(("said", "while_typing"), [("Z", set()), ("ctrl+w", set()), ("ctrl+t", {"ctrl+t"})])
def test_a_key_that_types_or_edits_stays_that_while_something_is_typed(said: str, while_typing: set[str]) -> None:
    assert Registry(remapped({"suspend": [said]})).keys_while_typing == while_typing


def test_every_action_has_an_id_of_its_own() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


def test_every_key_is_named_as_textual_names_it() -> None:
    assert {key_name(key) for action in ACTIONS for key in action.keys} == set(Registry().keys)


def test_the_key_table_names_every_action() -> None:
    assert len(key_table()) == len(ACTIONS)
    assert ("q ctrl+c", "quit", "everywhere", "quit") in key_table()
    assert [keys for keys, action, _, _ in key_table() if action == "palette"] == [": ctrl+p"]


def test_the_key_table_is_made_without_a_screen() -> None:
    script = (
        "import sys; from gateconsole.tui.keys.actions import key_table; key_table();"
        "sys.exit(len({'textual', 'rich', 'polars'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


# names of keys


@pytest.mark.parametrize("mark", [*string.punctuation, " ", "x", "X", "7", "ö"])
def test_a_character_is_called_as_textual_calls_it(mark: str) -> None:
    assert key_name(mark) == _character_to_key(mark)


@pytest.mark.parametrize("mark", string.punctuation)
def test_a_character_is_shown_as_itself(mark: str) -> None:
    assert key_label(_character_to_key(mark)) == mark


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("esc", "escape"),
        ("pgdn", "pagedown"),
        ("ctrl+p", "ctrl+p"),
        ("shift+ctrl+p", "ctrl+shift+p"),
        ("f12", "f12"),
        ("question_mark", "question_mark"),
        ("ctrl+?", "ctrl+question_mark"),
    ],
)
def test_a_key_may_be_written_as_people_write_it(said: str, name: str) -> None:
    assert key_name(said) == name


@pytest.mark.parametrize("said", ["", "foo", "ctrl+", "hyper+x", "ctrl+foo", "\x1b", "xx", "f99"])
def test_what_is_no_key_has_no_name(said: str) -> None:
    assert key_name(said) is None


# keys that terminals send


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("ctrl+i", 'a terminal sends tab for it: write "tab"'),
        ("ctrl+m", 'a terminal sends enter for it: write "enter"'),
        ("ctrl+j", 'a terminal sends enter for it: write "enter"'),
        ("ctrl+h", 'a terminal sends backspace for it: write "backspace"'),
        ("ctrl+[", 'a terminal sends esc for it: write "esc"'),
        ("shift+f", 'a terminal sends F for it: write "F"'),
        ("shift+F", 'a terminal sends F for it: write "F"'),
        ("shift+1", "a terminal sends the character that it types: write that one"),
        ("ctrl+X", 'a terminal sends ctrl+x for it: write "ctrl+x"'),
        ("ctrl+shift+i", 'a terminal sends tab for it: write "tab"'),
        ("f13", 'terminals do not agree on it: write another, such as "f5"'),
        ("ctrl+enter", 'terminals do not tell it from enter: write another, such as "f5"'),
        ("ctrl+space", "terminals do not tell it from space: write another"),
        ("alt+?", "terminals do not tell it from ?: write another"),
        ("alt+f", 'a terminal sends ctrl+right for it: write "ctrl+right"'),
    ],
)
def test_a_key_that_no_terminal_sends_says_what_to_write_instead(said: str, why: str) -> None:
    name = key_name(said)
    assert name is not None
    assert unsendable(name).startswith(why)


def sendable() -> set[str]:
    """Textual's names of all keys that arrive from a terminal without the newer keyboard protocol."""
    parser = XTermParser()
    typed = [chr(code) for code in range(32, 256)]
    held = [f"\x1b[{number};{modifiers}~" for number in (2, 3) for modifiers in (2, 5, 6)]
    sequences = [*ANSI_SEQUENCES_KEYS, *held, *typed]
    found = {event.key for one in sequences for event in parser._sequence_to_key_events(one)}
    return found | {event.key for one in typed for event in parser._sequence_to_key_events(one, alt=True)}


def test_every_key_that_is_accepted_arrives_under_its_name() -> None:
    sent = sendable()
    names = {*string.ascii_letters, *string.digits, *map(key_name, string.punctuation), *key_names._NAMED, "ö"} - {None}
    for modifiers in ("", "ctrl+", "shift+", "alt+", "ctrl+shift+", "ctrl+alt+", "shift+alt+", "ctrl+shift+alt+"):
        for name in names:
            if not unsendable(f"{modifiers}{name}"):
                assert f"{modifiers}{name}" in sent


def test_every_key_of_an_action_is_one_that_terminals_send() -> None:
    assert {key for action in ACTIONS for key in action.keys if unsendable(key)} == set()


# the user's own keys


def key_of(actions: tuple[object, ...], name: str) -> tuple[str, ...]:
    """The keys of an action."""
    return next(action.keys for action in Registry(actions).actions if action.id == name)  # type: ignore[arg-type]


def test_an_action_gets_the_keys_that_the_settings_give_it() -> None:
    made = remapped({"help": ["f1", "ctrl+k"], "theme": []})
    assert key_of(made, "help") == ("f1", "ctrl+k")
    assert key_of(made, "theme") == ()
    assert key_of(made, "quit") == ("q", "ctrl+c")
    assert next(action.shown for action in made if action.id == "help") == "f1 ctrl+k"


def test_the_keys_of_two_actions_may_be_exchanged() -> None:
    made = remapped({"help": ["T"], "theme": ["?"]})
    assert (key_of(made, "help"), key_of(made, "theme")) == (("T",), ("question_mark",))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"help": ["T"]}, r"keys\.help: 'T' is also the key of theme \(choose a theme"),
        ({"open": ["q"]}, r"keys\.open: 'q' is also the key of quit"),
        ({"help": ["f1"], "theme": ["f1"]}, r"keys\.help: 'f1' is also the key of theme"),
        ({"halp": ["f1"]}, r"keys\.halp: no such action: did you mean help\?"),
        ({"zzz": ["f1"]}, r"keys\.zzz: no such action: open, back"),
        ({"help": ["hyper+x"]}, r"keys\.help: no key 'hyper\+x': write it as"),
        ({"quit": []}, r"keys\.quit: expected at least one key"),
        ({"back": []}, r"keys\.back: expected at least one key: without it there were no way back"),
        ({"filter": ["ctrl+i"]}, r"keys\.filter: 'ctrl\+i' never arrives: a terminal sends tab for it: write \"tab\""),
    ],
)
def test_keys_that_cannot_be_used_say_what_helps(said: dict[str, list[str]], words: str) -> None:
    with pytest.raises(KeysError, match=words):
        remapped(said)
