"""The demo: a private copy of the samples in which runs, builders and operators are active."""
