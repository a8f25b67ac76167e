"""The golden fixture as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden import fixture


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root that holds the golden fixture."""
    root = tmp_path_factory.mktemp("golden")
    fixture.write_tree(root)
    return root
