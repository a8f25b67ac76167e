"""The way from any screen to the whitelist's form: what is under the cursor, which class of it, the form, the undo.

Light: it is there before the first paint; the form and what it needs are loaded when it is first opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from gateconsole.snapshot import Snapshot

if TYPE_CHECKING:
    from gateconsole.tui.shell.frame_interface import FrameInterface
    from gateconsole.tui.whitelist.form import WhitelistForm
    from gateconsole.tui.whitelist.form_model import FormModel
from gateconsole.tui.shell.candidates import WhitelistCandidate, can_list


class EntryRequested(Message):
    """An entry is to be made, changed or retired: the form is to ask for it."""

    def __init__(self, draft: FormModel) -> None:
        super().__init__()
        self.draft = draft


class Whitelisting:
    """Opens the form over the current screen. Used on the screen's own thread."""

    def __init__(self, frame: FrameInterface) -> None:
        self._frame = frame
        self.form: WhitelistForm | None = None

    def choose(self) -> None:
        """Whitelist the unknown class under the cursor; ask which, when there are several."""
        from gateconsole.tui.whitelist.class_picker import ClassPicker

        screen = self._frame.current
        if screen is None or screen.hand is None:
            return
        found = can_list(screen.suspects())
        if len(found) == 1:
            self._list(found[0])
        elif found:
            self._frame.open_box(ClassPicker(found, self._frame.snapshot.whitelist, self._list))

    def _list(self, suspect: WhitelistCandidate) -> None:
        from gateconsole.tui.whitelist.form_model import listing_draft

        screen = self._frame.current
        if screen is not None and screen.hand is not None:
            self.open(listing_draft(suspect, self._frame.snapshot.whitelist, screen.hand.when()))

    def open(self, draft: FormModel) -> None:
        """Ask for an entry."""
        from gateconsole.tui.whitelist.form import WhitelistForm
        from gateconsole.tui.whitelist.save import whitelist_file_for

        frame = self._frame
        screen = frame.current
        place = whitelist_file_for(screen.root, screen.hand) if screen is not None else None
        if screen is None or screen.hand is None or place is None:
            return
        if self.form is None:
            self.form = WhitelistForm(frame.paint)
            frame.mount(self.form)
        self.form.repaint(frame.paint)
        self.form.open(draft, screen.hand, place, frame.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Another Snapshot has come: what the form previews may be another."""
        if self.form is not None and self.form.display:
            self.form.show_snapshot(snapshot)
