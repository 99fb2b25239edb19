import subprocess
import sys
import threading
from concurrent.futures import Future

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from vtexmon.errors import Unreachable, UsageError
from vtexmon.store import database as database_module
from vtexmon.store.database import Database, sqlite_path

ONLY_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
ONLY_POSTGRESQL = pytest.mark.parametrize(
    "backend", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def counter(store):
    """A database with a table ``counter`` that holds one number, 0."""
    store.write(lambda c: c.execute(text("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER UNIQUE)")))
    store.write(lambda c: c.execute(text("INSERT INTO counter VALUES (1, 0)")))
    return store


def value(store):
    return store.read(lambda c: c.execute(text("SELECT n FROM counter WHERE id = 1")).scalar_one())


def add(number, n):
    def work(connection):
        connection.execute(text("INSERT INTO counter VALUES (:id, :n)"), {"id": number, "n": n})
        return number

    return work


def rows(store):
    return store.read(lambda c: [tuple(row) for row in c.execute(text("SELECT id, n FROM counter ORDER BY id"))])


def increment(connection):
    # PostgreSQL lets others write between look and touch unless the row is locked; SQLite's writer is alone anyway
    lock = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
    number = connection.execute(text(f"SELECT n FROM counter WHERE id = 1{lock}")).scalar_one()
    connection.execute(text("UPDATE counter SET n = :n WHERE id = 1"), {"n": number + 1})


A_PROCESS = """
import sys
from sqlalchemy import text
from vtexmon.store.database import Database

def increment(connection):
    lock = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
    number = connection.execute(text(f"SELECT n FROM counter WHERE id = 1{lock}")).scalar_one()
    connection.execute(text("UPDATE counter SET n = :n WHERE id = 1"), {"n": number + 1})

database = Database(sys.argv[1])
for _time in range(20):
    database.write_now(increment)
database.close()
"""


@pytest.fixture
def held_group(store):
    """Fill the writer's queue while it is busy, so that what is queued becomes one group; gives the futures."""

    def run(*works):
        busy, go_on = threading.Event(), threading.Event()
        first = store.database.write(lambda _c: (busy.set(), go_on.wait(5)))
        busy.wait(5)
        futures = [store.database.write(work) for work in works]
        go_on.set()
        first.result(5)
        return futures

    return run


def test_no_update_is_lost_between_threads_of_one_process(counter, at_once):
    at_once(lambda _n: [counter.write(increment) for _time in range(25)], range(8))
    assert value(counter) == 200


def test_no_update_is_lost_between_databases(counter, opened, at_once):
    processes = [opened(counter.url) for _number in range(4)]
    at_once(lambda one: [one.write_now(increment) for _time in range(15)], processes)
    assert value(counter) == 60


def test_no_update_is_lost_between_processes(counter):
    processes = [subprocess.Popen([sys.executable, "-c", A_PROCESS, counter.url]) for _number in range(2)]
    assert [process.wait(30) for process in processes] == [0, 0]
    assert value(counter) == 40


BEGINS = {
    "as it is": None,
    "deferred": lambda connection: connection.exec_driver_sql("BEGIN"),
    "none at all": lambda connection: None,
}


@ONLY_SQLITE
@pytest.mark.parametrize("begin", BEGINS)
def test_updates_are_only_safe_because_a_writer_begins_immediate(counter, opened, monkeypatch, begin):
    if BEGINS[begin] is not None:
        monkeypatch.setattr(database_module, "_begin_write", BEGINS[begin])
    slow, quick = opened(counter.url), opened(counter.url)
    looked, other_done = threading.Event(), threading.Event()

    def slowly(connection):
        number = connection.execute(text("SELECT n FROM counter WHERE id = 1")).scalar_one()
        looked.set()
        other_done.wait(0.4)
        connection.execute(text("UPDATE counter SET n = :n WHERE id = 1"), {"n": number + 1})

    one = slow.write(slowly)
    looked.wait(5)
    two = quick.write(increment)
    two.add_done_callback(lambda _future: other_done.set())
    errors = [future.exception(10) for future in (one, two)]

    safe = errors == [None, None] and value(counter) == 2
    assert safe is (begin == "as it is")
    if begin == "deferred":
        assert isinstance(errors[0], OperationalError)
    if begin == "none at all":
        assert (errors, value(counter)) == ([None, None], 1)


def test_readers_cannot_write(counter):
    with pytest.raises(DBAPIError):
        counter.read(lambda c: c.execute(text("UPDATE counter SET n = 7")))
    assert value(counter) == 0


def test_a_reader_sees_nothing_of_an_open_transaction(counter):
    seen = []

    def work(connection):
        increment(connection)
        seen.append(value(counter))

    counter.write(work)
    assert (seen, value(counter)) == ([0], 1)


def test_a_failing_write_in_a_group_undoes_only_itself(counter, held_group):
    def fails_late(connection):
        add(7, 7)(connection)
        raise ValueError("after its insert")

    good, bad, constraint, other = held_group(add(2, 2), fails_late, add(8, 2), add(3, 3))
    assert (good.result(5), other.result(5)) == (2, 3)
    assert isinstance(bad.exception(5), ValueError)
    assert isinstance(constraint.exception(5), IntegrityError)
    assert rows(counter) == [(1, 0), (2, 2), (3, 3)]


def test_a_failing_write_alone_undoes_itself_and_the_next_one_works(counter):
    def fails_late(connection):
        add(7, 7)(connection)
        raise ValueError("after its insert")

    with pytest.raises(ValueError, match="after its insert"):
        counter.write(fails_late)
    assert counter.write(add(2, 2)) == 2
    assert rows(counter) == [(1, 0), (2, 2)]


def test_even_a_crash_in_a_group_undoes_only_itself(counter, held_group):
    class Crash(BaseException):
        pass

    def crashes(connection):
        add(7, 7)(connection)
        raise Crash

    good, crash, other = held_group(add(2, 2), crashes, add(3, 3))
    assert (good.result(5), other.result(5)) == (2, 3)
    assert isinstance(crash.exception(5), Crash)
    assert rows(counter) == [(1, 0), (2, 2), (3, 3)]


def test_a_group_is_one_transaction(counter, held_group, another):
    seen = []
    first, last = held_group(add(2, 2), lambda _c: seen.append(rows(another)))
    assert (first.result(5), last.result(5)) == (2, None)
    assert seen == [[(1, 0)]]


def test_results_are_told_after_the_commit(counter):
    seen: Future[list[tuple[int, int]]] = Future()

    def work(connection):
        future.add_done_callback(lambda _future: seen.set_result(rows(counter)))
        return add(2, 2)(connection)

    go_on = threading.Event()
    counter.database.write(lambda _c: go_on.wait(5))
    future = counter.database.write(work)
    go_on.set()
    assert seen.result(5) == [(1, 0), (2, 2)]


def test_when_a_group_is_lost_as_a_whole_each_write_is_tried_alone(counter, held_group):
    tries = []

    def lost_once(connection):
        tries.append(connection)
        if len(tries) == 1:
            raise OperationalError("the disk was full", None, Exception())

    first, odd, last = held_group(add(2, 2), lost_once, add(3, 3))
    assert (first.result(5), odd.result(5), last.result(5)) == (2, None, 3)
    assert rows(counter) == [(1, 0), (2, 2), (3, 3)]


@ONLY_POSTGRESQL
def test_a_connection_that_the_server_cuts_costs_only_the_write_that_was_on_it(counter, held_group):
    cut = "SELECT pg_terminate_backend(pg_backend_pid())"
    first, bad, last = held_group(add(2, 2), lambda c: c.execute(text(cut)), add(3, 3))
    assert (first.result(10), last.result(10)) == (2, 3)
    assert isinstance(bad.exception(10), OperationalError)
    assert rows(counter) == [(1, 0), (2, 2), (3, 3)]


def test_writes_run_in_the_order_they_were_given(counter):
    ran = []
    futures = [counter.database.write(lambda _c, number=number: ran.append(number)) for number in range(200)]
    futures[-1].result(5)
    assert ran == list(range(200))


def test_closing_finishes_what_is_queued(counter, opened):
    database = opened(counter.url)
    futures = [database.write(add(number, number)) for number in range(2, 150)]
    database.close()
    assert [future.result(0) for future in futures] == list(range(2, 150))
    assert len(rows(counter)) == 149


def test_a_write_that_meets_the_closing_is_done_or_refused_but_never_forgotten(counter, opened):
    database = opened(counter.url)
    queue, closer = database._writer._jobs, threading.Thread(target=database.close)

    class Slow:
        """The queue as ``write`` meets it when the closing begins between its look and its put."""

        def put(self, job):
            if job is not None:
                closer.start()
                closer.join(0.3)
            queue.put(job)

        get, empty = queue.get, queue.empty

    database._writer._jobs = Slow()
    future = database.write(add(2, 2))
    try:
        assert future.exception(3) is None or isinstance(future.exception(), RuntimeError)
    finally:
        closer.join(5)


def test_a_closed_database_refuses(counter, opened):
    database = opened(counter.url)
    database.close()
    database.close()
    with pytest.raises(RuntimeError):
        database.write_now(increment)
    assert database._writer._thread.is_alive() is False


def test_a_cancelled_write_harms_nobody(counter):
    go_on = threading.Event()
    counter.database.write(lambda _c: go_on.wait(5))
    cancelled, next_one = counter.database.write(add(2, 2)), counter.database.write(add(3, 3))
    assert cancelled.cancel()
    go_on.set()
    assert next_one.result(5) == 3


@ONLY_SQLITE
def test_a_writer_is_durable_and_checks_foreign_keys(store):
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "mmap_size")
    held = store.write(lambda c: [c.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas])
    assert held == ["wal", 2, 1, 10_000, 0]


@ONLY_POSTGRESQL
def test_every_connection_has_its_limits_and_says_who_it_is(store):
    names = ("TimeZone", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "application_name")
    held = store.write(lambda c: [c.execute(text(f"SHOW {name}")).scalar_one() for name in names])
    assert held == ["UTC", "10s", "1min", "1min", "vtexmon"]


def test_a_folder_that_does_not_exist_is_told(tmp_path):
    with pytest.raises(Unreachable, match="nowhere"):
        Database(f"sqlite:///{tmp_path / 'nowhere' / 'vtexmon.db'}")


def test_other_databases_are_refused():
    with pytest.raises(UsageError, match="mysql"):
        Database("mysql://localhost/x")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////var/lib/vtexmon.db", "/var/lib/vtexmon.db"),
        ("sqlite:///vtexmon.db", "vtexmon.db"),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("postgresql+psycopg://host/db", None),
    ],
)
def test_the_file_of_a_url(url, path):
    assert (None if path is None else str(sqlite_path(url))) == path
