import subprocess
import sys
import warnings
from datetime import datetime
from importlib import resources

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlmodel import SQLModel

from vtexmon.errors import UsageError
from vtexmon.store import migrate, schema, targets
from vtexmon.store.database import Database
from vtexmon.store.models import Log
from vtexmon.store.rows import LOG
from vtexmon.store.sqlite_library import sqlite_driver

ONLY_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
TODAY, LATER, NEWER = schema.HEAD, "9998", "9999"


@pytest.fixture
def older(monkeypatch):
    """This program one revision later, so that a database at today's is an older one."""
    monkeypatch.setattr(migrate, "HEAD", LATER)


def tables(database):
    return database.read(lambda c: set(migrate.inspect(c).get_table_names()))


def revision(database):
    return database.read(migrate.current)


def backups(url):
    folder = migrate.sqlite_path(url).parent
    return sorted(folder.glob("vtexmon.db.antes-da-*"))


def set_meta(database, key, value):
    def work(connection):
        connection.execute(text("DELETE FROM meta WHERE key = :key"), {"key": key})
        connection.execute(text("INSERT INTO meta (key, value) VALUES (:key, :value)"), {"key": key, "value": value})

    database.write_now(work)


def set_revision(database, number):
    database.write_now(lambda c: c.execute(text("UPDATE alembic_version SET version_num = :n"), {"n": number}))


def test_an_empty_database_gets_the_schema(empty_url, opened, now):
    database = opened(empty_url)
    assert (revision(database), migrate.upgrade(database, now), revision(database)) == (None, None, schema.HEAD)
    assert {table.name for table in SQLModel.metadata.tables.values()} <= tables(database)


def test_the_second_time_there_is_nothing_to_do(empty_url, opened, now):
    migrate.upgrade(opened(empty_url), now)
    database = opened(empty_url)
    database.exclusively = None
    assert migrate.upgrade(database, now) == schema.HEAD


def test_head_is_the_newest_revision_that_ships():
    scripts = ScriptDirectory(str(resources.files("vtexmon.store") / "migrations"))
    assert scripts.get_heads() == [schema.HEAD]


def test_revisions_ship_with_the_package():
    shipped = resources.files("vtexmon.store.migrations")
    assert (shipped / "env.py").is_file()
    assert (shipped / "versions" / "r0001_initial.py").is_file()


def test_several_threads_at_once_all_end_well(empty_url, opened, at_once, now):
    databases = [opened(empty_url) for _number in range(3)]
    found = at_once(lambda database: migrate.upgrade(database, now), databases)
    assert set(found) <= {None, schema.HEAD}
    assert [revision(database) for database in databases] == [schema.HEAD] * 3


A_PROCESS = """
import sys
from datetime import datetime, UTC
from vtexmon.store import migrate, targets
from vtexmon.store.database import Database

database = Database(sys.argv[1])
sys.stdin.readline()
migrate.upgrade(database, datetime.now(UTC))
database.close()
"""


def test_several_processes_at_once_all_end_well_and_each_revision_runs_once(empty_url, opened):
    command = [sys.executable, "-c", A_PROCESS, empty_url]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, text=True) for _number in range(3)]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.close()
    assert [process.wait(30) for process in processes] == [0, 0, 0]  # a second CREATE TABLE would have failed
    assert revision(opened(empty_url)) == schema.HEAD


def test_a_schema_that_only_newer_programs_read_is_refused(store, now):
    set_meta(store.database, "min_reader", str(schema.READS_SCHEMA + 1))
    with pytest.raises(UsageError, match="mais novo"):
        migrate.upgrade(store.database, now)


def test_a_newer_schema_that_this_program_can_read_is_used_as_it_is(store, now):
    set_revision(store.database, NEWER)
    assert migrate.upgrade(store.database, now) == schema.HEAD
    assert revision(store.database) == NEWER


def test_a_failed_revision_leaves_nothing_behind(empty_url, opened, now, monkeypatch):
    database = opened(empty_url)

    def fails(connection):
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise RuntimeError("cut off")

    monkeypatch.setattr(migrate, "_run_revisions", fails)
    with pytest.raises(RuntimeError, match="cut off"):
        migrate.upgrade(database, now)
    assert tables(database) == set()


