"""The peer: what a plain loop over watchfiles hears. Prints `SECONDS COUNT` a batch, COUNT artifacts heard of so far.

`python -m tests.bench.bare_watchfiles ROOT`, with watchfiles' own defaults.
"""

from __future__ import annotations

import sys
import time

import watchfiles


def main(root: str) -> None:
    """Listen until the pipe breaks or the process is ended."""
    heard: set[str] = set()
    print(f"{time.monotonic()} 0", flush=True)
    for changes in watchfiles.watch(root, rust_timeout=200, yield_on_timeout=True):
        before = len(heard)
        heard.update(path for _, path in changes if path.endswith("/gate_result.json"))
        if len(heard) > before:
            print(f"{time.monotonic()} {len(heard)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
