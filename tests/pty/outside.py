"""Where text leaves the console in a terminal: the clipboard's sequence, and a pager that waits for its reader."""

from __future__ import annotations

import re
from pathlib import Path

CLIP = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/]+=*)\x07")
"""What is copied, in base64."""


def waiting_pager(folder: Path) -> str:
    """A pager that shows the page, END OF PAGE below it, and ends with the next line typed."""
    path = folder / "pager"
    path.write_text("#!/bin/sh\ncat\necho END OF PAGE\nread line < /dev/tty\n")
    path.chmod(0o755)
    return str(path)
