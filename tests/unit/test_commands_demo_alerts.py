"""The demo's alerts are nobody's: the user's hook is not run for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateconsole.cli import demo, watch
from gateconsole.cli.base import Context


def test_a_demo_runs_no_hook_of_the_users_and_keeps_their_theme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('on_alert = "page-me"\ntheme = "gate-light"\n')
    seen: list[Context] = []

    def open_console(context: Context, _: str) -> int:
        seen.append(context)
        return 0

    monkeypatch.setattr(watch, "open_console", open_console)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert demo.run(demo.parser().parse_args(["--still", "--settings", str(settings)])) == 0
    assert seen[0].settings.values["on_alert"].value is None
    assert seen[0].settings.text("theme") == "gate-light"
