"""Payloads that no item refers to: found by reading, marked, and removed when the mark has stood for a while.

An item and its payload are one transaction, so no crash leaves such a row; whatever removes items does. Finding them
reads all items, since an index from payload to item would cost every attempt. That is the work of a reader, once a day.

Why it is safe while others write. Whoever uses a marked payload takes the mark away (``payloads.store``), so a
mark that still stands was seen by nobody since. A transaction that had read the payload before the mark came has ended
long before ``QUARANTINE`` is over, and the search that precedes the removal sees its item. On PostgreSQL a mark that
somebody is taking away is a locked row: it is passed over. An old mark on a payload in use does no harm: only what a
search finds unused is removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, delete, except_, select, update

from vtexmon.store.engines import skipping_locked
from vtexmon.store.models import Payload
from vtexmon.store.rows import LOG_ITEM

PAYLOAD: Table = Payload.__table__  # type: ignore[attr-defined]

QUARANTINE = timedelta(hours=1)
"""No transaction lasts so long: the database ends it after minutes."""


@dataclass(frozen=True)
class Unused:
    """Addresses of payloads that no item refers to: those to be marked, and those whose mark has stood long enough."""

    unmarked: list[str]
    removable: list[str]


def search(connection: Connection, now: datetime, most: int) -> Unused:
    """Look through all items for the payloads that none of them refers to; ``most`` at once."""
    referred = (LOG_ITEM.c.sent_hash, LOG_ITEM.c.received_hash)
    unused = except_(select(PAYLOAD.c.hash), *(select(column) for column in referred)).limit(most).subquery()
    query = select(PAYLOAD.c.hash, PAYLOAD.c.unused_since).join(unused, unused.c.hash == PAYLOAD.c.hash)
    found = [(address, since) for address, since in connection.execute(query)]
    return Unused(
        unmarked=[address for address, since in found if since is None],
        removable=[address for address, since in found if since is not None and since <= now - QUARANTINE],
    )


def mark(connection: Connection, addresses: Sequence[str], now: datetime) -> int:
    """Mark payloads that a search found unused; gives how many."""
    unmarked = (PAYLOAD.c.hash.in_(addresses), PAYLOAD.c.unused_since.is_(None))
    return connection.execute(update(PAYLOAD).where(*unmarked).values(unused_since=now)).rowcount


def remove(connection: Connection, addresses: Sequence[str], now: datetime) -> int:
    """Remove payloads that a search just found unused, whose mark still stands; gives how many."""
    marked = (PAYLOAD.c.hash.in_(addresses), PAYLOAD.c.unused_since <= now - QUARANTINE)
    ours = list(connection.execute(skipping_locked(connection, select(PAYLOAD.c.hash).where(*marked))).scalars())
    return connection.execute(delete(PAYLOAD).where(PAYLOAD.c.hash.in_(ours))).rowcount if ours else 0
