"""Connections: one writer thread with group commit, a few read-only readers; the same on SQLite and PostgreSQL.

Why: SQLAlchemy's default transaction mode on SQLite lost 625 of 800 read-modify-writes without one error
(reference/engine.md 2.4). So the driver is in autocommit and every writer transaction starts with ``BEGIN IMMEDIATE``;
readers are ``query_only``. Waiting for the disk is shared: jobs that queue up while one commit runs go into the next.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from vtexmon.errors import Unreachable, UsageError
from vtexmon.i18n import _
from vtexmon.store.sqlite_library import sqlite_driver

T = TypeVar("T")
Work = Callable[[Connection], T]

_GROUP = 64
_READERS = 4


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL; None for other databases and for memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


class Database:
    """One database. ``write`` is asynchronous (a future), ``read`` is not; both take a function over a connection.

    Raises ``Unreachable`` when the database cannot be opened. Close it, else the writer thread keeps the process alive.
    """

    def __init__(self, url: str, application: str = "vtexmon") -> None:
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        if self.dialect not in ("sqlite", "postgresql"):
            raise UsageError(
                _("banco de dados «{0}» não é suportado; use sqlite ou postgresql+psycopg").format(self.dialect)
            )
        self._application = application
        self._writer = _Writer(_engine(self.url, "writer", application), _GROUP)
        self._apart: _Writer | None = self._writer if self.is_sqlite else None
        self._reader_engine = _engine(self.url, "reader", application)
        self._starting = threading.Lock()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.dialect == "sqlite"

    def read(self, work: Work[T]) -> T:
        """Run ``work`` in a read-only transaction of its own, in the calling thread."""
        with self._reader_engine.connect() as connection:
            return work(connection)

    def write(self, work: Work[T]) -> Future[T]:
        """Queue ``work`` for the writer; the future is done after the commit. A failing one undoes only itself."""
        return self._writer.put(work)

    def write_now(self, work: Work[T]) -> T:
        """``write`` and wait for the commit."""
        return self.write(work).result()

    def write_apart(self, work: Work[T]) -> Future[T]:
        """``write`` for rows that every process wants and that nobody needs after a power cut.

        On PostgreSQL it is a transaction of its own that does not wait for the disk, so that its row locks are short.
        """
        with self._starting:
            if self._apart is None:
                self._apart = _Writer(_engine(self.url, "apart", self._application), 1)
        return self._apart.put(work)

    def exclusively(self, work: Work[T]) -> T:
        """Run ``work`` on the writer's engine in a transaction of its own, outside the queue: for migrations only."""
        with self._writer.engine.begin() as connection:
            return work(connection)

    def close(self) -> None:
        """Finish what is queued and let go of the connections."""
        self._writer.close()
        if self._apart is not None:
            self._apart.close()
        self._reader_engine.dispose()


class _Writer:
    """A thread, its connection and its queue: what queues up during a commit goes into the next, ``group`` at most."""

    def __init__(self, engine: Engine, group: int) -> None:
        self.engine = engine
        self._group = group
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="vtexmon-writer", daemon=True)
        self._thread.start()

    def put(self, work: Work[T]) -> Future[T]:
        """Queue a closure; the future is done after the commit."""
        future: Future[T] = Future()
        with self._closing:  # nothing may come behind the end mark: nobody would ever run or tell it
            if not self._closed:
                self._jobs.put(_Job(work, future))
                return future
        future.set_exception(RuntimeError("the database is closed"))
        return future

    def close(self) -> None:
        """Finish what is queued; once."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._thread.join()
        self.engine.dispose()

    def _run(self) -> None:
        running = True
        while running:
            jobs = [self._jobs.get()]
            while len(jobs) < self._group and not self._jobs.empty():
                jobs.append(self._jobs.get())
            running = None not in jobs
            self._commit([job for job in jobs if job is not None])

    def _commit(self, jobs: list[_Job]) -> None:
        if not jobs:
            return
        try:
            with self.engine.begin() as connection:
                for job in jobs:
                    job.attempt(connection)
        except BaseException as error:
            self._undone(jobs, error)
            return
        for job in jobs:
            job.tell()

    def _undone(self, jobs: list[_Job], error: BaseException) -> None:
        """Nobody's work is in: one job failed, or the transaction was lost (disk full, deadlock, cut connection).

        The neighbours are run again, each by itself. A savepoint for each would spare them that, but every job would
        pay for it, and jobs seldom fail.
        """
        if len(jobs) == 1 or not (isinstance(error, DBAPIError) or any(job.error for job in jobs)):
            for job in jobs:
                job.fail(error)
            return
        for job in jobs:
            if job.error is None:
                self._commit([job])
            else:
                job.tell()


class _Job:
    """A closure on its way through the writer; its result is told only after the commit."""

    def __init__(self, work: Work[Any], future: Future[Any]) -> None:
        self.work = work
        self.future = future
        self.result: Any = None
        self.error: BaseException | None = None

    def attempt(self, connection: Connection) -> None:
        """Do the work; an error of its own stays with it, one of the connection concerns the whole transaction."""
        try:
            self.result = self.work(connection)
        except OperationalError:
            raise
        except BaseException as error:  # also a crash that a test stages: the neighbours are not to blame
            self.error = error
            raise

    def fail(self, error: BaseException) -> None:
        self.error = error
        self.tell()

    def tell(self) -> None:
        if self.future.cancelled() or not self.future.set_running_or_notify_cancel():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


def _engine(url: URL, role: str, application: str) -> Engine:
    if url.get_backend_name() == "postgresql":
        return _postgres_engine(url, role, application)
    path = sqlite_path(url.render_as_string(hide_password=False))
    if path is not None and not path.parent.is_dir():
        raise Unreachable(_("a pasta do banco de dados não existe: {0}").format(path.parent))
    size = 1 if role == "writer" else _READERS
    engine = create_engine(
        url, module=sqlite_driver(), pool_size=size, max_overflow=0, connect_args={"check_same_thread": False}
    )
    event.listen(engine, "connect", _reader_connected if role == "reader" else _writer_connected)
    event.listen(engine, "begin", _begin_read if role == "reader" else _begin_write)
    return engine


_POSTGRES_OPTIONS = {
    "writer": "",
    "reader": " -c default_transaction_read_only=on",
    "apart": " -c synchronous_commit=off",
}


def _postgres_engine(url: URL, role: str, application: str) -> Engine:
    options = (
        "-c timezone=UTC -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s -c statement_timeout=60s"
        + _POSTGRES_OPTIONS[role]
    )
    return create_engine(
        url,
        pool_size=_READERS if role == "reader" else 1,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"options": options, "application_name": application, "connect_timeout": 10},
    )


def _pragmas(connection: Any, *pragmas: str) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; _begin_* do
    cursor = connection.cursor()
    for pragma in ("busy_timeout=10000", "foreign_keys=ON", "mmap_size=0", *pragmas):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _writer_connected(connection: Any, _record: Any) -> None:
    _pragmas(connection, "journal_mode=WAL", "synchronous=FULL")


def _reader_connected(connection: Any, _record: Any) -> None:
    _pragmas(connection, "query_only=ON", "cache_size=-16000")


def _begin_write(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_read(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
