"""The screen Whitelist and its form."""
