"""With every act on another key, no screen, state, box or form names the key that it had when delivered."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

import gateconsole.tui
from gateconsole.snapshot import Snapshot
from gateconsole.tui.app import Console
from gateconsole.tui.frame.screen_list import SCREENS
from gateconsole.tui.keys.actions import ACTIONS, Registry, remapped, written
from gateconsole.tui.keys.key_names import key_label
from tests.screens.plain_source import PlainSource
from tests.screens.states import STATES
from tests.screens.test_policies import Seen
from tests.screens.test_registry import samples

ODD = [chr(code) for code in (*range(0x0531, 0x0557), *range(0x0561, 0x0587))]
"""Keys that no act has when delivered: the letters of Armenian."""

REMAPPED = remapped({action.id: [ODD[place]] for place, action in enumerate(ACTIONS)})
KEYS = {action.id: action.keys[0] for action in REMAPPED}
DELIVERED = sorted({key_label(key) for action in ACTIONS for key in action.keys} | {"esc"})

_WORDS = "|".join(re.escape(key) for key in DELIVERED if not key.isdigit() and key != "a")
HINT = re.compile(rf"(?:^|(?<!\w) |[;:,.(→·])({_WORDS})(?:,? then\b| (?:does|goes|[a-z]{{2,}}s)\b)")
"""A key and what it does, as hints say it: `esc clears it`, `q, then ...`."""

SENTENCE = re.compile(rf"(?<=[a-z]) ({_WORDS}) [a-z]+s (?:it|all|on|away|back|them)\b")
"""The same behind other words: `the view is held, space goes on`."""

NO_HINTS = re.compile(r"\bs (is|was|times)\b|enter puts a loss away| t theirs:")
"""What looks like one, and a key of a box, which is the same whatever is set."""

_SHOWN = (f"{written(one)} {one.label}" for one in ACTIONS if not one.id.startswith("screen_"))
SHOWN = re.compile("|".join(rf"(?<!\S){re.escape(words)}(?!\S)" for words in _SHOWN))
"""A key of the footer, or of help."""

TABS = re.compile("|".join(f"(?<!\\S){entry.key} {entry.title}" for entry in SCREENS))


def named(text: str) -> list[str]:
    """Where a text names a key as it was when delivered."""
    lines = [NO_HINTS.sub("", line) for line in text.splitlines()]
    return [found[0] for line in lines for kind in (HINT, SENTENCE, SHOWN, TABS) for found in kind.finditer(line)]


# in the source


def words_of(path: Path) -> Iterator[str]:
    """Every text that a module may say: no docstrings."""
    tree = ast.parse(path.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@cache
def modules() -> list[Path]:
    """The modules of the screen."""
    return sorted(Path(gateconsole.tui.__file__).parent.rglob("*.py"))


def test_no_module_of_the_screen_says_a_key_by_itself() -> None:
    assert {path.name: said for path in modules() for words in words_of(path) if (said := named(words))} == {}


@pytest.mark.parametrize(
    "hint",
    (
        "esc clears it, / changes it",
        "tab goes back",
        "x: q, then PATH",
        "n lists a class",
        "held; space goes on",
        " o sort ",
    ),
)
def test_a_hint_with_a_delivered_key_is_seen(hint: str) -> None:
    assert named(hint)


# on the screen


class Walk:
    """Does acts, and looks at the screen after each."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._app = seen.app

    async def look(self, after: str) -> None:
        """No delivered key is named now, but for those of what is open: they are the same whatever is set."""
        await self._seen.pilot.pause(0.02)
        lines = self._seen.lines
        shown = lines[:-1] if self._app.frame._footer.modal is not None else lines
        assert named("\n".join(shown)) == [], (after, self._app.frame.screen_name, "\n".join(lines))

    async def press(self, *keys: str) -> None:
        """Type keys, and look after each."""
        for key in keys:
            await self._seen.press(key)
            await self.look(key)

    async def each_act(self, screen: str, first: bool) -> None:
        """Every act of a screen by its key, also in vain; on the first screen also those of every screen."""
        for action in REMAPPED:
            if action.id in {"quit", "suspend", "page"} or screen not in (action.screens or (screen if first else "",)):
                continue
            await self.press(KEYS[action.id])
            while self._app.frame._footer.modal is not None:
                await self._seen.press("escape")
            if self._app.frame.screen_name != screen:
                await self._seen.press(KEYS[f"screen_{screen}"])
        if self._app.frame.lens.frozen is not None:
            await self._seen.press(KEYS["freeze"])

    async def emptied(self) -> None:
        """A filter that leaves nothing, and out of it again."""
        await self.press(KEYS["filter"])
        if self._app.frame._footer.modal is not None:
            await self._seen.press(*"run:zzz", "enter")
            await self.press(KEYS["other_list"], KEYS["back"])


_OTHERS = ("empty", "root_missing", "whitelist_broken", "rejected", "only_rejected")
STATES_SEEN: dict[str, Callable[[], Snapshot]] = {"samples": samples, **{name: STATES[name] for name in _OTHERS}}


@pytest.mark.parametrize("state", STATES_SEEN)
async def test_no_key_is_named_as_it_was_delivered(state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    snapshot = STATES_SEEN[state]()
    app = Console(lambda: PlainSource(snapshot), root_label="x", registry=Registry(REMAPPED))
    async with app.run_test(size=(120, 36)) as pilot:
        while app.frame.snapshot is not snapshot:
            await pilot.pause(0.01)
        walk = Walk(Seen(app, pilot, PlainSource()))
        await walk.press(KEYS["banners"], "escape", KEYS["palette"], "escape")
        for number, entry in enumerate(SCREENS):
            await walk.press(KEYS[f"screen_{entry.name}"])
            if state == "samples":
                await walk.press(KEYS["help"], "pagedown", "escape")
                await walk.each_act(entry.name, not number)
            else:
                await walk.press(KEYS["open"], KEYS["back"], KEYS["other_list"])
            await walk.emptied()
        assert app._exception is None


def test_every_act_has_an_odd_key() -> None:
    assert not {written(action) for action in REMAPPED} & set(DELIVERED)
