"""A console whose engine hangs in a call to the system for ever, and a look of the screen too. Started by test_life.

When it does, the file HANGS appears.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gateconsole.__main__ import main
from gateconsole.tui.widgets import latest_worker

_open = os.open


def hang(path: Any, flags: int, *rest: Any, **more: Any) -> int:
    """Opening an artifact never returns, as on a network file system whose server is gone."""
    if isinstance(path, str) and path.endswith("gate_result.json"):
        latest_worker._THREADS.submit(threading.Event().wait)
        Path(os.environ["HANGS"]).touch()
        threading.Event().wait()
    return _open(path, flags, *rest, **more)


if __name__ == "__main__":
    with patch.object(os, "open", hang):
        sys.exit(main(["sample_artifacts", *sys.argv[1:]]))
