"""When an engine looks again: on time for what it knows of, at once when told, and within one poll whatever is lost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.engine.bench import START
from tests.engine.test_runtime import World, world
from tests.integrations.school import MemorySource, school
from tests.integrations.shop import config_for
from tests.store.conftest import postgres_emptied, postgres_server
from vtexmon.config import EngineSettings
from vtexmon.engine import intake, waking
from vtexmon.engine.waking import POLL, QUIET_POLL, Waker, pause
from vtexmon.sandbox import running_sandbox
from vtexmon.store import claims
from vtexmon.store import waking as store_waking
from vtexmon.store.claims import Outlook
from vtexmon.store.database import Database
from vtexmon.store.waking import Listener, Lost

__all__ = ["postgres_emptied", "postgres_server", "world"]  # fixtures of other suites

GRACE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
NOTHING = Outlook(held_back=False, next_due=None)

RESTS = [
    ("nothing to come", NOTHING, False, POLL),
    ("nothing to come, and it would be told", NOTHING, True, QUIET_POLL),
    ("all hands full", None, True, POLL),
    ("due before the poll", Outlook(False, START + SECOND / 4), False, SECOND / 4),
    ("due before the quiet poll", Outlook(False, START + 3 * SECOND), True, 3 * SECOND),
    ("due after the poll", Outlook(False, START + 3 * SECOND), False, POLL),
    ("due long after the quiet poll", Outlook(False, START + 90 * SECOND), True, QUIET_POLL),
    ("held back by another record", Outlook(True, None), True, POLL),
    ("held back, and something else is due", Outlook(True, START + SECOND / 2), True, SECOND / 2),
    ("due this very moment", Outlook(False, START + timedelta(microseconds=1)), True, SECOND / 50),
]


@pytest.mark.parametrize(("outlook", "told", "rest"), [case[1:] for case in RESTS], ids=[case[0] for case in RESTS])
def test_how_long_it_rests(outlook: Outlook | None, told: bool, rest: timedelta) -> None:
    assert pause(outlook, START, GRACE, told) == rest


def test_a_short_grace_makes_the_poll_short() -> None:
    assert pause(NOTHING, START, SECOND, told=False) == SECOND / 4
    assert pause(NOTHING, START, SECOND / 1000, told=False) == SECOND / 50


@pytest.fixture
def pg_world(postgres_emptied: Any) -> Iterator[World]:
    """``World`` over PostgreSQL, with the waits that are the default."""
    postgres_emptied.empty()
    with running_sandbox() as sandbox:
        found = World.__new__(World)
        found.database = Database(postgres_emptied.url)
        found.sandbox, found.source, found.failures = sandbox, MemorySource(school()), []
        found.config = config_for(sandbox, engine=EngineSettings())
        yield found
        found.database.close()
        assert found.failures == []


@pytest.fixture
def never_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a notice an idle engine would sleep longer than any test waits."""
    hour = timedelta(hours=1)
    monkeypatch.setattr(waking, "QUIET_POLL", hour)


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@contextmanager
def told_engine(world: World) -> Iterator[intake.Intake]:
    """An engine that listens, and has looked and found nothing."""
    with world.engine() as engine:
        hands = engine._intake
        assert hands is not None
        assert hands.waker is not None
        waker = hands.waker
        wait_until(lambda: waker.told)
        yield hands


AN_EXPORT = """
import sys
from datetime import UTC, datetime, timedelta
from vtexmon.core.filters import folded_key, search_text
from vtexmon.store import planning
from vtexmon.store.database import Database
from vtexmon.store.conditions import key_folded

database = Database(sys.argv[1])
key = "nacional;METALMECANICA"
log = planning.NewLog(
    "category|nacional||" + key, "category|nacional||" + key, "category", "Exportação de Dados", 1, 12, "FIC",
    "nacional", "B2C", "sandbox", "CONTA;NOME", key, key_folded(folded_key(key)), "hash", search_text(key), None,
)
due = datetime.now(UTC) + timedelta(seconds=float(sys.argv[2]))
assert database.write_now(lambda c: planning.create_logs(c, [log], due, "outro"))
database.close()
"""


