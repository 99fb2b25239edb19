"""How long VTEX asks to wait: Retry-After as seconds or a date, and the spellings of RateLimit-Reset.

Several spellings because Pricing documents one and other texts of VTEX another (``domain/vtex.md`` 9).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=15)

_RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
_SECONDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
_EPOCH_FROM = 1_000_000_000
"""A number this large is a time since 1970, not seconds to wait."""


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """What a readable Retry-After says, 1 s to 15 min; None when there is none. Header names are in lower case."""
    return _clamped(_seconds_or_date(headers.get("retry-after", ""), now))


def limit_reset(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """When the limit starts anew, 1 s to 15 min; None when no header says it."""
    waits = (_seconds_or_date(headers.get(name, ""), now) for name in _RESETS)
    return _clamped(next((wait for wait in waits if wait is not None), None))


def _clamped(wait: timedelta | None) -> timedelta | None:
    return None if wait is None else min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)


def _seconds_or_date(value: str, now: datetime) -> timedelta | None:
    text = value.strip()
    if _SECONDS.fullmatch(text):
        seconds = float(text)
        return timedelta(seconds=seconds - now.timestamp() if seconds >= _EPOCH_FROM else seconds)
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
