"""VTEX's published limits (``domain/vtex.md`` 9) and the token bucket that keeps within them.

Pure: the clock's reading is given. Pausing, breakers and sharing between processes are left to the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vtexmon.core.exchange import Api, Request
from vtexmon.vtex.shapes import endpoint_of


@dataclass(frozen=True)
class PublishedLimit:
    """``rate`` in requests per second, ``burst`` at once."""

    rate: float
    burst: int


PUBLISHED_LIMITS: Mapping[str, PublishedLimit] = {
    # 45,000 a minute per account: 60 s of the rate and the whole burst together stay within one minute's allowance
    "catalog": PublishedLimit(740, 600),
    # 15,000 a minute per endpoint, likewise
    "catalog_endpoint": PublishedLimit(245, 300),
    # "under review" at VTEX; the older text said 40 a second with a burst of 1,000
    "pricing_read": PublishedLimit(40, 1000),
    "pricing_write": PublishedLimit(33, 500),
    "pricing_delete": PublishedLimit(16, 300),
    # no published figure: an ordinary pace
    "logistics": PublishedLimit(100, 200),
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


@dataclass
class Bucket:
    """A token bucket; ``now`` is a monotonic reading in seconds. It starts full."""

    rate: float
    burst: int
    now: float
    _tokens: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.rate <= 0 or self.burst < 1:
            raise ValueError("a bucket needs a positive rate and a burst of at least 1")
        self._tokens = float(self.burst)

    def take(self, now: float) -> float:
        """0.0 = a token was taken; otherwise none was, and one will be there after that many seconds."""
        self._tokens = min(float(self.burst), self._tokens + max(0.0, now - self.now) * self.rate)
        self.now = max(self.now, now)
        if self._tokens >= 1 - 1e-9:
            self._tokens = max(0.0, self._tokens - 1)
            return 0.0
        return (1 - self._tokens) / self.rate
