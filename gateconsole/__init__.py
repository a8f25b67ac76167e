"""gateconsole: the console for a CI gate."""

__version__ = "0.1.0"
