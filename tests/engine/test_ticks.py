"""When a schedule is due: whole multiples of an interval since 1970, and crontab as crontab means it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from vtexmon.config import Schedule
from vtexmon.engine import ticks

SAO_PAULO = "America/Sao_Paulo"
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # 09:00 in São Paulo


def every(**interval: int) -> Schedule:
    return Schedule("x", every=timedelta(**interval))


def cron(text: str) -> Schedule:
    return Schedule("x", cron=text)


def firing_days(text: str) -> list[str]:
    """The weekdays of one week, from Sunday, on which it is due, in São Paulo."""
    sunday = datetime(2026, 11, 22, 0, 0, tzinfo=ZoneInfo(SAO_PAULO))
    end = (sunday + timedelta(days=7)).astimezone(UTC)
    found, due = [], ticks.next_due(cron(text), SAO_PAULO, sunday.astimezone(UTC) - timedelta(seconds=1))
    while due is not None and due < end:
        found.append(due.astimezone(ZoneInfo(SAO_PAULO)).strftime("%a").lower())
        due = ticks.next_due(cron(text), SAO_PAULO, due)
    return found


@pytest.mark.parametrize(
    ("rule", "after", "expected"),
    [
        (every(minutes=15), datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC), datetime(2026, 11, 24, 12, 15, tzinfo=UTC)),
        (every(minutes=15), datetime(2026, 11, 24, 12, 1, 7, tzinfo=UTC), datetime(2026, 11, 24, 12, 15, tzinfo=UTC)),
        (
            every(minutes=15),
            datetime(2026, 11, 24, 12, 14, 59, 999_999, UTC),
            datetime(2026, 11, 24, 12, 15, tzinfo=UTC),
        ),
        (every(minutes=7), datetime(2026, 11, 24, 12, 0, tzinfo=UTC), datetime(2026, 11, 24, 12, 4, tzinfo=UTC)),
        (every(hours=6), datetime(2026, 11, 24, 12, 0, tzinfo=UTC), datetime(2026, 11, 24, 18, 0, tzinfo=UTC)),
        (every(seconds=90), datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, 0, 1, 30, tzinfo=UTC)),
    ],
)
def test_an_interval_is_due_at_whole_multiples_since_1970(rule: Schedule, after: datetime, expected: datetime) -> None:
    assert ticks.next_due(rule, SAO_PAULO, after) == expected
    assert (expected - datetime(1970, 1, 1, tzinfo=UTC)) % (rule.every or timedelta(1)) == timedelta(0)


def test_two_processes_started_at_different_moments_compute_the_same_ticks() -> None:
    rule = every(minutes=7)
    start = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

    found = {ticks.next_due(rule, SAO_PAULO, start + timedelta(seconds=second)) for second in range(0, 240, 7)}

    assert found == {datetime(2026, 11, 24, 12, 4, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("0 6 * * *", MONDAY, "2026-11-24 06:00"),
        ("0 22 * * *", MONDAY, "2026-11-23 22:00"),
        ("30 9 * * *", MONDAY, "2026-11-23 09:30"),
        ("0 0 1 * *", MONDAY, "2026-12-01 00:00"),
        ("0 6 1 jan *", MONDAY, "2027-01-01 06:00"),
        ("*/20 * * * *", MONDAY, "2026-11-23 09:20"),
        ("0 5 29 2 *", MONDAY, "2028-02-29 05:00"),
    ],
)
def test_cron_is_in_the_configured_time_zone(text: str, after: datetime, expected: str) -> None:
    due = ticks.next_due(cron(text), SAO_PAULO, after)

    assert due is not None
    assert due.tzinfo is UTC
    assert due.astimezone(ZoneInfo(SAO_PAULO)).strftime("%Y-%m-%d %H:%M") == expected


ALL = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]


@pytest.mark.parametrize(
    ("weekday", "expected"),
    [
        ("0", ["sun"]),
        ("7", ["sun"]),
        ("1", ["mon"]),
        ("6", ["sat"]),
        ("sun", ["sun"]),
        ("SUN", ["sun"]),
        ("1-5", ALL[1:6]),
        ("mon-fri", ALL[1:6]),
        ("0-6", ALL),
        ("1-7", ALL),
        ("0-3", ALL[:4]),
        ("5-7", ["sun", "fri", "sat"]),
        ("6,0", ["sun", "sat"]),
        ("0,7", ["sun"]),
        ("*/2", ["sun", "tue", "thu", "sat"]),
        ("1-5/2", ["mon", "wed", "fri"]),
        ("*", ALL),
    ],
)
def test_weekdays_are_those_of_crontab_with_0_and_7_as_sunday(weekday: str, expected: list[str]) -> None:
    assert firing_days(f"0 6 * * {weekday}") == expected


def test_day_of_month_or_weekday_is_enough_when_both_are_given() -> None:
    """crontab(5): "the command will be run when either field matches". 26 November 2026 is a Thursday."""
    assert firing_days("0 6 26 * 1") == ["mon", "thu"]


@pytest.mark.parametrize(
    ("rule", "now", "since", "expected"),
    [
        (every(minutes=15), (12, 20), (12, 0), (12, 15)),
        (every(minutes=15), (12, 15), (12, 0), (12, 15)),
        (every(minutes=15), (12, 14), (12, 0), None),
        (every(minutes=1), (12, 20), (12, 0), (12, 20)),
        (cron("*/5 * * * *"), (12, 19), (12, 0), (12, 15)),
        (cron("0 9 * * *"), (12, 5), (11, 55), (12, 0)),
        (cron("0 9 * * *"), (12, 5), (12, 0), None),
    ],
)
def test_the_newest_tick_in_a_span(
    rule: Schedule, now: tuple[int, int], since: tuple[int, int], expected: tuple[int, int] | None
) -> None:
    def at(moment: tuple[int, int]) -> datetime:
        return datetime(2026, 11, 24, *moment, tzinfo=UTC)

    assert ticks.latest_due(rule, SAO_PAULO, at(now), at(since)) == (at(expected) if expected else None)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (every(minutes=15), "a cada 15 min"),
        (every(hours=2), "a cada 2 h"),
        (every(days=1), "a cada 1 d"),
        (every(seconds=90), "a cada 90 s"),
        (cron("0 6 * * 1"), "cron 0 6 * * 1"),
    ],
)
def test_a_rule_in_words(rule: Schedule, text: str) -> None:
    assert ticks.rule_text(rule) == text
