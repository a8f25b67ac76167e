"""Days as the whitelist has them: `2026-05-20`, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?!\d)", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def day_of(at: int) -> date:
    """The day of a time in microseconds UTC."""
    return (_EPOCH + timedelta(microseconds=at)).date()


def date_of(text: str | None) -> date | None:
    """The day a text begins with, as in `2026-05-20` and `2026-05-20T08:00:00Z`; None if it names none."""
    if text is None or not _DATE.match(text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def is_over(expires_at: str | None, now: int) -> bool:
    """Whether the day from which an entry matches nothing has begun. `now`: microseconds UTC."""
    day = date_of(expires_at)
    return day is not None and day <= day_of(now)


def days_left(review_by: str | None, now: int) -> int | None:
    """Days until a review day, negative when it is over; None if it is none. `now`: microseconds UTC."""
    day = date_of(review_by)
    return None if day is None else (day - day_of(now)).days
