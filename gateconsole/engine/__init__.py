"""From a root to Snapshots: reading, settling, following ledger and whitelist, in one thread."""
