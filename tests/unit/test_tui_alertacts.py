"""What an operator can do about an alert: what each act is for, and how long a snooze lasts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateconsole.ledger.actor import RefusedError
from gateconsole.tui.alerts.actions import ALERT_ACTS, action_for, snooze_end
from tests.screens.fake import MINUTE, NOON
from tests.screens.fake_alerts import FakeAlerts, fake

__all__ = ["fake"]

HOUR = 60 * MINUTE
SECOND = NOON // 1_000_000 * 1_000_000
"""NOON is 13:16:05Z."""


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1h", HOUR),
        ("90m", 90 * MINUTE),
        ("90 min", 90 * MINUTE),
        (" 2D ", 48 * HOUR),
        ("30d", 720 * HOUR),
        ("until 13:17Z", 55_000_000),
        ("14:16", HOUR - 5_000_000),
        ("until 08:00Z", 18 * HOUR + 43 * MINUTE + 55_000_000),
        ("until 13:16", 24 * HOUR - 5_000_000),
    ],
)
def test_a_snooze_ends_when_it_is_said_to(text: str, length: int) -> None:
    assert snooze_end(text, NOON) == SECOND + length


@pytest.mark.parametrize("text", ["", "soon", "0m", "31d", "99999d", "until 24:00", "until 12:60", "-1h", "1", "²h"])
def test_what_is_no_time_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(RefusedError, match=r"write 90m, 4h, 2d or until 08:00Z|a minute to 30 days"):
        snooze_end(text, NOON)


@pytest.mark.parametrize("state", ["pending", "resolved", "no data"])
@pytest.mark.parametrize("action", ALERT_ACTS)
def test_what_does_not_fire_cannot_be_acted_on(fake: FakeAlerts, action: str, state: str) -> None:
    snapshot = fake.snapshot()
    alert = replace(snapshot.alerts[0], state=state)  # type: ignore[arg-type]
    assert action_for(action, snapshot, alert) is None


def test_a_snoozed_one_can_be_acknowledged_and_an_acknowledged_one_snoozed(fake: FakeAlerts) -> None:
    snapshot = fake.snapshot()
    acked = replace(snapshot.alerts[0], state="acknowledged", actor="mika")
    assert action_for("alert_ack", snapshot, acked) is None
    assert action_for("alert_snooze", snapshot, acked) is not None
    assert action_for("alert_ack", snapshot, replace(acked, until=NOON + HOUR)) is not None
