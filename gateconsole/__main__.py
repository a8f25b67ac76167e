"""`gateconsole [COMMAND] ...`: find the command, run it, turn what went wrong into a message and an exit code.

Neither polars nor textual is imported here: `--help` and `--version` answer at once. Nor is anything else of ours, or
what takes its time, before `main` runs: from its first line on, ctrl+c ends the process as other signals do. While
Python itself starts, before it comes to this file, ctrl+c is a traceback of Python's.
"""

from __future__ import annotations

import errno
import os
import signal
import sys

TYPE_CHECKING = False  # typing itself would be imported for typing.TYPE_CHECKING
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

INTERRUPTED: Final = 130
INTERNAL: Final = 70
"""A defect of this program (sysexits' EX_SOFTWARE), so that no script takes it for a finding."""

_READER_LEFT: Final = 141
"""Ended as SIGPIPE ends a program: what of a verdict nobody has read to its end must not pass for a good one."""

_JUDGES: Final = frozenset({"validate"})
_JUDGING_ACTS: Final = frozenset({"lint", "audit"})
"""What has a verdict as its exit code. Of anything else it is no fault that its reader left: 0."""

_NO_OUTPUT: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""What the system says, without a file name, when stdout takes no more."""


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code of this command line (default: the process's own)."""
    if argv is None:
        end_when_interrupted()
    from gateconsole.cli import COMMANDS

    arguments = list(sys.argv[1:] if argv is None else argv)
    _replace_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if arguments[:1] == ["--version"]:
        return _with_exit_code(_print_version, judges=lambda: False)
    named = arguments[:1] and arguments[0] in COMMANDS
    return run_command(arguments[0] if named else "watch", arguments[1:] if named else arguments)


def end_when_interrupted() -> None:
    """Let SIGINT end the process at once, as SIGTERM does; one that is ignored stays so.

    Python's KeyboardInterrupt would come in the midst of an import. What must be undone is undone by `unwinding`.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end_now)


def _end_now(number: int, _: object) -> None:
    """Not SIG_DFL from the start: polars hears SIGINT too, and passes it on to a handler, but not to the default."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # the first process of a container is not ended by a default


def run_command(name: str, arguments: Sequence[str]) -> int:
    """Run one command; whatever goes wrong becomes a message on stderr and an exit code."""
    import importlib

    module = importlib.import_module(f"gateconsole.cli.{name}")
    if getattr(module, "LOGS", True):
        import logging

        logging.getLogger("gateconsole").addHandler(logging.NullHandler())
    judges = name in _JUDGES

    def run() -> int:
        nonlocal judges
        parser = module.parser()
        parse = parser.parse_intermixed_args if parser.intermixed else parser.parse_args
        parsed = parse(arguments)
        judges = judges or bool(getattr(parsed, "fail_on", None)) or getattr(parsed, "act", None) in _JUDGING_ACTS
        code: int = module.run(parsed)
        return code

    return _with_exit_code(run, judges=lambda: judges)


def _print_version() -> int:
    from gateconsole import __version__

    print(f"gateconsole {__version__}")
    return 0


def _with_exit_code(act: Callable[[], int], judges: Callable[[], bool]) -> int:
    """Do something that writes; whatever goes wrong becomes a message on stderr and an exit code.

    `judges`: whether the exit code is a verdict.
    """
    from gateconsole.cli.base import UNUSABLE, CommandError, print_message

    try:
        code = act()
        sys.stdout.flush()
    except CommandError as failure:
        print_message(str(failure))
        return failure.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        number = _system_error(error)
        if number == errno.EPIPE:
            _forget_stdout()
            return _READER_LEFT if judges() else 0
        if number in _NO_OUTPUT:
            print_message(f"stdout cannot be written ({os.strerror(number)}): make room, or send it elsewhere")
            _forget_stdout()
            return UNUSABLE
        _log_failure()
        print_message(
            f"internal error, please report it: {type(error).__name__}: {error} (--log FILE keeps the traceback)"
        )
        return INTERNAL
    return code


def _system_error(error: Exception) -> int:
    """The number of the system's error that says of no file that it failed; 0 if it is none."""
    if not isinstance(error, OSError) or error.filename is not None:
        return 0
    import re

    of_rust = re.search(r"\(os error (\d+)\)$", str(error)) if error.errno is None else None  # as polars has it
    return int(of_rust[1]) if of_rust is not None else error.errno or 0


def _log_failure() -> None:
    """The exception being handled, with its traceback, into the log if there is one."""
    import logging

    log = logging.getLogger("gateconsole")
    log.addHandler(logging.NullHandler())
    log.exception("internal error")


def _replace_closed_streams() -> None:
    """A stream that was closed before we began (`>&-`) is None in Python: let what is said there go nowhere.

    Its number is taken, or the next file that is opened would get what is written to it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the least number that is free
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # as long as the process


def _forget_stdout() -> None:
    """Nobody takes what is still to be written: let Python's last flush go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
