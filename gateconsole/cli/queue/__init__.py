"""`gateconsole queue`: its command line, and one file for each group of its acts."""

from gateconsole.cli.queue.command import parser, run

__all__ = ["parser", "run"]
