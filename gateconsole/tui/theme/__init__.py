"""Themes, painting of literal text, wrapping, ASCII marks."""
