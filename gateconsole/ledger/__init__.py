"""The ledger: a durable, append-only log of what operators and builders did (architecture 3)."""
