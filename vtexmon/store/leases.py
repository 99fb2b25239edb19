"""What one process at a time does for all: a row says who may, and until when (``reference``: a lease, no leader).

A lease saves doubled work; it does not prove that its holder is alone. Its times are read from the clocks of different
machines: one that is s seconds ahead takes over s seconds too early. So a holder stops by its own monotonic clock some
seconds before the end, and what is done under a lease must be harmless when two do it at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, or_, select, update

from vtexmon.store.engines import insert_new
from vtexmon.store.models import Lease

LEASE: Table = Lease.__table__  # type: ignore[attr-defined]

FOREIGN_CLOCK = timedelta(hours=1)
"""No lease is given for so long: an end further away was written by a clock that was wrong, and is not waited for."""


@dataclass(frozen=True)
class LeaseRecord:
    """A lease as it stands. ``owner`` had it last; ``ran_at``, ``ran_by`` and ``result`` tell of the last full run."""

    name: str
    owner: str
    until: datetime
    ran_at: datetime | None
    ran_by: str
    result: str


_COLUMNS = [LEASE.c[name] for name in LeaseRecord.__dataclass_fields__]


def find(connection: Connection, name: str) -> LeaseRecord | None:
    """How a lease stands; None when nobody ever wanted it."""
    row = connection.execute(select(*_COLUMNS).where(LEASE.c.name == name)).one_or_none()
    return None if row is None else LeaseRecord(*row)


def acquire(connection: Connection, name: str, owner: str, now: datetime, until: datetime) -> bool:
    """Take a lease that nobody holds; True for exactly one of any number that try, False also while it is ours."""
    nobodys = {"name": name, "owner": "", "until": now, "ran_at": None, "ran_by": "", "result": ""}
    insert_new(connection, LEASE, [nobodys])
    free = or_(LEASE.c.until <= now, LEASE.c.until > now + FOREIGN_CLOCK)
    taken = update(LEASE).where(LEASE.c.name == name, free).values(owner=owner, until=until)
    return connection.execute(taken).rowcount == 1


def renew(connection: Connection, name: str, owner: str, until: datetime) -> bool:
    """Lengthen our lease; False when somebody else has taken it over: stop what was done under it."""
    renewed = update(LEASE).where(LEASE.c.name == name, LEASE.c.owner == owner).values(until=until)
    return connection.execute(renewed).rowcount == 1


def release(connection: Connection, name: str, owner: str, now: datetime) -> bool:
    """Let go of our lease; False when it was somebody else's by now."""
    return renew(connection, name, owner, until=now)


def finish(connection: Connection, name: str, owner: str, now: datetime, result: str) -> bool:
    """``release``, and write down that it was done, and what came of it."""
    done = update(LEASE).where(LEASE.c.name == name, LEASE.c.owner == owner)
    values = {"until": now, "ran_at": now, "ran_by": owner, "result": result}
    return connection.execute(done.values(**values)).rowcount == 1
