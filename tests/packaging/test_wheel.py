"""The wheel: what is in it, and that it works in an empty environment, away from the checkout."""

from __future__ import annotations

import email
import sys
import zipfile
from pathlib import Path

import pytest

import gateconsole
from tests.packaging.running import ROOT, run
from tests.tools.make_samples import files as sample_files


@pytest.fixture(scope="module")
def bundled(installed: Path) -> Path:
    """The samples inside the installed package."""
    script = "from gateconsole.package_data import data_path; print(data_path('sample_artifacts'))"
    return Path(run(installed / "python", "-c", script, cwd=installed).strip())


def test_the_wheel_holds_the_samples_and_the_themes_byte_for_byte(wheel: Path) -> None:
    expected = {f"gateconsole/_data/sample_artifacts/{path}": data for path, data in sample_files().items()}
    themes = {f"gateconsole/_data/themes/{path.name}": path.read_bytes() for path in (ROOT / "themes").glob("*.toml")}
    assert themes
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if name.startswith("gateconsole/_data/")}
    assert held == expected | themes


def test_the_wheel_holds_the_package_and_nothing_beside_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    source = {path.relative_to(ROOT).as_posix() for path in (ROOT / "gateconsole").rglob("*.py")}
    assert source <= names
    assert "gateconsole/py.typed" in names
    about = f"gateconsole-{gateconsole.__version__}.dist-info"
    assert {name.partition("/")[0] for name in names} == {"gateconsole", about}


def test_the_wheel_names_its_licence_and_its_commands(wheel: Path) -> None:
    about = f"gateconsole-{gateconsole.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = email.message_from_bytes(archive.read(f"{about}/METADATA"))
        commands = archive.read(f"{about}/entry_points.txt").decode()
        licence = archive.read(f"{about}/licenses/gateconsole/LICENSE").decode()
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert licence.startswith("MIT License")
    assert "gateconsole = gateconsole.__main__:main" in commands
    assert "rollup_rollout.py = gateconsole.rollup_rollout:main" in commands


def test_an_installed_wheel_says_its_version_from_anywhere(installed: Path, tmp_path: Path) -> None:
    assert gateconsole.__version__ in run(installed / "gateconsole", "--version", cwd=tmp_path)
    place = run(installed / "python", "-c", "import gateconsole; print(gateconsole.__file__)", cwd=tmp_path)
    assert Path(place).is_relative_to(installed.parent)


def test_both_commands_of_an_installed_wheel_roll_up_the_bundled_samples(
    installed: Path, bundled: Path, tmp_path: Path
) -> None:
    assert bundled.is_relative_to(installed.parent)
    run(installed / "gateconsole", "rollup", bundled, "-o", tmp_path / "one", cwd=tmp_path)
    run(installed / "rollup_rollout.py", "-o", tmp_path / "two", cwd=tmp_path, CI_ARTIFACT_PATH=str(bundled))
    for name in ("rollout_series.csv", "rollout_series_v1.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() != b""


def test_a_wheel_and_a_checkout_roll_up_to_the_same_bytes(installed: Path, bundled: Path, tmp_path: Path) -> None:
    run(installed / "gateconsole", "rollup", bundled, "-o", tmp_path / "wheel", cwd=tmp_path)
    checkout = ("-m", "gateconsole", "rollup", ROOT / "sample_artifacts")
    run(sys.executable, *checkout, "-o", tmp_path / "checkout", cwd=tmp_path, PYTHONPATH=str(ROOT))
    for name in ("rollout_series.csv", "rollout_series_v1.md"):
        assert (tmp_path / "wheel" / name).read_bytes() == (tmp_path / "checkout" / name).read_bytes()


def test_an_installed_wheel_finds_its_themes(installed: Path, tmp_path: Path) -> None:
    script = (
        "from gateconsole.package_data import data_path; print(*sorted(p.name for p in data_path('themes').iterdir()))"
    )
    found = run(installed / "python", "-c", script, cwd=tmp_path).split()
    assert found == sorted(path.name for path in (ROOT / "themes").glob("*.toml"))
