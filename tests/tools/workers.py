"""Which tests share a worker of `pytest -n`: those that start programs as users do, whatever order they come in.

They wait for screens, two at a time would wait for each other, and what they stand on (a wheel, a console walked from
end to end) is dear. The mark `xdist_group` cannot say so: xdist 3.8 writes it behind a test's id, which pytest 9.2 no
longer lets it change. So the scheduler takes the group from the path.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from xdist.scheduler import LoadGroupScheduling

TOGETHER: Final = ("tests/packaging/", "tests/pty/")
"""Folders whose tests are one group."""


def group_of(nodeid: str) -> str:
    """The group of a test; most tests are their own."""
    return "programs" if nodeid.startswith(TOGETHER) else nodeid


class ByFolder(LoadGroupScheduling):  # type: ignore[misc]
    """Hands tests out one by one, those of TOGETHER as a whole, and the largest group first."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFolder | None:
    """The scheduler of `--dist loadgroup`."""
    return ByFolder(config, log) if config.getoption("dist") == "loadgroup" else None
