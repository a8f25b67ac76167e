"""What reaches the terminal of a hostile queue, from its screen and from its commands: every byte is counted."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.pty.hostile import HOSTILE
from tests.pty.hostile_queue import MARKUP, hostile_ledger
from tests.pty.outside import CLIP, waiting_pager
from tests.pty.terminal import ESCAPE, Terminal
from tests.pty.walk import FORBIDDEN, OWN, Walk, controls, walked_out
from tests.tools.queue_in_memory import TC

FORM = "esc keep nothing"
"""Stands below every form that is open."""


class Walker:
    """Types into a console and keeps every screen."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.seen: set[str] = set()

    def press(self, *keys: str) -> None:
        """Each key with the time it needs; an escape once what it leaves is there, and until that is gone."""
        for key in keys:
            if key == ESCAPE:
                self.terminal.settle(0.12)
            self.terminal.press(key)
            self.terminal.read(0.015)
            if key == ESCAPE:
                self.terminal.until(lambda text: FORM not in text)
            self.seen.add(self.terminal.text)

    def leave(self) -> None:
        """No form is open any more, not even one that opened late."""
        while FORM in self.terminal.settle():
            self.press(ESCAPE)


@pytest.fixture(scope="module", params=[(80, 24), (120, 36)], ids=["80x24", "120x36"])
def walked(request: pytest.FixtureRequest) -> Walk:
    """Both testcases walked row by row with why and timeline, every act asked, typed into, refused and done."""
    columns, lines = request.param
    with Terminal("-m", "tests.pty.hostile_queue", "gate-dark", columns=columns, lines=lines) as terminal:
        terminal.until_shown("Policies")
        terminal.press("3")
        terminal.until_shown(TC)
        walker = Walker(terminal)
        for acts in ("dA", "drbmLxhlRz"):  # the acts of the second testcase name patches, runs and builders
            walker.press("g", "\r", *"jjjjjj", ESCAPE)
            for topic in "ti":
                walker.press("g", topic)
                for _ in range(len(MARKUP)):
                    terminal.press("j")
                    terminal.read(0.08)
                    walker.seen.add(terminal.text)
                walker.press("g", ESCAPE)
            for act in acts:
                walker.press("g", "j", act, "\x1b[B", f"\x1b[200~{HOSTILE[2]}{HOSTILE[4]}{HOSTILE[6]}\x1b[201~", ESCAPE)
            walker.leave()
            terminal.press("\t")
            walker.seen.add(terminal.until_shown("2/2" if acts == "dA" else "1/2"))
        walker.leave()
        terminal.press("\t")
        terminal.until_shown("2/2")
        walker.press("G", "x", *"why", "\r")  # no patch of the ledger: refused
        walker.seen.add(terminal.until_shown("expected 1 to 200"))
        walker.press(ESCAPE, "r", "\x15", *MARKUP[1], "\r", "\r")  # a run that is none
        walker.seen.add(terminal.until_shown("no run '"))
        walker.press(ESCAPE, "\t")
        terminal.until_shown("1/2")
        walker.press("g", "l", "\r")
        walker.seen.add(terminal.until_shown("has landed"))
        walker.press("?", "\x03", ":", "\x03")
        return walked_out(terminal, walker.seen)


def test_no_byte_of_the_queue_controls_the_terminal(walked: Walk) -> None:
    assert controls(walked.raw) == ""


def test_neither_clipboard_nor_link_nor_title_is_written(walked: Walk) -> None:
    for sequence in (b"\x1b]52", b"\x9d52", b"\x1b]8", b"\x1b]0"):
        assert sequence not in walked.raw


def test_patches_builders_and_reasons_stand_on_the_screen_as_they_are_written(walked: Walk) -> None:
    for words in ("\\x1b[31mred", "\\x9b31mc1", "\\x90dcs", "bidi\\u202e", "line\\x0afeed", "timeline of [/]"):
        assert words in walked.shown, words


def test_markup_is_text(walked: Walk) -> None:
    for words in MARKUP[:4]:
        assert words in walked.shown, words


def test_what_is_refused_is_said_in_printable_words(walked: Walk) -> None:
    assert "patch 'tag\\U000e0041\\U000e007f priv\\ue000': expected" in walked.shown
    assert "no run '[@click=app.quit]x[/]'" in walked.shown


