"""The screen Policies."""
