"""--log FILE: what happens, appended line by line, each line printable."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from gateconsole.text import printable


class _Printable(logging.Formatter):
    """Times in UTC; text of artifacts cannot act on the terminal that shows the log."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """The record as lines, a traceback's included."""
        return "\n".join(printable(line) for line in super().format(record).split("\n"))


def log_to(path: Path) -> None:
    """Append the package's records to this file. Raises OSError when it cannot be opened; a pipe is not waited for."""
    os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY, 0o666))
    handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(_Printable("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"))
    log = logging.getLogger("gateconsole")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
