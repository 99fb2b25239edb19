"""VTEX's published limits (``domain/vtex.md`` 9) and the pace that keeps within them.

Pure: the clock's reading is given. Pausing, breakers and sharing between processes are left to the engine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from vtexmon.core.exchange import Api, Request
from vtexmon.vtex.shapes import endpoint_of

FOREIGN_CLOCK = timedelta(seconds=30)
"""Machines on one database differ by less; more is a clock that was set wrong, and must not stop the others."""


@dataclass(frozen=True)
class Pace:
    """``rate`` requests a second, ``burst`` at once, as one moment: until when what was given out lasts at the rate.

    A token bucket said in time (GCRA): ``spent_until`` in the past is a full bucket, a whole burst ahead an empty one.
    One moment is one column, and a conditional change of it is safe between processes.
    """

    rate: float
    burst: int

    def __post_init__(self) -> None:
        if self.rate <= 0 or self.burst < 1:
            raise ValueError("a pace needs a positive rate and a burst of at least 1")

    @property
    def cost(self) -> timedelta:
        """What one request takes at the rate; rounded up, so that the limit is never passed."""
        return timedelta(microseconds=math.ceil(1_000_000 / self.rate))

    @property
    def reserve(self) -> int:
        """How many of the burst bulk work leaves to what a person waits for."""
        return self.burst // 10

    def wait(self, spent_until: datetime | None, now: datetime, reserve: int = 0) -> timedelta:
        """How long until one request may leave while ``reserve`` others still could; zero = now."""
        room = self.cost * (self.burst - reserve)
        return max(self.spend(spent_until, now) - room - now, timedelta(0))

    def spend(self, spent_until: datetime | None, now: datetime) -> datetime:
        """``spent_until`` after one more request. A moment no clock of ours can have written is not waited for."""
        empty = now + self.cost * self.burst
        if spent_until is not None and spent_until > empty + FOREIGN_CLOCK:
            return empty
        return max(spent_until or now, now) + self.cost


PUBLISHED_LIMITS: Mapping[str, Pace] = {
    # 45,000 a minute per account: 60 s of the rate and the whole burst together stay within one minute's allowance
    "catalog": Pace(740, 600),
    # 15,000 a minute per endpoint, likewise
    "catalog_endpoint": Pace(245, 300),
    # "under review" at VTEX; the older text said 40 a second with a burst of 1,000
    "pricing_read": Pace(40, 1000),
    "pricing_write": Pace(33, 500),
    "pricing_delete": Pace(16, 300),
    # no published figure: an ordinary pace
    "logistics": Pace(100, 200),
}

_PRICING_BUCKETS = {"GET": "pricing_read", "DELETE": "pricing_delete"}


def bucket_of(request: Request) -> str:
    """The name in ``PUBLISHED_LIMITS`` (and in ``[limits]``) of the limit this request counts against."""
    match request.api:
        case Api.CATALOG:
            return "catalog"
        case Api.LOGISTICS:
            return "logistics"
        case Api.PRICING:
            return _PRICING_BUCKETS.get(request.method, "pricing_write")


def endpoint_bucket_of(request: Request) -> str | None:
    """The endpoint that the catalogue counts on its own (limit ``catalog_endpoint``); None for the other APIs."""
    return endpoint_of(request) if request.api is Api.CATALOG else None
