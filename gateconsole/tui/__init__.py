"""The screen: Snapshot -> terminal, keys -> acts; computes nothing."""

from __future__ import annotations

import os

# Textual reads its variables once, when it is imported: nothing may move by itself over a slow line.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ["TEXTUAL_SMOOTH_SCROLL"] = "0"

# A key is answered with the next frame: at 60 a second that alone takes up to 33 ms. Without a change there is none.
os.environ["TEXTUAL_FPS"] = "200"
