"""The whitelist's form: an entry to be made, changed or retired, and what would come of it, over any screen.

It has the keys while it is open. What was typed survives a save that fails, also behind another screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from textual.events import Key, Paste, Resize

from gateconsole.ledger.actor import RefusedError
from gateconsole.snapshot import EMPTY, Snapshot
from gateconsole.tui.shell.candidates import EntrySaved
from gateconsole.tui.shell.operator import Operator
from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.whitelist.form_fields import Fields, fields_of
from gateconsole.tui.whitelist.form_layout import FormView, form_keys, form_lines
from gateconsole.tui.whitelist.form_model import FieldError, FormModel, change_of, field_error, previewed_change
from gateconsole.tui.whitelist.preview_worker import PreviewReply, PreviewWorker
from gateconsole.tui.whitelist.save import FileNotes, Outcome, WhitelistRequest, file_notes, perform
from gateconsole.tui.widgets.latest_worker import LatestWorker
from gateconsole.tui.widgets.modal import KeyHint, Modal
from gateconsole.whitelist.merge import EntryChange, EntryConflict
from gateconsole.whitelist.operator_acts import WhitelistFile

_SLOW: Final = 1.0
"""Seconds after which a save that is not done yet says what it waits for."""

_LEAVE: Final = frozenset({"escape", "ctrl+c"})
_AROUND: Final = 3
"""Lines of the frame that the form never covers."""

Mode = Literal["asking", "saving", "conflict"]


class WhitelistForm(Modal):
    """`enter` saves, `esc` keeps nothing; a conflict shows both sides and asks which holds."""

    def __init__(self, paint: Painter) -> None:
        super().__init__(paint, self._draw_form, id="whitelist-form")
        self.styles.layer = "over"
        self.styles.dock = "bottom"
        self.stand_above(1)
        self.display = False
        self._fields: Fields | None = None
        self._hand: Operator | None = None
        self._place: WhitelistFile | None = None
        self._snapshot: Snapshot = EMPTY
        self._mode: Mode = "asking"
        self._wrong: FieldError | None = None
        self._problem = ""
        self._slow = False
        self._conflict: EntryConflict | None = None
        self._answer: PreviewReply | None = None
        self._asked = False
        self._unsent: FormModel | None = None
        self._file = FileNotes()
        self._tallest = 0
        self.outlook = PreviewWorker(self._previewed)
        self.saving: LatestWorker[WhitelistRequest, Outcome] = LatestWorker(perform, self._saved)
        self.looking: LatestWorker[WhitelistFile, FileNotes] = LatestWorker(file_notes, self._looked)

    # open and closed

    def open(self, draft: FormModel, hand: Operator, place: WhitelistFile, snapshot: Snapshot) -> None:
        """Ask this; take the keyboard. One that could not be saved comes back as it was typed."""
        if self.saving.busy:
            self.post_message(EntrySaved("one act is being saved: try again when it is said what came of it", "notice"))
            return
        last = self._unsent
        again = last is not None and last.key == draft.key
        self._fields = fields_of(last if last is not None and again else draft)
        self._hand, self._place = hand, place
        self._answer = None
        self.outlook.ask(None)
        self._tallest = 0
        self.looking.ask(place)
        self._turn("asking")
        self._come(snapshot)

    def _come(self, snapshot: Snapshot) -> None:
        self.take_keys()
        self.show_snapshot(snapshot)
        self._preview()
        self._redraw()

    def stand_above(self, lines: int) -> None:
        """Keep the footer free: so many lines."""
        self.styles.margin = (0, 0, lines, 0)

    def key_words(self) -> Sequence[KeyHint]:
        """What it can be told now."""
        return [] if self._fields is None else form_keys(self._look(self._fields))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Preview on this Snapshot from now on."""
        self._snapshot = snapshot
        self.outlook.see(snapshot)

    def _turn(self, mode: Mode, problem: str = "", conflict: EntryConflict | None = None) -> None:
        self._mode, self._problem, self._conflict = mode, problem, conflict
        self._wrong, self._slow = None, False
        if mode == "conflict":
            self._tallest = 0

    # preview

    def _preview(self) -> None:
        """Ask what would come of what is filled in; what was known before stands until the answer is there."""
        change = previewed_change(self._fields.draft) if self._fields is not None else None
        self._asked = change is not None
        self.outlook.ask(None if change is None else _bare(change))
        if change is None:
            self._answer = None

    def _previewed(self, _: EntryChange, answer: PreviewReply) -> None:
        if self.is_attached and self._asked:
            self._answer = answer
            self._redraw()

    def _looked(self, place: WhitelistFile, found: FileNotes) -> None:
        if self.is_attached and place == self._place:
            self._file = found
            self._redraw()

    # keys

    def on_key(self, event: Key) -> None:
        """Every key belongs to the form while it is open."""
        event.stop()
        event.prevent_default()
        if self._fields is None:
            return
        if self._mode == "conflict":
            self._decide(event.key)
        elif event.key in _LEAVE:
            self._leave()
        elif self._mode == "asking":
            if event.key == "enter":
                self._save(self._fields.draft)
            else:
                self._become(self._fields.key(event.key, event.character))
        self._redraw()

    def on_paste(self, event: Paste) -> None:
        """Pasted text is typed text."""
        event.stop()
        if self._fields is not None and self._mode == "asking":
            self._become(self._fields.pasted(event.text))
            self._redraw()

    def _become(self, fields: Fields) -> None:
        if fields is not self._fields:
            self._fields, self._wrong, self._problem = fields, None, ""
            self._preview()

    def _leave(self) -> None:
        """Keep nothing; a save that is under way goes on and is said in the last line."""
        if self._mode == "asking":
            self._unsent = None
        self.close()

    def _decide(self, key: str) -> None:
        """A conflict: what is wanted all the same, what is there now, or back to the form."""
        conflict = self._conflict
        if conflict is None or self._fields is None:
            return
        if key == "m":
            self._send(self._fields.draft, conflict.mine)
        elif key == "t":
            self._unsent = None
            self.close()
            self.post_message(EntrySaved("nothing changed: what is there now stays", "text"))
        elif key in _LEAVE:
            self._turn("asking")

    # the save

    def _save(self, draft: FormModel) -> None:
        if self._hand is None:
            return
        when = self._hand.when()
        self._wrong = field_error(draft, when)
        if self._wrong is not None and self._fields is not None:
            self._fields = self._fields.to(self._wrong.field)
            return
        try:
            change = change_of(draft, when)
        except RefusedError as problem:
            self._problem = str(problem)
            return
        self._send(draft, change)

    def _send(self, draft: FormModel, change: EntryChange) -> None:
        if self._hand is None or self._place is None:
            return
        self._turn("saving")
        self._unsent = draft
        errand = WhitelistRequest(self._hand, self._place, draft, change)
        self.saving.ask(errand)
        self.set_timer(_SLOW, self._say_waiting)

    def _say_waiting(self) -> None:
        """A save that takes long waits for others."""
        if self.saving.busy:
            self._slow = True
            self._redraw()

    def _saved(self, errand: WhitelistRequest, outcome: Outcome) -> None:
        """It is on disk, or nothing was changed; either way it is said."""
        if not self.is_attached:
            return
        if outcome.on_disk:
            self._unsent = None
            self.close()
            self.post_message(EntrySaved(outcome.text, "good", outcome.step))
            return
        self._turn("asking" if outcome.conflict is None else "conflict", outcome.text, outcome.conflict)
        if not self.display:
            self.post_message(EntrySaved(f"not saved: {outcome.text}", "bad"))
            self._turn("asking")
        self._redraw()

    # drawing

    def on_resize(self, event: Resize) -> None:
        """Another width may want other lines."""
        self.fit()

    def fit(self) -> None:
        """Another size may want other lines, and allow more or fewer of them."""
        self._tallest = 0
        self._redraw()

    def _redraw(self) -> None:
        """Draw, as high as the lines are: while it is open the form only grows."""
        if not self.display or self._fields is None:
            return
        screen = self.screen.size
        wanted = min(len(self._lines_at(screen.width)), self._most(screen.height))
        self._tallest = max(self._tallest, wanted)
        self.styles.height = self._tallest
        self.show()

    def _most(self, height: int) -> int:
        """Lines the form may take at most: three fifths of the screen, more of a small one."""
        return max(min(height - _AROUND, 15), height * 3 // 5)

    def _lines_at(self, width: int) -> list[Parts]:
        if self._fields is None:
            return []
        return form_lines(self._paint, self._look(self._fields), width, self._most(self.screen.size.height))

    def _look(self, fields: Fields) -> FormView:
        return FormView(
            fields=fields,
            mode=self._mode,
            wrong=self._wrong,
            problem=self._problem,
            slow=self._slow,
            conflict=self._conflict,
            answer=self._answer,
            asked=self._asked,
            notes=self._file.notes,
            now=self._snapshot.taken_at,
        )

    def _draw_form(self, width: int, height: int) -> list[Parts]:
        lines = self._lines_at(width)
        if not lines or width < 20:
            return []
        body, blank = lines[:-1], self._framed((), width)
        body = [*body[: height - 1], *([blank] * (height - 1 - len(body)))]
        return [*body, lines[-1]]

    def _framed(self, line: Parts, width: int) -> Parts:
        return (("│ ", "rule"), *self._paint.cell(line, width - 4), (" │", "rule"))


def _bare(change: EntryChange) -> EntryChange:
    """The change with only what a preview depends on: typing a justification asks nothing anew."""
    seen, wanted = change
    return EntryChange(seen, wanted if wanted is None else wanted._replace(justification=""))
