"""The screen: Snapshot -> terminal, keys -> acts; computes nothing."""

from __future__ import annotations

import os

# Textual reads its variables once, when it is imported: nothing may move by itself over a slow line.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ["TEXTUAL_SMOOTH_SCROLL"] = "0"
