"""A console on hostile data: every text an artifact, a file system or a banner can bring. Started by test_hostile."""

from __future__ import annotations

import sys
from dataclasses import replace

from gateconsole.snapshot import Banner, RecentRun, Snapshot
from gateconsole.tui.app import run_console
from tests.screens.fake import MINUTE, NOON, of, policy
from tests.screens.plain_source import PlainSource

HOSTILE = (
    "\x1b[31mred\x1b[0m",
    "\x1b]52;c;SGVsbG8=\x07clip",
    "\x9b31mc1\x9c",
    "\x90dcs\x9d52;c;AA\x9c",
    "bidi\u202egnp.exe\u2066x\u2069",
    "[/]",
    "[@click=app.quit]x[/]",
    "[link=http://x]y[/link]",
    "line\nfeed\rreturn\ttab\x00nul\x08bs\x7fdel",
    "zero\u200bwidth\u200djoin\ufeffbom\ufe0f",
    "zalgo" + "\u0336" * 40 + "\u0489" * 40,
    "thai" + "\u0e31" * 400,
    "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57",
    "\U0001f600\U0001f468\u200d\U0001f469 face",
    "x" * 10_000,
    "\x1b" * 10_000,
    "tag\U000e0041\U000e007f priv\ue000",
)


def hostile() -> Snapshot:
    """One policy for each hostile text: as hash, run id, outcome and reasons."""
    policies = []
    for place, text in enumerate(HOSTILE):
        run = RecentRun(text, NOON - place * MINUTE, None, text, 0.01, (text, f"{text}2"))
        policies.append(policy(text, [run] * (len(HOSTILE) - place)))
    snapshot = of(policies)
    return replace(snapshot, banners=tuple(Banner("root_shrunk", text, text) for text in (*HOSTILE[:5], "lone \ud800")))


if __name__ == "__main__":
    raise SystemExit(run_console(lambda: PlainSource(hostile()), root_label="".join(HOSTILE[:8]), theme=sys.argv[1]))
