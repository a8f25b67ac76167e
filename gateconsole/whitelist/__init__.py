"""unknown_whitelist.json: read it, match against it."""
