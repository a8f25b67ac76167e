"""Actions and keys: the registry, key names, hints, editing of a line of text."""
