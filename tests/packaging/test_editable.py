"""An editable install, as the README's test command makes it: it works from anywhere and uses the checkout's data."""

from __future__ import annotations

import json
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

import gateconsole
from gateconsole.package_data import data_path
from tests.packaging.running import ROOT, run
from tests.tools.make_samples import TARGET as SAMPLES

BIN = Path(sysconfig.get_path("scripts"))


def test_this_environment_holds_an_editable_install() -> None:
    origin = json.loads(distribution("gateconsole").read_text("direct_url.json") or "{}")
    assert origin["dir_info"]["editable"], "install the checkout with: pip install -e '.[dev]'"


def test_the_data_of_a_checkout_is_the_checkouts_own() -> None:
    assert data_path("sample_artifacts") == ROOT / "sample_artifacts"
    assert data_path("themes") == ROOT / "themes"


def test_an_editable_install_says_its_version_from_anywhere(tmp_path: Path) -> None:
    assert gateconsole.__version__ in run(BIN / "gateconsole", "--version", cwd=tmp_path)


def test_both_commands_of_an_editable_install_roll_up_the_samples(tmp_path: Path) -> None:
    run(BIN / "gateconsole", "rollup", SAMPLES, "-o", tmp_path / "one", cwd=tmp_path)
    run(BIN / "rollup_rollout.py", "-o", tmp_path / "two", cwd=tmp_path, CI_ARTIFACT_PATH=str(SAMPLES))
    for name in ("rollout_series.csv", "rollout_series_v1.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() != b""
