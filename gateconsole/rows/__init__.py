"""(Snapshot, query, sort) -> the rows of a screen or an export: which, in what order, windows of them.

Only `sorts` may be imported before polars is loaded; `gateconsole.view` is the way in for screens.
"""