@ONLY_SQLITE
def test_an_existing_file_is_copied_before_its_schema_changes(store, older, now):
    store.log(key_values="1;12;KEPT")
    assert migrate.upgrade(store.database, now) == TODAY
    (copy,) = backups(store.url)
    assert copy.name == f"vtexmon.db.antes-da-{TODAY}.20261124172500"
    rows = sqlite_driver().connect(str(copy)).execute("SELECT key_values FROM log").fetchall()
    assert rows == [("1;12;KEPT",)]


def test_the_first_schema_with_its_rows_comes_to_todays(empty_url, opened, now):
    database = opened(empty_url)
    database.exclusively(lambda c: migrate._run_revisions(c, "0001"))
    paused = "INSERT INTO target VALUES ('nacional', '*', 'paused', NULL, 0, 'ana', 1, 'ana')"
    database.write_now(lambda c: c.execute(text(paused)))
    assert migrate.upgrade(database, now) == "0001"
    assert [state.account for state in database.read(targets.closed)] == ["nacional"]
    assert database.exclusively(differences) == []


@ONLY_SQLITE
def test_no_copy_is_made_of_a_new_file_or_when_nothing_changes(empty_url, opened, now):
    database = opened(empty_url)
    migrate.upgrade(database, now)
    migrate.upgrade(database, now)
    assert backups(empty_url) == []


@ONLY_SQLITE
def test_the_copy_is_of_the_old_schema_even_when_another_process_upgrades_meanwhile(store, another, older, now):
    work_exclusively = store.database.exclusively

    def another_was_quicker(work):
        set_revision(another.database, LATER)
        return work_exclusively(work)

    store.database.exclusively = another_was_quicker
    assert migrate.upgrade(store.database, now) == LATER
    assert backups(store.url) == []


def test_alembic_is_imported_only_when_there_is_something_to_do(store):
    program = (
        "import sys; from datetime import datetime, UTC; from vtexmon.store import migrate;"
        "from vtexmon.store.database import Database; database = Database(sys.argv[1]);"
        "print(migrate.upgrade(database, datetime.now(UTC)), 'alembic' in sys.modules); database.close()"
    )
    said = subprocess.run([sys.executable, "-c", program, store.url], capture_output=True, text=True, check=True).stdout
    assert said.split() == [schema.HEAD, "False"]


SEARCH = "log_search"


def of_a_model(_object, name, _kind, reflected, _to):
    """Leave out what no model tells of: the words of the logs (FTS tables, indexes over expressions)."""
    unmodelled = reflected and str(name).startswith((SEARCH, "ix_log_search", "alembic_version"))
    return not unmodelled and name != "ix_log_record_bytes"  # made on PostgreSQL only


def differences(connection):
    options = {"include_object": of_a_model, "compare_type": True, "compare_server_default": True}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an index over an expression cannot be reflected
        return compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata)


def test_the_models_are_what_the_migrations_make(store):
    assert store.database.exclusively(differences) == []


def index_texts(database):
    """Every index of a model's table with its condition, which alembic does not compare."""
    query = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    }[database.dialect]
    texts = database.read(lambda c: {" ".join(row[0].split()) for row in c.execute(text(query))})
    return {definition for definition in texts if SEARCH not in definition and "alembic" not in definition}


def test_the_models_indexes_are_what_the_migrations_make(store, empty_url, opened, tmp_path, backend):
    modelled = opened(f"sqlite:///{tmp_path / 'modelled.db'}" if backend == "sqlite" else empty_url)
    modelled.exclusively(SQLModel.metadata.create_all)
    assert index_texts(modelled) == index_texts(store.database)
    assert len(index_texts(modelled)) >= len(Log.__table__.indexes)


def test_a_moment_survives_to_the_microsecond_and_in_utc(store):
    moment = datetime.fromisoformat("2026-11-24T14:25:03.000001-03:00")
    row = store.row(store.log(created_at=moment))
    assert (row.created_at, row.created_at.tzinfo) == (moment, datetime.fromisoformat("2026-01-01T00:00Z").tzinfo)


def test_a_moment_without_a_zone_is_refused(store):
    with pytest.raises(Exception, match="time zone"):
        store.write(lambda c: c.execute(LOG.update().values(created_at=datetime(2026, 1, 1))))


def test_what_a_process_wrote_another_reads(store, opened):
    log_id = store.log()
    database: Database = opened(store.url)
    assert database.read(lambda c: c.execute(LOG.select().where(LOG.c.id == log_id)).one()).id == log_id