@pytest.mark.postgres
@pytest.mark.usefixtures("never_by_itself")
@pytest.mark.parametrize("seconds", [0, 3], ids=["now", "in three seconds"])
def test_what_another_process_makes_due_is_taken_when_it_is(pg_world: World, seconds: int) -> None:
    with told_engine(pg_world):
        time.sleep(0.5)  # it has gone to rest: for an hour
        url = pg_world.database.url.render_as_string(hide_password=False)
        subprocess.run([sys.executable, "-c", AN_EXPORT, url, str(seconds)], check=True)
        pg_world.wait("SELECT count(*) FROM log WHERE epoch > 0 AND phase = 'idle'", 1)
        assert pg_world.rows("SELECT count(*) FROM log WHERE updated_at < created_at") == [(0,)]


@pytest.mark.postgres
@pytest.mark.usefixtures("never_by_itself")
def test_a_whole_export_of_one_engine_runs_through_while_another_sleeps(pg_world: World) -> None:
    with told_engine(pg_world), pg_world.engine() as exporting:
        assert pg_world.export(exporting).created > 0
        pg_world.wait_for_success()


def listening(world: World, end: bool = False) -> int:
    """How many connections listen; with ``end`` the server ends them, as it does when it is restarted."""
    count = "count(pg_terminate_backend(pid))" if end else "count(*)"
    query = text(f"SELECT {count} FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'")
    return int(world.database.write_now(lambda c: c.execute(query).scalar_one()))


@pytest.mark.postgres
def test_a_listening_connection_that_is_cut_costs_a_poll_and_comes_back_by_itself(
    pg_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waking, "RECONNECT", timedelta(seconds=0.1))
    with told_engine(pg_world) as hands:
        waker = hands.waker
        assert waker is not None
        for _time in range(2):
            assert listening(pg_world, end=True) > 0
            wait_until(lambda: listening(pg_world) == 0)
            wait_until(lambda: waker.told)
        with pg_world.engine() as exporting:
            pg_world.export(exporting)
            pg_world.wait_for_success()
    wait_until(lambda: listening(pg_world) == 0)


def run_waker(body: Callable[[Waker, list[bool]], Awaitable[None]], database: Any = None) -> None:
    async def main() -> None:
        woken: list[bool] = []
        waker = Waker(database, lambda: woken.append(waker.told))
        running = asyncio.ensure_future(waker.run())
        try:
            await body(waker, woken)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert waker.told is False

    asyncio.run(main())


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def test_while_the_server_does_not_answer_it_tries_quietly_and_does_not_count_on_notices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[int] = []

    def refuses(_database: Database) -> Listener:
        tried.append(1)
        raise Lost("connection refused")

    monkeypatch.setattr(store_waking, "listen", refuses)
    monkeypatch.setattr(waking, "RECONNECT", timedelta(seconds=0.01))

    async def body(waker: Waker, woken: list[bool]) -> None:
        await eventually(lambda: len(tried) > 3)
        assert (waker.told, woken) == (False, [])

    run_waker(body)


@pytest.mark.postgres
def test_it_looks_once_when_it_begins_to_listen_and_once_when_it_no_longer_does(pg_world: World) -> None:
    """What was said before the first, or while there was nobody to hear it, is found by these looks."""

    async def body(waker: Waker, woken: list[bool]) -> None:
        await eventually(lambda: waker.told)
        assert woken == [True]
        await asyncio.to_thread(listening, pg_world, end=True)
        await eventually(lambda: not waker.told)
        assert woken == [True, False]

    run_waker(body, pg_world.database)


@pytest.mark.postgres
def test_stopping_while_it_connects_leaves_no_connection(pg_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Listener] = []
    real = store_waking.listen

    def slow(database: Database) -> Listener:
        listener = real(database)
        opened.append(listener)
        time.sleep(0.3)
        return listener

    monkeypatch.setattr(store_waking, "listen", slow)

    async def body(_waker: Waker, _woken: list[bool]) -> None:
        await eventually(lambda: bool(opened))

    run_waker(body, pg_world.database)
    assert [listener._connection.closed for listener in opened] == [True]


def test_on_sqlite_nobody_listens(world: World) -> None:
    with world.engine() as engine:
        assert engine._intake is not None
        assert engine._intake.waker is None


def test_on_sqlite_what_is_due_in_a_moment_is_taken_then(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "POLL", timedelta(hours=1))
    world.config = config_for(world.sandbox, engine=EngineSettings(verify_grace=timedelta(hours=4)))
    soon = datetime.now(UTC) + timedelta(seconds=1.5)
    with world.engine() as engine:
        world.export(engine)
        world.database.write_now(lambda c: c.execute(claims.LOG.update().values(due_at=soon)))
        engine.kick()
        world.wait("SELECT count(*) FROM log WHERE epoch > 0 AND module = 'brand'", 1)
