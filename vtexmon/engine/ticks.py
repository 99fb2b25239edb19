"""When a schedule is due: pure arithmetic over its rule (DESIGN.md section 6).

``every`` is due at k · interval since 1970 in UTC, so that all processes compute the same ticks; ``cron`` is standard
crontab in the configured time zone: 0 and 7 are Sunday (APScheduler counts from Monday, so names are used), and where
day of month and weekday are both given, either is enough.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from vtexmon.config import Schedule
from vtexmon.i18n import _

CATCH_UP = timedelta(minutes=10)
"""How far back a missed tick is still run, once."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class EveryTrigger(BaseTrigger):  # type: ignore[misc]
    """Due at whole multiples of the interval since 1970."""

    def __init__(self, interval: timedelta) -> None:
        self.interval = interval

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first multiple that is not before ``now`` and after the previous one."""
        start = now if previous_fire_time is None else max(now, previous_fire_time + timedelta(microseconds=1))
        steps = -((_EPOCH - start) // self.interval)
        return _EPOCH + steps * self.interval


def trigger(schedule: Schedule, timezone: str) -> BaseTrigger:
    """The APScheduler trigger of a schedule."""
    if schedule.every is not None:
        return EveryTrigger(schedule.every)
    assert schedule.cron is not None, "the configuration demands one of every and cron"
    minute, hour, day, month, weekday = schedule.cron.split()
    times = {"minute": minute, "hour": hour, "month": month, "timezone": ZoneInfo(timezone)}
    if day.startswith("*") or weekday.startswith("*"):
        return CronTrigger(day=day, day_of_week=_named(weekday), **times)
    return OrTrigger([CronTrigger(day=day, **times), CronTrigger(day_of_week=_named(weekday), **times)])


def _named(weekday: str) -> str:
    """The days of crontab's weekday field by name, each for itself: APScheduler's ranges and steps begin on Monday."""
    if weekday == "*":
        return weekday
    chosen = {day % 7 for part in weekday.lower().split(",") for day in _weekdays(part)}
    return ",".join(_DAYS[day] for day in sorted(chosen))


def _weekdays(part: str) -> range:
    span, _slash, step = part.partition("/")
    low, _dash, high = span.partition("-")
    first = 0 if low == "*" else _weekday(low)
    last = _weekday(high) if high else 6 if low == "*" or step else first
    return range(first, (last if last >= first else last + 7) + 1, int(step or 1))


def _weekday(text: str) -> int:
    return _DAYS.index(text) if text in _DAYS else int(text)


def next_due(schedule: Schedule, timezone: str, after: datetime) -> datetime | None:
    """The first tick after a moment."""
    return _next(trigger(schedule, timezone), after)


def _next(rule: BaseTrigger, after: datetime) -> datetime | None:
    due: datetime | None = rule.get_next_fire_time(None, after + timedelta(microseconds=1))
    return due.astimezone(UTC) if due else None


def latest_due(schedule: Schedule, timezone: str, now: datetime, since: datetime) -> datetime | None:
    """The newest tick in (``since``, ``now``]; None when there is none."""
    if schedule.every is not None:
        tick = _EPOCH + ((now - _EPOCH) // schedule.every) * schedule.every
        return tick if tick > since else None
    rule = trigger(schedule, timezone)
    found, due = None, _next(rule, since)
    while due is not None and due <= now:
        found, due = due, _next(rule, due)
    return found


def rule_text(schedule: Schedule) -> str:
    """The rule in words: an interval, or the crontab line as it is written."""
    if schedule.every is None:
        return f"cron {schedule.cron}"
    seconds = int(schedule.every.total_seconds())
    for size, words in ((86_400, _("a cada {n} d")), (3_600, _("a cada {n} h")), (60, _("a cada {n} min"))):
        if seconds and seconds % size == 0:
            return words.format(n=seconds // size)
    return _("a cada {n} s").format(n=seconds)
