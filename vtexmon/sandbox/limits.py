"""VTEX's published rate limits, held by token buckets per account.

Figures: ``domain/vtex.md`` section 9. A limit without a published burst lets a whole minute's allowance through at
once.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from vtexmon.sandbox.wire import Record


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests a minute, and how many of them may come at once (None: all)."""

    per_minute: int
    burst: int | None = None

    def __post_init__(self) -> None:
        if self.per_minute < 1 or (self.burst is not None and self.burst < 1):
            raise ValueError("limite inválido: per_minute e burst devem ser ao menos 1")

    @property
    def capacity(self) -> int:
        """Tokens of a full bucket."""
        return self.burst or self.per_minute

    def to_json(self) -> Record:
        """As ``/_sandbox/limits`` shows and takes it."""
        return {"per_minute": self.per_minute, "burst": self.burst}


PUBLISHED_LIMITS: Mapping[str, Limit | None] = {
    "catalog": Limit(45_000),
    "catalog_endpoint": Limit(15_000),
    "pricing_read": Limit(2_400, 1_000),
    "pricing_write": Limit(2_000, 500),
    "pricing_delete": Limit(1_000, 300),
    "logistics": None,
}


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """May the request pass, and what its answer says about the limit (seconds are whole, as in HTTP)."""

    allowed: bool
    limit: int = 0
    remaining: int = 0
    reset_seconds: int = 0
    retry_after_seconds: int = 0


UNLIMITED = Verdict(allowed=True)


class Limiter:
    """The buckets of all accounts. Time is given by the caller, in monotonic seconds."""

    def __init__(self, limits: Mapping[str, Limit | None]) -> None:
        self._defaults = dict(PUBLISHED_LIMITS) | dict(limits)
        self.limits = dict(self._defaults)
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def change(self, changes: Mapping[str, Limit | None]) -> None:
        """Replace the named limits and start every bucket full again. ValueError for a name that does not exist."""
        unknown = sorted(set(changes) - set(self.limits))
        if unknown:
            raise ValueError(f"limite desconhecido: {', '.join(unknown)}; existem {', '.join(sorted(self.limits))}")
        self.limits |= changes
        self._buckets.clear()

    def restore(self) -> None:
        """Back to the limits that the sandbox was started with."""
        self.limits = dict(self._defaults)
        self._buckets.clear()

    def take(self, account: str, name: str, scope: str, now_seconds: float) -> Verdict:
        """Spend one token of a limit; ``scope`` separates buckets of one limit, such as one per endpoint."""
        limit = self.limits[name]
        if limit is None:
            return UNLIMITED
        rate = limit.per_minute / 60
        key = (account, name, scope)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(limit.capacity, now_seconds)
        bucket.tokens = min(limit.capacity, bucket.tokens + (now_seconds - bucket.at_seconds) * rate)
        bucket.at_seconds = now_seconds
        allowed = bucket.tokens >= 1
        if allowed:
            bucket.tokens -= 1
        return Verdict(
            allowed=allowed,
            limit=limit.per_minute,
            remaining=int(bucket.tokens),
            reset_seconds=math.ceil((limit.capacity - bucket.tokens) / rate),
            retry_after_seconds=0 if allowed else max(1, math.ceil((1 - bucket.tokens) / rate)),
        )


def limits_from_json(value: object) -> dict[str, Limit | None]:
    """Limits as people send them: name to ``{"per_minute", "burst"}`` or null. ValueError says what is wrong."""
    if not isinstance(value, dict):
        raise ValueError('esperado um objeto: {"pricing_write": {"per_minute": 2000, "burst": 500}}')
    return {str(name): _limit_from_json(str(name), item) for name, item in value.items()}


def _limit_from_json(name: str, item: object) -> Limit | None:
    if item is None:
        return None
    if not isinstance(item, dict) or not isinstance(item.get("per_minute"), int):
        raise ValueError(f"limite {name}: esperado per_minute inteiro")
    burst = item.get("burst")
    if burst is not None and not isinstance(burst, int):
        raise ValueError(f"limite {name}: burst deve ser inteiro")
    return Limit(item["per_minute"], burst)
