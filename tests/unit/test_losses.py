"""What a root lost at once (rule G7)."""

from __future__ import annotations

import pytest

from gateconsole.engine.root_losses import SHRINK_WITHIN, Losses, RunCount
from gateconsole.judgement.alerts import Alert

FIRING = (Alert("p", "x", "firing"),)
NOW = 1_772_323_200_000_000


def test_more_than_half_gone_within_ten_seconds_is_told_once_with_what_stood_before() -> None:
    losses = Losses()
    assert losses.shrunk(0.0, 100, FIRING) is None
    assert losses.shrunk(1.0, 60, ()) is None
    assert losses.shrunk(2.0, 49, ()) == RunCount(0.0, 100, FIRING)
    assert losses.shrunk(3.0, 48, ()) is None


def test_half_is_not_more_than_half() -> None:
    losses = Losses()
    losses.shrunk(0.0, 100, ())
    assert losses.shrunk(1.0, 50, ()) is None


def test_what_goes_slowly_is_no_loss() -> None:
    losses = Losses()
    runs = [100, 80, 64, 51, 41, 33, 27]
    assert [losses.shrunk(step * SHRINK_WITHIN / 3.3, held, ()) for step, held in enumerate(runs)] == [None] * 7


def test_what_went_while_nobody_looked_is_a_loss_however_long_that_was() -> None:
    losses = Losses()
    losses.shrunk(0.0, 100, FIRING)
    assert losses.shrunk(50 * SHRINK_WITHIN, 1, ()) == RunCount(0.0, 100, FIRING)


def test_a_root_that_rests_is_compared_with_what_it_held_last() -> None:
    losses = Losses()
    losses.shrunk(0.0, 100, ())
    losses.shrunk(500.0, 100, FIRING)
    assert losses.shrunk(501.0, 1, ()) == RunCount(500.0, 100, FIRING)


def test_another_root_is_no_loss_of_the_first() -> None:
    losses = Losses()
    losses.shrunk(0.0, 100, ())
    losses.begin_anew()
    assert losses.shrunk(1.0, 1, ()) is None


def test_a_notice_says_how_many_when_and_why() -> None:
    losses = Losses()
    losses.lost("root_shrunk", 1, "it is gone", NOW)
    assert [banner.text for banner in losses.notices] == ["1 run gone at 2026-03-01T00:00:00Z: it is gone"]


def test_losses_of_a_kind_are_told_together_with_the_last_time() -> None:
    losses = Losses()
    for number in range(6):
        losses.lost("root_replaced", 1_000, "root replaced", NOW + number * 60_000_000)
    said = "6,000 runs gone in 6 losses, the last at 2026-03-01T00:05:00Z: root replaced"
    assert [banner.text for banner in losses.notices] == [said]


def test_each_loss_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    losses = Losses()
    losses.lost("root_replaced", 1_000, "root replaced", NOW)
    losses.lost("root_replaced", 1, "root replaced", NOW)
    assert caplog.messages == ["1,000 runs gone: root replaced", "1 run gone: root replaced"]


def test_each_kind_has_a_notice_and_the_one_that_came_last_is_last() -> None:
    losses = Losses()
    losses.lost("root_replaced", 1, "root replaced", NOW)
    losses.failed("boom", "report it")
    losses.failed("bang", "report it")
    losses.lost("root_replaced", 1, "root replaced", NOW)
    assert [(banner.code, banner.remedy) for banner in losses.notices] == [
        ("engine_failed", "report it"),
        ("root_replaced", "the figures follow the disk"),
    ]
    assert losses.notices[0].text == "bang (2 faults so far)"
