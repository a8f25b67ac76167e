"""Files read and written whole: regular files only, replaced atomically, on disk before it is reported."""
