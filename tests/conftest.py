"""What every test stands on: an environment without the machine's own settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.tools.make_samples import TARGET, write
from tests.tools.workers import pytest_xdist_make_scheduler

__all__ = ["pytest_xdist_make_scheduler"]

settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No variable, settings file or theme of this machine reaches a test or a program it starts."""
    for name in list(os.environ):
        if name.startswith(("GATECONSOLE_", "TEXTUAL_", "XDG_")) or name in {"CI_ARTIFACT_PATH", "NO_COLOR"}:
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """A private copy of sample_artifacts."""
    copy = tmp_path / "samples"
    write(copy)
    return copy


@pytest.fixture
def committed_samples() -> Path:
    """sample_artifacts of the checkout, only to be read."""
    return TARGET
