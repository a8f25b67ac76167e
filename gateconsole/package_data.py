"""Where the package's own data lies: themes and samples, in a wheel as in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


class DataMissingError(Exception):
    """A folder of the package's own data is not where it must be; the text says what to do."""


def data_path(name: str) -> Path:
    """The folder `themes` or `sample_artifacts`: `gateconsole/_data/NAME` of a wheel, else NAME of the checkout.

    Raises DataMissingError when neither is there.
    """
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise DataMissingError(f"the package's folder {name!r} is missing: install gateconsole again")
