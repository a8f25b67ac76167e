"""A policy's effects in words: risk difference, mean rates, spikes against FAIL (rules G19, G23). Pure.

What is found is an association; no word here says cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.theme.wrap import wrap_words
from gateconsole.view import MISSING, format_count, format_rate

if TYPE_CHECKING:
    from gateconsole.judgement.effects import Association, Risk
    from gateconsole.policy_review import PolicyReview
    from gateconsole.statistics.intervals import Limits

_NAMES: Final = ("risk difference", "mean rates", "spike and FAIL")
_NAME: Final = max(map(len, _NAMES)) + 2


def difference(value: float | None, limits: Limits | None) -> str:
    """`+0.0170 [+0.0021, +0.0315]`; `-` if there is none."""
    if value is None:
        return MISSING
    within = f" [{limits.lower:+.4f}, {limits.upper:+.4f}]" if limits is not None else ""
    return f"{value:+.4f}{within}"


def ratio(value: float | None, limits: Limits | None) -> str:
    """`1.50 [0.90, 2.50]`; `-` if there is none."""
    if value is None:
        return MISSING
    return f"{value:.2f} [{limits.lower:.2f}, {limits.upper:.2f}]" if limits is not None else f"{value:.2f}"


def effect_lines(paint: Painter, found: PolicyReview | None, judging: bool, width: int, classes: int) -> list[Parts]:
    """The lines for a width; while nothing is known yet, their names.

    `classes`: associations told at most; 0: that of one class, in short.
    """
    if found is None:
        return [line for name in _NAMES for line in _line(paint, name, ("…",), width, "muted")]
    lines = [*_line(paint, _NAMES[0], _risk(found.risk), width), *_line(paint, _NAMES[1], _means(found), width)]
    if judging:
        return [*lines, *_line(paint, _NAMES[2], ("? judged anew just now",), width, "notice")]
    told = sorted(found.associations, key=lambda one: (-one.table.a - one.table.b, one.class_name))
    if not told:
        return [*lines, *_line(paint, _NAMES[2], ("no spike",), width, "muted")]
    for place, one in enumerate(told[: max(classes, 1)]):
        lines += _line(paint, _NAMES[2] if place == 0 else "", association(paint, one, short=not classes), width)
    left = len(told) - classes
    if classes and left > 0:
        words = "1 more class with spikes" if left == 1 else f"{format_count(left)} more classes with spikes"
        lines += _line(paint, "", (words,), width, "muted")
    return lines


def _risk(risk: Risk) -> tuple[str, ...]:
    return (
        difference(risk.difference, risk.limits),
        f"RR {ratio(risk.ratio, risk.ratio_limits)}",
        f"n {format_count(risk.n)}",
    )


def _means(found: PolicyReview) -> tuple[str, ...]:
    return f"listed classes {format_rate(found.means.listed)}", f"unlisted {format_rate(found.means.unlisted)}"


def association(paint: Painter, one: Association, *, short: bool) -> tuple[str, ...]:
    """Class, difference with its limits, n, and what may be said; too few is said alone."""
    name = paint.text(one.class_name, 24)
    if one.words.startswith("too few"):
        return name, one.words
    if short:
        return f"{name}: {one.words}", rate4_signed(one.difference), f"n {format_count(one.n)}"
    return name, difference(one.difference, one.limits), f"n {format_count(one.n)}", one.words


def rate4_signed(value: float | None) -> str:
    """`-0.0227`; `-` if there is none."""
    return difference(value, None)


def _line(paint: Painter, name: str, pieces: Sequence[str], width: int, ink: str = "text") -> list[Parts]:
    """A name and the pieces beside it, two blanks apart; they are parted only where they do not fit on a line."""
    lines = [""]
    room = max(width - _NAME - 1, 10)
    for piece in pieces:
        longer = f"{lines[-1]}  {piece}" if lines[-1] else piece
        if len(longer) <= room:
            lines[-1] = longer
        else:
            lines += wrap_words(piece, room, paint.ascii_only)
    kept = [line for line in lines if line]
    return [((f" {name if at == 0 else '':<{_NAME - 1}}", "muted"), (line, ink)) for at, line in enumerate(kept)]
