"""A database that falls over while a command runs: the worker goes on, whoever waits waits on, and it is no defect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from tests.support import Station
from vtexmon.cli import running
from vtexmon.cli.context import database_of
from vtexmon.cli.events import Events
from vtexmon.config import Config
from vtexmon.engine.facts import ScheduleChanged
from vtexmon.errors import Unreachable
from vtexmon.sandbox import running_sandbox
from vtexmon.store.database import Database
from vtexmon.store.settling import command_members

GONE = OperationalError("SELECT 1", {}, Exception("server closed the connection unexpectedly"))


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Config]:
    with running_sandbox() as sandbox:
        yield Station.create(tmp_path, sandbox).config()


@pytest.fixture
def database(config: Config) -> Iterator[Database]:
    with database_of(config) as found:
        yield found


@pytest.fixture
def fails(database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[int]]:
    """The next so many reads fail; gives the list that grows with each."""
    original = database.read

    def times(number: int) -> list[int]:
        failed: list[int] = []

        def read(work: Any) -> Any:
            if len(failed) < number:
                failed.append(1)
                raise GONE
            return original(work)

        monkeypatch.setattr(database, "read", read)
        return failed

    return times


def test_an_event_that_cannot_be_told_does_not_end_the_worker(
    config: Config, database: Database, fails: Callable[[int], list[int]]
) -> None:
    events, failed = Events(config, database), fails(1)
    events.hear(ScheduleChanged("resend"))
    events.hear(ScheduleChanged("resend"))

    events.tell()

    assert failed == [1]


def test_whoever_waits_goes_on_waiting_when_the_database_comes_again(
    database: Database, fails: Callable[[int], list[int]]
) -> None:
    failed = fails(3)

    assert running.wait_until_settled(database, command_members("nobody"), timedelta(seconds=30), "exportando")

    assert len(failed) == 3


def test_a_database_that_stays_away_is_told_after_a_while(
    database: Database, fails: Callable[[int], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "DATABASE_PATIENCE", 0.3)
    fails(1_000_000)

    with pytest.raises(OperationalError):
        running.wait_until_settled(database, command_members("nobody"), timedelta(seconds=30), "exportando")


def test_a_database_that_is_lost_on_the_way_is_unreachable_and_no_defect(config: Config) -> None:
    with pytest.raises(Unreachable, match="server closed the connection"), database_of(config):
        raise GONE
