"""A reader for the first rows of the screen: the driver alone, which is there long before an SQL library is imported.

It only reads a database that is this program's in every respect; of any other it says nothing, and the session that
opens afterwards says what is the matter.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from vtexmon.store.schema import HEAD
from vtexmon.store.sql import SqlConnection, Values, scalar
from vtexmon.store.sqlite_library import file_of, sqlite_driver

T = TypeVar("T")

POSTGRESQL = "postgresql+psycopg://"
WAIT_SECONDS = 2


@dataclass(frozen=True)
class _Dialect:
    name: str


class PlainConnection:
    """A driver's connection as ``store/sql.py`` wants it."""

    def __init__(self, connection: Any, dialect: str) -> None:
        self.dialect = _Dialect(dialect)
        self._connection = connection

    def exec_driver_sql(self, statement: str, parameters: Any = None) -> Any:
        """Run it; the cursor has ``fetchall``."""
        return self._connection.execute(statement, parameters or {})


def read_if_ours(url: str, stage: str | None, work: Callable[[SqlConnection], T]) -> T | None:
    """What ``work`` reads; None where the database is not there, is of another schema or of another stage."""
    try:
        with _connected(url) as connection:
            if connection is None or not _is_ours(connection, stage):
                return None
            return work(connection)
    except Exception:  # whatever it is: the session meets it too, and says it in words
        return None


def _is_ours(connection: SqlConnection, stage: str | None) -> bool:
    if scalar(connection, "SELECT version_num FROM alembic_version") != HEAD:
        return False
    values = Values()
    held = scalar(connection, f"SELECT value FROM meta WHERE key = {values.add('stage')}", values)
    return held == stage if held is not None else stage is None


@contextmanager
def _connected(url: str) -> Iterator[PlainConnection | None]:
    path = file_of(url)
    if path is not None:
        if not os.path.exists(path):
            yield None
            return
        connection = sqlite_driver().connect(path, timeout=WAIT_SECONDS, isolation_level=None)
        connection.execute("PRAGMA query_only=ON")
        dialect = "sqlite"
    elif url.startswith(POSTGRESQL):
        import psycopg

        address = "postgresql://" + url.removeprefix(POSTGRESQL)
        options = f"-c default_transaction_read_only=on -c statement_timeout={WAIT_SECONDS}s"
        connection = psycopg.connect(address, connect_timeout=WAIT_SECONDS, options=options)
        dialect = "postgresql"
    else:
        yield None
        return
    try:
        yield PlainConnection(connection, dialect)
    finally:
        connection.close()
