"""`gateconsole whitelist`: its command line, its acts and what it reports."""

from gateconsole.cli.whitelist.command import parser, run

__all__ = ["parser", "run"]
