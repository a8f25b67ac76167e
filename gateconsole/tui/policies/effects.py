"""Effects: the lines below a policy's classes; worked out away from the screen, the last known stand meanwhile."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple

from textual.message import Message

from gateconsole.snapshot import EMPTY, Policy, Snapshot
from gateconsole.tui.policies.effect_text import effect_lines
from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.widgets.latest_worker import LatestWorker
from gateconsole.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gateconsole.policy_review import PolicyReview

PACE: Final = 2.0
"""Seconds between two reviews while runs arrive: each looks at every run of its policy."""

_KEPT: Final = 64
"""Policies whose last review is kept, to be shown until the next one is there."""


class _Asked(NamedTuple):
    snapshot: Snapshot
    policy_hash: str


def _find(asked: _Asked) -> PolicyReview | None:
    """One policy reviewed; not on the screen's own thread."""
    from gateconsole.policy_review import review

    return review(asked.snapshot, asked.policy_hash)


class Effects(Pane):
    """What is known of one policy's effects."""

    class Came(Message):
        """There may be another number of lines now."""

    def __init__(self, paint: Painter) -> None:
        super().__init__(paint, self._lines_in, id="detail-effects")
        self.classes_told = 0
        self.reviewing: LatestWorker[_Asked, PolicyReview | None] = LatestWorker(_find, self._came, rest=PACE)
        self._snapshot = EMPTY
        self._policy: Policy | None = None
        self._basis: tuple[object, ...] = ()
        self._known: OrderedDict[str, PolicyReview] = OrderedDict()

    def of(self, snapshot: Snapshot, policy: Policy | None) -> None:
        """Show the effects of this policy; they are worked out anew where what they are made of has changed."""
        moved = policy is None or self._policy is None or policy.policy_hash != self._policy.policy_hash
        self._snapshot, self._policy = snapshot, policy
        if policy is not None and snapshot.runs is not None:
            linked = snapshot.spikes.get(policy.policy_hash)
            basis = (policy, linked, snapshot.whitelist, snapshot.yardstick)
            kept = len(self._basis) == len(basis) and all(a is b for a, b in zip(basis, self._basis, strict=True))
            if not kept:
                self._basis = basis
                self.reviewing.ask(_Asked(snapshot, policy.policy_hash), urgent=moved)
        self.show()

    def lines(self, width: int) -> list[Parts]:
        """The lines for a width: none where there are no runs to look at."""
        policy = self._policy
        if policy is None or self._snapshot.runs is None:
            return []
        judging = policy.policy_hash in self._snapshot.judging
        return effect_lines(self._paint, self._known.get(policy.policy_hash), judging, width, self.classes_told)

    def _lines_in(self, width: int, height: int) -> list[Parts]:
        return self.lines(width)

    def _came(self, asked: _Asked, found: PolicyReview | None) -> None:
        if found is None or not self.is_attached:
            return
        self._known[asked.policy_hash] = found
        self._known.move_to_end(asked.policy_hash)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        self.show()
        self.post_message(self.Came())
