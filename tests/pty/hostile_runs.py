"""A console on a folder of hostile artifacts: run ids, outcomes, folder names, file contents. Started by a test."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from gateconsole.artifacts.raw_text import artifact_text
from gateconsole.model import Diagnostic, Rejected, Run
from gateconsole.snapshot import Snapshot
from gateconsole.tui.app import run_console
from tests.pty.hostile import HOSTILE
from tests.screens.fake import MINUTE, NOON
from tests.screens.fake_runs import Tree
from tests.screens.plain_source import PlainSource


def folder_name(text: str, number: int) -> str:
    """A folder of this name can be on a disk."""
    name = text.replace("/", "_").replace("\x00", "_").encode()[:120].decode("utf-8", "ignore")
    return f"{name}{number}"


def hostile(root: Path) -> Snapshot:
    """A run and a rejected file for each hostile text; both lie below `root`."""
    tree = Tree()
    notes = []
    for number, text in enumerate(HOSTILE):
        folder = folder_name(text, number)
        run = Run(text, NOON - number * MINUTE, text, text, 0.01, (text, f"{text}2"), None)
        tree._series.put(number, folder, run)
        write(root / folder, text.encode("utf-8", "surrogatepass") + b"\n\x9b31m\xff\xfe\x00" + text.encode() * 2)
        notes.append((f"{folder}/gate_result.json", (Diagnostic("rate_unusable", text, text),)))
        bad = folder_name(text, 1000 + number)
        write(root / bad, text.encode() + b"\x1b]0;title\x07")
        tree.rejected += (Rejected(f"{bad}/gate_result.json", text, text, text, NOON - number * MINUTE),)
    tree.pending = (f"{HOSTILE[0]}/gate_result.json",)
    return tree.snapshot(diagnostics=lambda: tuple(sorted(notes)))


def write(folder: Path, content: bytes) -> None:
    """An artifact."""
    folder.mkdir(parents=True)
    (folder / "gate_result.json").write_bytes(content)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        top = Path(os.path.realpath(made))
        snapshot = hostile(top)
        assert artifact_text(top, folder_name(HOSTILE[0], 0)).lines
        code = run_console(lambda: PlainSource(snapshot), root_label="artifacts", theme=sys.argv[1], root=top)
    raise SystemExit(code)
