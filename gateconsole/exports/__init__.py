"""Snapshot -> bytes: CSV, Markdown, JSON."""
