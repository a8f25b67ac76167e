"""What tests that type at a console stand on: Textual's pilot looks twice as often whether the console is at rest."""

from __future__ import annotations

import textual._wait

textual._wait.SLEEP_GRANULARITY = 0.01
