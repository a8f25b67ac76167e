"""The screen Alerts."""
