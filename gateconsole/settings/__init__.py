"""The settings: declared once, read from options, environment and files."""
