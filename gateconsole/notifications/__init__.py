"""New alerts to toast, bell and hook, each once over all consoles of a ledger."""
