"""Runs -> numbers: exact statistics in polars."""
