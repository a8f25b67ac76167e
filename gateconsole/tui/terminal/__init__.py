"""The terminal: driver, painter, paste, suspend, clipboard, pager."""
