"""Bytes on disk -> runs: decode, scan, watch."""
