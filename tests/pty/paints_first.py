"""A console whose source says, when it is made, what was loaded by then. Started by test_life.

The source then loads polars, as the engine does.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from gateconsole.snapshot import EMPTY, Banner
from gateconsole.tui.app import run_console
from tests.screens.plain_source import PlainSource


def make() -> PlainSource:
    """The loaded modules as a banner."""
    loaded = "polars loaded early" if "polars" in sys.modules else "polars not loaded yet"
    return PlainSource(replace(EMPTY, phase="live", banners=(Banner("root_missing", loaded, "-"),)))


if __name__ == "__main__":
    assert "polars" not in sys.modules
    raise SystemExit(run_console(make, root_label="ci-artifacts"))
