"""The few statements that differ between SQLite and PostgreSQL. Everything else in ``store/`` is one text for both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Connection,
    Insert,
    Select,
    String,
    Table,
    func,
    literal,
    select,
    text,
)

from vtexmon.core.status import Phase
from vtexmon.store.models import Log
from vtexmon.store.sql import on_postgresql

_LOG: Table = Log.__table__  # type: ignore[attr-defined]


def _dialect(on_postgresql: bool) -> Any:
    """The dialect's own ``insert``; imported when it is needed, because the screen waits for this module."""
    if on_postgresql:
        from sqlalchemy.dialects import postgresql

        return postgresql
    from sqlalchemy.dialects import sqlite

    return sqlite


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows that are not there yet (by any unique key). Nothing is counted: PostgreSQL's driver cannot."""
    if rows:
        connection.execute(_insert_unless_there(table, on_postgresql(connection)), rows)


@lru_cache(maxsize=32)
def _insert_unless_there(table: Table, on_postgresql: bool) -> Insert:
    statement: Insert = _dialect(on_postgresql).insert(table).on_conflict_do_nothing()
    return statement


def insert_once(connection: Connection, table: Table, row: dict[str, Any]) -> int | None:
    """Insert one row and give its id; None when one with the same unique key is there already."""
    statement = (
        _dialect(on_postgresql(connection)).insert(table).values(row).on_conflict_do_nothing().returning(table.c.id)
    )
    new_id: int | None = connection.execute(statement).scalar_one_or_none()
    return new_id


def put(connection: Connection, table: Table, row: dict[str, Any], key: Sequence[str]) -> None:
    """Insert a row, or bring the one with the same ``key`` columns to these values."""
    connection.execute(_insert_or_change(table, on_postgresql(connection), tuple(row), tuple(key)), row)


@lru_cache(maxsize=64)
def _insert_or_change(table: Table, on_postgresql: bool, columns: tuple[str, ...], key: tuple[str, ...]) -> Insert:
    insert = _dialect(on_postgresql).insert(table)
    changes = {name: insert.excluded[name] for name in columns if name not in key}
    statement: Insert = insert.on_conflict_do_update(index_elements=list(key), set_=changes)
    return statement


def skipping_locked(connection: Connection, query: Select[Any]) -> Select[Any]:
    """The candidates of a claim, locked for this transaction; SQLite's writer is alone anyway (``BEGIN IMMEDIATE``)."""
    return query.with_for_update(skip_locked=True) if on_postgresql(connection) else query


def without_rivals(connection: Connection, chosen: Mapping[str, int]) -> dict[str, int]:
    """Of the logs chosen by serial key, those that no other claim is taking or has just taken; never waits.

    PostgreSQL lets two claims choose two logs of one serial key at once: each would then wait for the other's commit.
    """
    if not chosen or not on_postgresql(connection):
        return dict(chosen)
    keys = func.unnest(literal(list(chosen), ARRAY(String))).table_valued("serial_key").render_derived()
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(keys.c.serial_key, 0))
    ours = set(connection.execute(select(keys.c.serial_key).where(lock)).scalars())
    running = select(_LOG.c.serial_key, _LOG.c.id).where(_LOG.c.phase == Phase.SENDING, _LOG.c.serial_key.in_(ours))
    taken = {serial_key for serial_key, log_id in connection.execute(running) if log_id != chosen[serial_key]}
    return {serial_key: log_id for serial_key, log_id in chosen.items() if serial_key in ours - taken}


def being_written(connection: Connection, record_keys: Collection[str]) -> set[str]:
    """The records whose open log another transaction is writing right now; the others stay as they are until we end.

    Whoever waits for a parent must ask this before looking for its id, or the two transactions miss each other.
    """
    if not record_keys or not on_postgresql(connection):
        return set()
    query = select(_LOG.c.record_key).where(_LOG.c.is_open, _LOG.c.record_key.in_(record_keys))
    present = set(connection.execute(query).scalars())
    return present - set(connection.execute(query.with_for_update(read=True, skip_locked=True)).scalars())


def data_version(connection: Connection) -> int:
    """A number that changes when another connection has committed; on PostgreSQL how much the server has written."""
    if on_postgresql(connection):
        written = connection.execute(text("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"))
        return int(written.scalar_one())
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())
