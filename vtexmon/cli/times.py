"""Times that people write on the command line: ``14:30``, ISO 8601, ``2h``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vtexmon.config.values import Invalid, parse_duration
from vtexmon.errors import UsageError
from vtexmon.i18n import _

_TIME_OF_DAY = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)


def read_duration(text: str, option: str) -> timedelta:
    """``30m``, ``1h30m``, ``90s``; raises ``UsageError``."""
    try:
        return parse_duration(text)
    except Invalid:
        message = _("{0}: «{1}» não é uma duração; use por exemplo 30m ou 1h30m")
        raise UsageError(message.format(option, text)) from None


def read_until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that is meant: the next 14:30, a date and time (local unless it says otherwise), or after a duration.

    Raises ``UsageError`` for what is none of these, or has passed.
    """
    moment = _moment(text.strip(), now, zone)
    if moment is None:
        message = _("--until: «{0}» não é uma hora; use 14:30, 2026-11-24T18:00 ou uma duração como 2h")
        raise UsageError(message.format(text))
    if moment <= now:
        raise UsageError(_("--until: {0} já passou").format(text))
    return moment.astimezone(UTC)


def _moment(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    if match := _TIME_OF_DAY.fullmatch(text):
        return _next(int(match[1]), int(match[2]), now, zone)
    try:
        return now + parse_duration(text)
    except Invalid:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _next(hour: int, minute: int, now: datetime, zone: ZoneInfo) -> datetime | None:
    if hour > 23 or minute > 59:
        return None
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), time(hour, minute), zone)
    return today if today > local else datetime.combine(local.date() + timedelta(days=1), time(hour, minute), zone)
