"""The pager: which program, how it is called, what is said when it fails."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import pytest

from gateconsole.tui.terminal.pager import PagerError, pager_command, show_page


def script(folder: Path, name: str, text: str = "cat > /dev/null") -> Path:
    """A program that can be run."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_setting_goes_before_the_variable() -> None:
    assert pager_command("most -x", {"PAGER": "more"}) == ["most", "-x"]
    assert pager_command(None, {"PAGER": "more -s 'a b'"}) == ["more", "-s", "a b"]


def test_less_stays_until_it_is_left() -> None:
    assert pager_command("/usr/bin/less -R", {}) == ["/usr/bin/less", "-R", "-+F"]


def test_without_a_word_less_is_taken_and_more_where_it_is_not_there(tmp_path: Path) -> None:
    script(tmp_path, "more")
    assert pager_command(None, {"PATH": str(tmp_path)}) == ["more"]
    script(tmp_path, "less")
    assert pager_command(None, {"PATH": str(tmp_path)}) == ["less", "-+F"]


@pytest.mark.parametrize(
    ("setting", "environ", "words"),
    [
        (None, {"PATH": "/nowhere"}, "no pager: neither less nor more is installed: name one"),
        ("less 'x", {}, "the setting pager: .*No closing quotation: mend it"),
        (None, {"PAGER": "'"}, "PAGER: .*: mend it"),
        (None, {"PAGER": "  "}, "PAGER is blank: name a program"),
    ],
)
def test_what_is_no_command_says_what_helps(setting: str | None, environ: dict[str, str], words: str) -> None:
    with pytest.raises(PagerError, match=words):
        pager_command(setting, environ)


async def test_the_page_reaches_the_pager_and_no_shell_reads_the_command(tmp_path: Path) -> None:
    target = tmp_path / "seen"
    pager = script(tmp_path, "pager", f'echo "$1" > {target}; cat >> {target}')
    await show_page([str(pager), "$(touch x);`id`"], "a page\n$HOME\n")
    assert target.read_text() == "$(touch x);`id`\na page\n$HOME\n"


async def test_a_pager_left_before_it_has_read_all_is_no_failure(tmp_path: Path) -> None:
    await show_page([str(script(tmp_path, "pager", "exit 0"))], "x" * 1_000_000)


async def test_a_pager_that_is_not_there_is_said() -> None:
    with pytest.raises(PagerError, match="nonesuch: No such file or directory: mend the setting pager or PAGER"):
        await show_page(["nonesuch"], "x")


async def test_a_pager_that_fails_is_said(tmp_path: Path) -> None:
    with pytest.raises(PagerError, match="ended with status 3: mend"):
        await show_page([str(script(tmp_path, "pager", "exit 3"))], "x")


async def test_an_interrupt_is_the_pagers_alone(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    pager = script(tmp_path, "pager", f"kill -INT {os.getpid()}; cat > /dev/null")
    await show_page([str(pager)], "x")
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(("options", "calls"), [([], ["-+F", ""]), (["-FRX"], ["-FRX -+F", "-FRX", ""])])
async def test_a_less_that_does_not_know_its_options_is_run_without(
    tmp_path: Path, options: list[str], calls: list[str]
) -> None:
    log, page = tmp_path / "calls", tmp_path / "page"
    known = f'echo "$*" >> {log}; case "$1" in -*) echo "less: unrecognized option" >&2; exit 1; esac; cat > {page}'
    await show_page([str(script(tmp_path, "less", known)), *options, "-+F"], "a page\n")
    assert log.read_text().split("\n")[:-1] == calls
    assert page.read_text() == "a page\n"
