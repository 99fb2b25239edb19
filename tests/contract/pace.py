"""VTEX's published limits (``domain/vtex.md`` 9), held against the times at which requests arrived.

The figures stand here a second time on purpose: they are VTEX's, not the program's.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tests.contract.journal import Seen
from vtexmon.core.exchange import Api


class Limit(NamedTuple):
    """So many at once and so many a second after that: in any window of ``s`` seconds ``burst + rate × s``."""

    rate: float
    burst: int


PUBLISHED: Mapping[str, Limit] = {
    "pricing_write": Limit(2000 / 60, 500),
    "pricing_delete": Limit(1000 / 60, 300),
    "pricing_read": Limit(40, 1000),
}
A_MINUTE: Mapping[str, int] = {"catalog": 45_000, "endpoint": 15_000}


def no_burst_is_above_the_published_one(
    journal: Sequence[Seen], limits: Mapping[str, Limit] = PUBLISHED, late_seconds: float = 0
) -> Iterator[str]:
    """9: a bucket of each account never runs dry. ``late_seconds`` = how much later than another one may arrive."""
    spent: dict[tuple[str | None, str], tuple[float, float]] = {}
    for seen in journal:
        limit = limits.get(name := bucket(seen))
        if limit is None:
            continue
        full = limit.burst + limit.rate * late_seconds
        tokens, before = spent.get((seen.account, name), (full, seen.at))
        tokens = min(full, tokens + max(0.0, seen.at - before) * limit.rate) - 1
        spent[seen.account, name] = tokens, max(before, seen.at)
        if tokens < -1e-6:
            yield f"{seen}: {name} of {seen.account}"


def no_minute_holds_more_than_the_catalogue_takes(
    journal: Sequence[Seen], most: Mapping[str, int] = A_MINUTE
) -> Iterator[str]:
    """9: so many in any 60 seconds of an account, and of one endpoint of it."""
    yield from _crowded(journal, "catalog", most["catalog"], lambda seen: (seen.account,))
    yield from _crowded(journal, "endpoint", most["endpoint"], lambda seen: (seen.account, endpoint(seen)))


def _crowded(
    journal: Sequence[Seen], name: str, most: int, key: Callable[[Seen], tuple[str | None, ...]]
) -> Iterator[str]:
    minutes: dict[tuple[str | None, ...], deque[float]] = defaultdict(deque)
    for seen in journal:
        if seen.api is Api.CATALOG:
            minute = minutes[key(seen)]
            minute.append(seen.at)
            while minute[0] < seen.at - 60:
                minute.popleft()
            if len(minute) > most:
                yield f"{seen}: {len(minute)} in a minute, {name} takes {most}"


def vtex_never_had_to_say_429(journal: Sequence[Seen]) -> Iterator[str]:
    """9: the sandbox counts by itself; a 429 that no fault made means that the limits were not kept."""
    yield from (f"{seen}" for seen in journal if seen.status == 429)


def bucket(seen: Seen) -> str:
    """Which limit a request counts against."""
    if seen.api is not Api.PRICING:
        return seen.api.value if seen.api else ""
    return {"GET": "pricing_read", "DELETE": "pricing_delete"}.get(seen.method, "pricing_write")


def endpoint(seen: Seen) -> str:
    """Method and path without ids and references."""
    return re.sub(r"(?<=/)\d+(?=/|$)|(?<=refid/).+", "{id}", seen.call)


RULES = {
    rule.__name__: rule
    for rule in (
        no_burst_is_above_the_published_one,
        no_minute_holds_more_than_the_catalogue_takes,
        vtex_never_had_to_say_429,
    )
}