def test_page_and_copies_of_hostile_patches_are_printable(tmp_path: Path) -> None:
    pager = waiting_pager(tmp_path)
    with Terminal("-m", "tests.pty.hostile_queue", "gate-dark", PAGER=pager, TMUX="", STY="") as terminal:
        terminal.until_shown("Policies")
        terminal.press("3")
        terminal.until_shown(TC)
        terminal.press("\t")
        terminal.until_shown("2/2")
        for key in "yyY":
            terminal.press(f"{key}j")
            terminal.settle(0.1)
        before = len(terminal.raw)
        terminal.press("P")
        while b"END OF PAGE" not in terminal.raw[-100:]:
            terminal.read_some()
        page = terminal.raw[before:]
    copied = [base64.b64decode(each).decode() for each in CLIP.findall(terminal.raw)]
    assert len(copied) == 3
    assert json.loads(copied[2])["testcase"] == HOSTILE[0] + HOSTILE[5]
    texts = [*(each.replace("\t", "") for each in copied), OWN.sub(b"", page).decode().replace("\r\n", "")]
    for text in texts:
        assert FORBIDDEN.search(text) is None, ascii(text[:200])


def test_what_is_typed_ahead_goes_into_the_form_that_opens() -> None:
    with Terminal("-m", "tests.pty.hostile_queue", "gate-dark") as terminal:
        terminal.until_shown("Policies")
        terminal.press("3")
        terminal.until_shown(TC)
        terminal.press("r\x15abc")
        terminal.until_shown("run       abc▌")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root whose ledger and artifacts are hostile."""
    root = tmp_path_factory.mktemp("root")
    ledger = hostile_ledger(root / ".gateconsole" / "ledger.db")
    assert ledger.exists()
    for number, text in enumerate(HOSTILE[:8]):
        folder = root / f"{number}{text.replace('/', '_').replace(chr(0), '_')[:60]}"
        folder.mkdir()
        said = {"policy_hash": text, "outcome": text, "unknown_rate": 0, "top_reasons": [text]}
        said |= {"queue_run": text, "testcase": text, "patches": [text]}
        (folder / "gate_result.json").write_text(json.dumps(said))
    (root / "saved").write_text("\n".join(HOSTILE[:4]))
    return root


@pytest.mark.parametrize(
    ("words", "code", "shown"),
    [
        (("status",), 0, "\\x9b31mc1"),
        (("status", "--json"), 0, "\\u009b31mc1"),
        (("log",), 0, "\\u202e"),
        (("sync",), 0, "foreign_run"),
        (("sync", "--json"), 0, "foreign_run"),
        (("next", TC, "--builder", "tb1"), 0, "optimistic"),
        (("next", TC, "--dry-run", "--json"), 0, "optimistic"),
        (("report", "\x1b]52;c;AA\x07-1", "pass"), 2, "\\x1b]52"),
        (("submit", "\x9b31m\u202e"), 2, "\\x9b31m\\u202e"),
        (("next", "\x1b[31m", "--builder", "x"), 2, "\\x1b[31m"),
        (("next", TC, "--builder", "\x1b[31m"), 2, "\\x1b[31m"),
        (("\x1b[31m",), 2, "invalid choice"),
        (("import", "saved"), 2, "line 1"),
        (("import", "\x1b[2Jnone"), 2, "\\x1b[2Jnone"),
        (("audit", "--ledger", "\x1b[2J/none"), 0, "0 events"),
        (("adopt", TC, "--p", "\x1b[2J"), 2, "\\x1b[2J"),
        (("configure", "\u202e", "--p", "0.9"), 2, "\\u202e"),
    ],
    ids=lambda value: ascii(" ".join(value)) if isinstance(value, tuple) else "",
)
def test_a_command_writes_only_what_is_printable(root: Path, words: tuple[str, ...], code: int, shown: str) -> None:
    words = tuple(str(root / word) if word == "saved" else word for word in words)
    with Terminal("-m", "gateconsole", "queue", *words, "--root", str(root), columns=1000) as terminal:
        assert terminal.ended() == code
        terminal.settle(0.05)
    text = terminal.raw.decode()
    found = FORBIDDEN.search(text.replace("\r\n", ""))
    assert found is None, ascii(text[max(found.start() - 40, 0) : found.end() + 40])
    assert shown in text
