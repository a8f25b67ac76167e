"""The seed's script: `CI_ARTIFACT_PATH=DIR rollup_rollout.py [-o DIR]`, the command rollup under its first name."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gateconsole.__main__ import end_when_interrupted
from gateconsole.__main__ import main as gateconsole


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code of `gateconsole rollup` with these arguments."""
    if argv is None:
        end_when_interrupted()
    return gateconsole(["rollup", *(sys.argv[1:] if argv is None else argv)])


if __name__ == "__main__":
    sys.exit(main())
