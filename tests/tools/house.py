"""Figures of the house, measured from the source: `python -m tests.tools.house` prints them.

Rooms are the packages of `gateconsole` and its single modules, inside tui and cli theirs. An import counts wherever it
stands: at the top, inside a function, or for types only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "gateconsole"

VAGUE: Final = frozenset(
    (
        *("found", "said", "known", "made", "held", "each", "one", "told", "asked", "wanted", "shown", "seen", "kept"),
        *("given", "place", "look", "came", "words", "hand", "deed", "errand"),
    )
)
"""Words that say of a value only that one has it."""

_PARTS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def sources(folder: Path = PACKAGE) -> dict[str, ast.Module]:
    """Dotted module name -> its syntax tree."""
    trees = {}
    for path in sorted(folder.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        trees[name] = ast.parse(path.read_bytes())
    return trees


def imports(tree: ast.Module, modules: Iterable[str]) -> Iterator[str]:
    """The modules of the package that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == PACKAGE.name:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in modules else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] == PACKAGE.name)


def arrows(trees: Mapping[str, ast.Module], below: str, depth: int) -> dict[str, set[str]]:
    """Room -> rooms it imports from, among the modules below a package; rooms are names of `depth` parts."""
    rooms: dict[str, set[str]] = {}
    for name, tree in trees.items():
        room = ".".join(name.split(".")[:depth])
        for target in imports(tree, trees.keys()) if name.startswith(f"{below}.") else ():
            other = ".".join(target.split(".")[:depth])
            if target.startswith(f"{below}.") and other != room:
                rooms.setdefault(room, set()).add(other)
    return rooms


def circle(rooms: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The rooms that are left when those that import from none of the others go, again and again; empty: no circle."""
    left = {room: set(targets) for room, targets in rooms.items()}
    while leaves := {target for targets in left.values() for target in targets if target not in left}:
        left = {room: targets - leaves for room, targets in left.items()}
        left = {room: targets for room, targets in left.items() if targets}
    return tuple(sorted(left))


def defined_names(tree: ast.Module) -> Iterator[str]:
    """Every name that a file defines: functions, classes, arguments, variables, attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def vague_share(trees: Iterable[ast.Module]) -> float:
    """Of 1,000 names that are defined, how many hold a vague word."""
    names = [name for tree in trees for name in defined_names(tree) if name != "_"]
    vague = sum(bool(VAGUE & {part.lower() for part in _PARTS.findall(name)}) for name in names)
    return 1000 * vague / len(names)


def lines(folder: Path) -> tuple[int, int]:
    """(files, lines) of a folder's sources."""
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    return len(texts), sum(text.count("\n") for text in texts)


if __name__ == "__main__":
    trees_ = sources()
    for folder_ in (PACKAGE, PACKAGE / "tui", ROOT / "tests"):
        files_, lines_ = lines(folder_)
        print(f"{folder_.relative_to(ROOT)}: {files_} files, {lines_} lines")
    for below_, depth_ in (("gateconsole", 2), ("gateconsole.tui", 3), ("gateconsole.cli", 3)):
        rooms_ = arrows(trees_, below_, depth_)
        print(f"{below_}: {sum(map(len, rooms_.values()))} arrows, circle: {' '.join(circle(rooms_)) or 'none'}")
    print(f"vague names: {vague_share(trees_.values()):.1f} of 1,000")
