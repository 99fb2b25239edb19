"""Which engines run, and what the database itself remembers: its stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, select, update

from vtexmon.store.engines import insert_new, put
from vtexmon.store.models import Meta, Worker

WORKER: Table = Worker.__table__  # type: ignore[attr-defined]
META: Table = Meta.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class WorkerRecord:
    """One engine: ``owner`` names it in leases; ``kind`` is ``monitor``, ``worker`` or a command."""

    owner: str
    host: str
    pid: int
    kind: str
    version: str
    config_fingerprint: str
    started_at: datetime
    last_seen: datetime


def hello(connection: Connection, worker: WorkerRecord) -> None:
    """An engine starts."""
    put(connection, WORKER, dict(vars(worker)), key=("owner",))


def seen(connection: Connection, owner: str, now: datetime) -> bool:
    """An engine is alive; False when it is not among the engines (it was given up for dead): say hello again."""
    return connection.execute(update(WORKER).where(WORKER.c.owner == owner).values(last_seen=now)).rowcount == 1


def goodbye(connection: Connection, owner: str) -> None:
    """An engine ended as it should."""
    connection.execute(WORKER.delete().where(WORKER.c.owner == owner))


def alive(connection: Connection, now: datetime, within: timedelta) -> list[WorkerRecord]:
    """The engines seen lately."""
    columns = [WORKER.c[name] for name in WorkerRecord.__dataclass_fields__]
    query = select(*columns).where(WORKER.c.last_seen >= now - within).order_by(WORKER.c.started_at)
    return [WorkerRecord(*row) for row in connection.execute(query)]


def stage(connection: Connection) -> str | None:
    """The stage this database was first used for."""
    found: str | None = connection.execute(select(META.c.value).where(META.c.key == "stage")).scalar_one_or_none()
    return found


def claim_stage(connection: Connection, wanted: str) -> str:
    """Give an unused database its stage; gives the stage it has (the caller refuses another one)."""
    insert_new(connection, META, [{"key": "stage", "value": wanted}])  # another process may be doing the same
    return stage(connection) or wanted
