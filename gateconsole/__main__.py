"""`gateconsole [COMMAND] ...`: find the command, run it, turn what went wrong into a message and an exit code.

Neither polars nor textual is imported here: `--help` and `--version` answer at once.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

from gateconsole import __version__
from gateconsole.commands import COMMANDS
from gateconsole.commands.common import UNUSABLE, Failure, tell

INTERRUPTED: Final = 130
INTERNAL: Final = 70
"""A defect of this program (sysexits' EX_SOFTWARE), so that no script takes it for a finding."""

_NO_OUTPUT: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""What the system says, without a file name, when stdout takes no more."""


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code of this command line (default: the process's own)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _replace_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if arguments[:1] == ["--version"]:
        print(f"gateconsole {__version__}")
        return 0
    named = arguments[:1] and arguments[0] in COMMANDS
    return run_command(arguments[0] if named else "watch", arguments[1:] if named else arguments)


def run_command(name: str, arguments: Sequence[str]) -> int:
    """Run one command; whatever goes wrong becomes a message on stderr and an exit code."""
    module = importlib.import_module(f"gateconsole.commands.{name}")
    if getattr(module, "LOGS", True):
        import logging

        logging.getLogger("gateconsole").addHandler(logging.NullHandler())
    try:
        parser = module.parser()
        parse = parser.parse_intermixed_args if parser.intermixed else parser.parse_args
        code: int = module.run(parse(arguments))
        sys.stdout.flush()
    except Failure as failure:
        tell(str(failure))
        return failure.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return 0
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None and error.errno in _NO_OUTPUT:
            tell(f"stdout cannot be written ({error.strerror}): make room, or send it elsewhere")
            _forget_stdout()
            return UNUSABLE
        _log_failure()
        tell(f"internal error, please report it: {type(error).__name__}: {error} (--log FILE keeps the traceback)")
        return INTERNAL
    return code


def _log_failure() -> None:
    """The exception being handled, with its traceback, into the log if there is one."""
    import logging

    log = logging.getLogger("gateconsole")
    log.addHandler(logging.NullHandler())
    log.exception("internal error")


def _replace_closed_streams() -> None:
    """A stream that was closed before we began (`>&-`) is None in Python: let what is said there go nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # as long as the process


def _forget_stdout() -> None:
    """Nobody takes what is still to be written: let Python's last flush go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
