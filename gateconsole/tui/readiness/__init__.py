"""The screen Readiness."""
