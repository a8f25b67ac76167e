"""The innocence queue: pending patches, what to build next and why (rules 3)."""
