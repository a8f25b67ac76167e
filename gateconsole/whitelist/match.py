"""Reasons + stratum -> listed or not (rules G16-G18). Pure: no file, no clock, no pattern matching."""

from __future__ import annotations
