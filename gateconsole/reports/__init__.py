"""Texts for people: the Markdown report of the rollup, the PR comment, judgement as text."""
