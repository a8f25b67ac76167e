"""A console with a defect: its source publishes what cannot be shown. Started by test_colours."""

from __future__ import annotations

import sys
from collections.abc import Callable
from unittest.mock import patch

from gateconsole.__main__ import main
from gateconsole.snapshot import Snapshot
from gateconsole.tui.frame.frame import Frame


def show(frame: Frame, snapshot: Snapshot) -> None:
    """Fail as soon as there is something to show."""
    if snapshot.policies:
        hostile = "\x1b]52;c;SGVsbG8=\x07 \x9b31m"
        raise ValueError(hostile)
    shown(frame, snapshot)


shown: Callable[[Frame, Snapshot], None] = Frame.show

if __name__ == "__main__":
    with patch.object(Frame, "show", show):
        sys.exit(main(["sample_artifacts", *sys.argv[1:]]))
