"""Every act a key can do, in one registry: bindings, footer, palette, help and the README's key table come from it.

It imports nothing of the screen, so that documents can be made and settings checked without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final, NamedTuple

from gateconsole.tui.keys.key_names import key_label, key_name, unsendable
from gateconsole.tui.keys.text_edit import TextEdit


class Action(NamedTuple):
    """One act: its id, the keys that do it (Textual's names), what the footer calls it, what it does, and where.

    `shown` is how its keys are written in the footer; `screens` is empty for an act that works everywhere; an act
    that is not `footer` works but is left out of the footer line.
    """

    id: str
    keys: tuple[str, ...]
    shown: str
    label: str
    description: str
    screens: tuple[str, ...] = ()
    footer: bool = True


_OPENS: Final = ("policies", "alerts", "queue", "runs", "readiness")
"""Screens on which `enter` opens what is under the cursor."""

_LISTS: Final = (*_OPENS, "whitelist")
"""Screens with a list to walk."""

_CLASSES: Final = ("policies", "alerts", "runs")
"""Screens with an unknown class under the cursor."""

_QUEUE: Final = ("queue",)
_ALERTS: Final = ("alerts",)
_WHITELIST: Final = ("whitelist",)

ACTIONS: Final[tuple[Action, ...]] = (
    Action("open", ("enter",), "enter", "open", "open what is under the cursor", _OPENS),
    Action("back", ("escape",), "esc", "back", "back to the list", _LISTS),
    Action("runs_of", ("r",), "r", "runs", "the runs behind this row", ("policies", "alerts")),
    Action("down", ("down", "j"), "↓ j", "down", "one row down", _LISTS, footer=False),
    Action("up", ("up", "k"), "↑ k", "up", "one row up", _LISTS, footer=False),
    Action("page_down", ("pagedown",), "pgdn", "page", "one page down", _LISTS, footer=False),
    Action("page_up", ("pageup",), "pgup", "page", "one page up", _LISTS, footer=False),
    Action("first", ("g", "home"), "g", "first", "the first row", _LISTS, footer=False),
    Action("last", ("G", "end"), "G", "last", "the last row", _LISTS, footer=False),
    Action("screen_policies", ("1",), "1", "policies", "the policies, live", footer=False),
    Action("screen_alerts", ("2",), "2", "alerts", "what fires, why, and what was done about it", footer=False),
    Action("screen_queue", ("3",), "3", "queue", "the pending patches, what is built next and why", footer=False),
    Action("screen_whitelist", ("4",), "4", "whitelist", "what is known to be harmless, and why", footer=False),
    Action("screen_runs", ("5",), "5", "runs", "every run as it arrives; the files that are none", footer=False),
    Action("screen_readiness", ("6",), "6", "readiness", "may a policy go to WARN, and why not", footer=False),
    Action("other_pane", ("tab",), "tab", "walk", "walk in the runs of the alert, or go back", _ALERTS),
    Action("verdict", ("v",), "v", "verdict", "was the alarm of this run right, or false?", _ALERTS),
    Action("alert_ack", ("a",), "a", "ack", "known, worked on: quiet unless it gets worse", _ALERTS),
    Action("alert_snooze", ("s",), "s", "snooze", "the same for a time", _ALERTS),
    Action("alert_adopt", ("A",), "A", "adopt", "take the level for the normal one from now on", _ALERTS),
    Action("other_list", ("tab",), "tab", "list", "the runs, or the files that are no run", ("runs",)),
    Action("queue_dispatch", ("d",), "d", "dispatch", "give the proposed set to a builder", _QUEUE),
    Action("queue_report", ("r",), "r", "report", "say how a run ended: pass or fail", _QUEUE),
    Action("queue_base", ("b",), "b", "base", "say how the base of a failed run was built", _QUEUE),
    Action("queue_mark", ("m",), "m", "mark", "a run says nothing, or it speaks again", _QUEUE),
    Action("queue_lost", ("L",), "L", "lost", "give a run up as lost", _QUEUE),
    Action("queue_withdraw", ("x",), "x", "withdraw", "take a patch out of the queue for good", _QUEUE),
    Action("queue_hold", ("h",), "h", "hold", "keep a patch from being built, or release it", _QUEUE),
    Action("queue_first", ("f",), "f", "first", "put a waiting patch before all of equal innocence", _QUEUE),
    Action("queue_land", ("l",), "l", "land", "say that a patch is in the base now", _QUEUE),
    Action("queue_reopen", ("R",), "R", "reopen", "take a wrong verdict back; the patch keeps its k", _QUEUE),
    Action("queue_pause", ("z",), "z", "pause", "dispatch nothing until it is resumed, or resume", _QUEUE),
    Action("queue_why", ("i",), "i", "why", "why this set is next, and why not this patch", _QUEUE),
    Action("queue_timeline", ("t",), "t", "timeline", "what happened to the patch, and why", _QUEUE),
    Action("queue_all", ("a",), "a", "all", "everything that was ever decided, or the last day", _QUEUE, footer=False),
    Action("queue_adopt", ("A",), "A", "adopt p", "the estimate of p, or another p, from now on", _QUEUE),
    Action("queue_rename", ("n",), "n", "rename", "give the testcase another name", _QUEUE, footer=False),
    Action("queue_retire", ("X",), "X", "retire", "take the testcase out of every overall", _QUEUE, footer=False),
    Action("next_testcase", ("tab", "right"), "tab", "testcase", "the next testcase", _QUEUE),
    Action("previous_testcase", ("shift+tab", "left"), "←", "back", "the testcase before", _QUEUE, footer=False),
    Action("whitelist_new", ("n",), "n", "new", "list an unknown class as harmless", _WHITELIST),
    Action("whitelist_edit", ("enter",), "enter", "edit", "change its justification, scope or review day", _WHITELIST),
    Action("whitelist_retire", ("x",), "x", "retire", "take it out; the ledger keeps its history", _WHITELIST),
    Action("whitelist_detail", ("tab",), "tab", "detail", "the entry whole, its hits and its history", _WHITELIST),
    Action("whitelist", ("w",), "w", "whitelist", "list the class under the cursor as harmless", _CLASSES),
    Action("filter", ("slash",), "/", "filter", "show only what matches, on every screen"),
    Action("sort", ("o",), "o", "sort", "sort by the next column", _LISTS),
    Action("turn", ("O",), "O", "turn", "the same order the other way round", _LISTS, footer=False),
    Action("sort_by", ("S",), "S", "sort by", "choose the column to sort by", _LISTS, footer=False),
    Action("freeze", ("space",), "space", "freeze", "hold what is shown while reading goes on", _LISTS),
    Action("export", ("e",), "e", "export", "what is shown as CSV into the current folder", _LISTS),
    Action("copy", ("y",), "y", "copy", "the row to your clipboard, also over SSH", _LISTS),
    Action("copy_json", ("Y",), "Y", "copy JSON", "the same as JSON", _LISTS, footer=False),
    Action("page", ("P",), "P", "page", "what is shown as a plain page in the pager", _LISTS, footer=False),
    Action("undo", ("u",), "u", "undo", "take back what was done last in this session"),
    Action("banners", ("B",), "B", "banners", "the banners in full; enter puts a loss away", footer=False),
    Action("help", ("question_mark",), "?", "help", "the keys that work here, and what the marks mean"),
    Action("palette", ("colon", "ctrl+p"), ":", "palette", "find an act by its name and do it"),
    Action("theme", ("T",), "T", "theme", "choose a theme, seen at once"),
    Action("redraw", ("ctrl+l",), "ctrl+l", "redraw", "draw the whole screen again", footer=False),
    Action("suspend", ("ctrl+z",), "ctrl+z", "suspend", "to the shell, also while typing; fg comes back", footer=False),
    Action("quit", ("q", "ctrl+c"), "q", "quit", "quit"),
)
"""In the order of the footer."""


HARMLESS: Final = frozenset(
    {"open", "back", "runs_of", "down", "up", "page_down", "page_up", "first", "last", "other_pane", "other_list"}
    | {"screen_policies", "screen_alerts", "screen_queue", "screen_whitelist", "screen_runs", "screen_readiness"}
    | {"queue_why", "queue_timeline", "queue_all", "next_testcase", "previous_testcase", "whitelist_detail"}
    | {"filter", "sort", "turn", "sort_by", "freeze", "copy", "copy_json", "page", "banners"}
    | {"help", "palette", "theme", "redraw", "suspend", "quit"}
)
"""Actions that write nothing and decide nothing: their keys may come from the file of the current folder, whose author
may be anybody. The key that walks down must not become one that reports, adopts, retires, undoes or exports."""


class KeysError(Exception):
    """The `[keys]` of the settings cannot be used; the text names what was said, what is wrong, and what helps."""


class Registry:
    """The acts with the keys that hold in this session."""

    def __init__(self, actions: Iterable[Action] = ACTIONS) -> None:
        self.actions = tuple(actions)
        self._by_key: dict[str, list[Action]] = {}
        for action in self.actions:
            for key in action.keys:
                self._by_key.setdefault(key, []).append(action)

    @property
    def keys_while_typing(self) -> frozenset[str]:
        """The keys of `suspend` that work also in a line that is edited, which loses nothing: those it has no use for.

        A key that types a character, or that edits, stays what it is there.
        """
        keys = (key for action in self.actions if action.id == "suspend" for key in action.keys)
        return frozenset(key for key in keys if key.startswith("ctrl+") and TextEdit("x", 1).key(key, None) is None)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that does something somewhere, by Textual's names."""
        return tuple(self._by_key)

    def at(self, key: str, screen: str) -> tuple[Action, ...]:
        """What a key may do on a screen: at most one act on a screen and one everywhere."""
        return tuple(action for action in self._by_key.get(key, ()) if works_on(action, screen))

    def elsewhere(self, key: str, screen: str) -> tuple[Action, ...]:
        """What a key that does nothing on a screen does on others."""
        return () if self.at(key, screen) else tuple(self._by_key.get(key, ()))

    def on(self, screen: str) -> tuple[Action, ...]:
        """The acts that exist on a screen, those of every screen included."""
        return tuple(action for action in self.actions if works_on(action, screen))


def works_on(action: Action, screen: str) -> bool:
    """True when an act exists on a screen."""
    return not action.screens or screen in action.screens


# the user's own keys

_NEEDED: Final = {
    "quit": "the console could not be left",
    "back": "there were no way back from a detail or out of a filter",
}
"""Acts that must have a key, and what were so without one."""


def remapped(said: Mapping[str, Sequence[str]], actions: Sequence[Action] = ACTIONS) -> tuple[Action, ...]:
    """The acts with the user's keys: action id -> keys, none to leave it without one. Raises KeysError."""
    ids = [action.id for action in actions]
    for name in said:
        if name not in ids:
            near = get_close_matches(name, ids, n=1)
            raise KeysError(f"keys.{name}: no such action: {f'did you mean {near[0]}?' if near else ', '.join(ids)}")
    made = tuple(_with_keys(action, said[action.id]) if action.id in said else action for action in actions)
    for action in made:
        if action.id in _NEEDED and not action.keys:
            raise KeysError(f"keys.{action.id}: expected at least one key: without it {_NEEDED[action.id]}")
    _refuse_conflicts(made, said)
    return made


def _with_keys(action: Action, said: Sequence[str]) -> Action:
    keys = []
    for word in said:
        name = key_name(word)
        if name is None:
            raise KeysError(f'keys.{action.id}: no key {word!r}: write it as "x", "X", "?", "f5", "ctrl+x" or "esc"')
        if why := unsendable(name):
            raise KeysError(f"keys.{action.id}: {word!r} never arrives: {why}")
        keys.append(name)
    return action._replace(keys=tuple(keys), shown=" ".join(map(key_label, keys)))


def _refuse_conflicts(actions: Sequence[Action], said: Mapping[str, Sequence[str]]) -> None:
    """One key may do only one thing at a time."""
    for number, first in enumerate(actions):
        for second in actions[number + 1 :]:
            both = [key for key in first.keys if key in second.keys]
            if both and _meet(first, second):
                one, other = (first, second) if first.id in said else (second, first)
                raise KeysError(
                    f"keys.{one.id}: {key_label(both[0])!r} is also the key of {other.id} ({other.description}): "
                    f"give one of the two another key"
                )


def _meet(first: Action, second: Action) -> bool:
    """True when two acts exist on one screen."""
    return not first.screens or not second.screens or bool(set(first.screens) & set(second.screens))


# documents


def key_table(actions: Sequence[Action] = ACTIONS) -> list[tuple[str, str, str, str]]:
    """The keys as a table for documents: (keys, action id, where they work, what they do)."""
    return [(written(action), action.id, _where(action), action.description) for action in actions]


def written(action: Action) -> str:
    """All keys of an act, as people write them."""
    return " ".join(map(key_label, action.keys))


def _where(action: Action) -> str:
    return ", ".join(name.capitalize() for name in action.screens) or "everywhere"
