"""The registry of actions: one source for bindings, footer and documents."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

from gateconsole.tui.actions import ACTIONS, key_table


def test_no_key_does_two_things() -> None:
    keys = Counter(key for action in ACTIONS for key in action.keys)
    assert [key for key, number in keys.items() if number > 1] == []


def test_no_key_is_one_that_tmux_screen_or_the_line_takes() -> None:
    taken = {"ctrl+a", "ctrl+b", "ctrl+s", "ctrl+q", "ctrl+z"}
    assert not taken & {key for action in ACTIONS for key in action.keys}


def test_the_key_table_names_every_action() -> None:
    assert len(key_table()) == len(ACTIONS)
    assert ("q ctrl+c", "everywhere", "quit") in key_table()


def test_the_key_table_is_made_without_a_screen() -> None:
    script = (
        "import sys; from gateconsole.tui.actions import key_table; key_table();"
        "sys.exit(len({'textual', 'rich', 'polars'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
