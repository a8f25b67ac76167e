"""The README's pictures: the console itself on sample_artifacts, at one fixed moment, one picture a screen.

`python -m tests.tools.make_screenshot` writes .github/NAME.svg; a test checks that they are fresh.
"""

from __future__ import annotations

import asyncio
import html
import re
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from textual.pilot import Pilot

from gateconsole.demo.queue import SAVED, restored
from gateconsole.engine.engine import wall_clock
from gateconsole.engine.ledger_follower import QueueOptions
from gateconsole.engine.root_state import Root
from gateconsole.ledger.store import Ledger
from gateconsole.snapshot import Snapshot
from gateconsole.tui.app import Console
from gateconsole.tui.shell.operator import Operator
from gateconsole.tui.widgets.latest_worker import LatestWorker
from tests.tools.make_samples import TARGET as SAMPLES

FOLDER = Path(__file__).parents[2] / ".github"
SIZE = (120, 36)
PICTURES: dict[str, tuple[str, ...]] = {
    "policies": (),
    "alerts": ("2", "tab"),
    "queue": ("3", "j"),
    "whitelist": ("2", "w", "suite known to flake, OPS-7"),
    "readiness": ("6",),
    "runs": ("5", "jjjj"),
    "help": ("5", "question_mark"),
}
"""Name of a picture -> what brings it: keys by name, or what is typed."""
KEY_NAMES = frozenset({"tab", "question_mark"})
CELL = 12.2
"""Width of a cell in the picture."""

NOW = int(datetime(2026, 2, 25, 13, 5, tzinfo=UTC).timestamp()) * 1_000_000
"""Two minutes after the samples' last run, microseconds."""


@cache
def snapshot() -> Snapshot:
    """The samples with their queue as the engine shows them at NOW, watched by events."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.db"
        restored(Ledger.for_writing(ledger), (SAMPLES / SAVED).read_bytes(), timedelta(0), NOW)
        root = Root(SAMPLES, queue=QueueOptions(ledger))
        root.look_at_whitelist(wall_clock())
        for _ in root.work(root.scan.full(now=time.time_ns()), lambda: NOW - 60_000_000):
            pass
        for _ in root.work(root.scan.reread(root.intake.due(NOW), now=time.time_ns()), lambda: NOW):
            pass
        root.settle(NOW)
        root.series.keep_recent(NOW, charts=True)
        root.series.keep_judging()
        root.look_at_ledger(NOW)
        for _ in root.judge(lambda: NOW):
            pass
        root.desk.close()
        return root.snapshot(generation=1, phase="live", mode="inotify", banners=(), now=NOW)


class _Still:
    """A source of one Snapshot."""

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Publish it."""
        publish(snapshot())

    def stop(self) -> None:
        """Nothing goes on."""


async def picture(name: str) -> str:
    """The SVG of one picture."""
    hand = Operator(Path("ledger.db"), "mika", clock=lambda: NOW)
    console = Console(_Still, root_label="sample_artifacts", root=SAMPLES, hand=lambda: hand)
    async with console.run_test(size=SIZE) as pilot:
        async with asyncio.timeout(30):
            while not console.frame.snapshot.policies:
                await pilot.pause(0.02)
        for said in PICTURES[name]:
            await pilot.press(*([said] if said in KEY_NAMES else said))
            await _at_rest(console, pilot)
        svg = await _at_rest(console, pilot)
    return for_any_viewer(svg)


async def _at_rest(console: Console, pilot: Pilot[int]) -> str:
    """The screen once it has looked the same for a while: what it asks for in threads has come."""
    before, same = "", 0
    async with asyncio.timeout(60):
        while same < 3:
            await pilot.pause(0.1)
            shown = console.export_screenshot(title="gateconsole sample_artifacts")
            before, same = shown, same + 1 if shown == before and not _working(console) else 0
    return before


def _working(console: Console) -> bool:
    """Whether something that is seen is still being worked out in a thread."""
    widgets = console.screen.walk_children(with_self=True)
    return any(isinstance(held, LatestWorker) and held.busy for widget in widgets for held in vars(widget).values())


def for_any_viewer(svg: str) -> str:
    """The picture without the addresses of web fonts, and every word at its own place.

    Viewers that know no `textLength` or that swallow leading blanks show it right, too.
    """
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    element = r'<text class="([^"]+-r\d+)" x="([\d.]+)" (y="[\d.]+") textLength="[\d.]+"([^>]*)>([^<]*)</text>'
    return re.sub(element, _words, svg)


def _words(match: re.Match[str]) -> str:
    """One text element as one element for each stretch between blanks."""
    style, left, height, rest, text = match.groups()
    made = []
    for found in re.finditer(r"\S+(?: \S+)*", html.unescape(text).replace("\xa0", " ")):
        x = float(left) + found.start() * CELL
        length = len(found[0]) * CELL
        words = html.escape(found[0]).replace(" ", "&#160;")
        made.append(f'<text class="{style}" x="{x:g}" {height} textLength="{length:g}"{rest}>{words}</text>')
    return "".join(made)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in PICTURES:
        (FOLDER / f"{each}.svg").write_text(asyncio.run(picture(each)))
