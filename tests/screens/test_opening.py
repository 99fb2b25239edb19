"""The first rows, before anything heavy is imported; and of which databases they say nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text

from screens import opening
from screens.app import MonitorApp
from screens.session import Session
from screens.view import View
from tests.screens.world import run, session, settled
from vtexmon.config import Config
from vtexmon.core.filters import Filter
from vtexmon.core.status import Status
from vtexmon.store import workers


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Session]:
    with session(tmp_path) as one:
        stage = next(account.stage for account in one.config.accounts.values())
        one.database.write_now(lambda c: workers.claim_stage(c, stage))
        yield one


def first(world: Session, view: View | None = None) -> list[int] | None:
    page = opening.read_first_rows(world.config, view or View()).page.result(timeout=10)
    return None if page is None else [row.id for row in page.rows]


def test_the_first_page_is_there_before_a_session(world: Session) -> None:
    rows = first(world)
    assert rows is not None
    assert rows == sorted(rows, reverse=True)
    assert len(rows) == opening.FIRST_PAGE
    errors = first(world, View(Filter(statuses=frozenset({Status.ERROR}))))
    assert errors is not None
    assert set(errors) < set(rows)


def test_of_another_schema_stage_or_place_nothing_is_said(world: Session, tmp_path: Path) -> None:
    missing = replace(world.config, database_url=f"sqlite:///{tmp_path / 'nothing.db'}")
    assert opening.read_first_rows(missing, View()).page.result(timeout=10) is None
    assert not (tmp_path / "nothing.db").exists()
    world.database.write_now(lambda c: c.execute(text("INSERT OR REPLACE INTO meta VALUES ('stage', 'another')")))
    assert first(world) is None
    world.database.write_now(lambda c: c.execute(text("DELETE FROM meta WHERE key = 'stage'")))
    world.database.write_now(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '0001'")))
    assert first(world) is None


def test_the_first_rows_import_no_sql_library_and_no_engine(world: Session) -> None:
    program = (
        "import sys; import screens.app; from screens import opening; from screens.view import View;"
        "from vtexmon.config import Config; config = Config(database_url=sys.argv[1]);"
        "opening.read_first_rows(config, View()).page.result(10);"
        "print([name for name in ('sqlalchemy', 'pydantic', 'httpx', 'apscheduler') if name in sys.modules])"
    )
    url = world.config.database_url
    told = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["[]"]


def test_keys_before_there_is_a_session_move_and_do_nothing_else(world: Session) -> None:
    """A mark or an opened row needs what only the session has."""
    may_open = Event()

    def open_late(_config: Config, _read_only: bool) -> Session:
        assert may_open.wait(30)
        return world

    async def use() -> None:
        first = opening.read_first_rows(world.config, View())
        first.page.result(timeout=10)
        app = MonitorApp(world.config, with_engine=False, open_session=open_late, first=first)
        async with app.run_test(size=(80, 24)) as pilot:
            table = app.monitor.table
            newest = table.cursor
            await pilot.press("space", "enter", "v", "a", "shift+down", "down")
            assert (app.screen, table.cursor) == (app.monitor, (newest or 0) - 1)
            may_open.set()
            await app.monitor.surveyed.wait()
            await settled(pilot)
            assert not table.in_range
            await pilot.press("space")
            assert app.monitor.is_marked((newest or 0) - 1)

    run(use())


def test_what_was_committed_after_the_first_rows_were_read_is_shown(world: Session) -> None:
    first = opening.read_first_rows(world.config, View())
    page = first.page.result(timeout=10)
    assert page is not None
    newest = page.rows[0].id
    world.database.write_now(
        lambda c: c.execute(text(f"UPDATE log SET status = 'Cancelado', message = 'mudou' WHERE id = {newest}"))
    )

    async def use() -> None:
        app = MonitorApp(world.config, with_engine=False, open_session=lambda *_: world, first=first)
        async with app.run_test(size=(80, 24)) as pilot:
            await app.monitor.surveyed.wait()
            await settled(pilot)
            assert app.monitor.feed.records[newest].message == "mudou"

    run(use())
