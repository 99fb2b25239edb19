"""What all processes have given out of VTEX's limits. How much that may be is decided in ``vtex/limits.py``.

These rows are written in transactions of their own (``Database.write_apart``): every process wants them, so nobody may
hold their locks while it waits for anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, Table, bindparam, select, tuple_, update

from vtexmon.store.engines import insert_new
from vtexmon.store.models import Pace
from vtexmon.store.types import UtcTime

PACE: Table = Pace.__table__  # type: ignore[attr-defined]

PaceKey = tuple[str, str]
"""Account and the limit's name."""

_KEY = tuple_(PACE.c.account, PACE.c.bucket)
_HOLD = (
    select(PACE.c.account, PACE.c.bucket, PACE.c.spent_until)
    .where(_KEY.in_(bindparam("keys", expanding=True)))
    .order_by(PACE.c.account, PACE.c.bucket)
    .with_for_update()
)
_SPEND = (
    update(PACE)
    .where(PACE.c.account == bindparam("of_account"), PACE.c.bucket == bindparam("of_bucket"))
    .values(spent_until=bindparam("until", type_=UtcTime))
)


def hold(connection: Connection, keys: Collection[PaceKey], now: datetime) -> dict[PaceKey, datetime]:
    """Until when each limit is spent; nobody else changes it before our transaction ends. A new one is full."""
    found = _held(connection, keys)
    missing = set(keys) - found.keys()
    if not missing:
        return found
    rows = [{"account": account, "bucket": bucket, "spent_until": now} for account, bucket in sorted(missing)]
    insert_new(connection, PACE, rows)
    return _held(connection, keys)


def _held(connection: Connection, keys: Collection[PaceKey]) -> dict[PaceKey, datetime]:
    rows = connection.execute(_HOLD, {"keys": sorted(keys)})
    return {(row.account, row.bucket): row.spent_until for row in rows}


def spend(connection: Connection, spent: Mapping[PaceKey, datetime]) -> None:
    """Keep what was given out of limits that are held."""
    if spent:
        rows = [
            {"of_account": account, "of_bucket": bucket, "until": until} for (account, bucket), until in spent.items()
        ]
        connection.execute(_SPEND, rows)
