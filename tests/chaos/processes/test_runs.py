"""Short runs of the chaos between processes, and each trouble for itself. ``make chaos`` runs the long ones.

The seed is printed; ``VTEXMON_TEST_SEED`` replays what was drawn from it.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.processes.databases import (
    NoPostgres,
    NoTinyDisk,
    PostgresServer,
    SqliteFile,
    postgres_server,
    tiny_disk,
)
from tests.chaos.processes.programs import OLDER_VERSION, Program, older_program
from tests.chaos.processes.result import Order, Result, told
from tests.chaos.processes.run import run
from vtexmon import __version__

pytestmark = [pytest.mark.chaos, pytest.mark.xdist_group("process-chaos")]

FEW = 120
PROGRAM = Program()


@pytest.fixture
def seed() -> int:
    return int(os.environ.get("VTEXMON_TEST_SEED") or random.SystemRandom().randrange(10**6))


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    try:
        with postgres_server() as found:
            yield found
    except NoPostgres as why:
        pytest.skip(str(why))


@pytest.fixture
def folder(memory_folder: Path, request: pytest.FixtureRequest) -> Path:
    found = memory_folder / str(request.node.name)
    found.mkdir()
    return found


def an_order(seed: int, *troubles: str, faulty: bool = False, older: bool = False) -> Order:
    print(f"VTEXMON_TEST_SEED={seed}")  # noqa: T201 - to be replayed
    return Order(seed, FEW, 3.0, frozenset(troubles), faulty, older, max_attempts=5 if faulty else 2)


def check(result: Result) -> None:
    assert result.clean, "\n".join([*told(result), *result.last_words])


def test_everything_at_once_on_sqlite(folder: Path, seed: int) -> None:
    result = run(an_order(seed, "kill", "freeze", "disk", faulty=True, older=True), _file(folder), folder, PROGRAM)
    check(result)
    assert result.done["kills"] > 0
    assert result.faults(), "no fault was hit"


@pytest.mark.postgres
def test_everything_at_once_on_postgresql(folder: Path, seed: int, server: PostgresServer) -> None:
    order = an_order(seed, "kill", "freeze", "restart", "cut", faulty=True, older=True)
    with server.database() as base:
        result = run(order, base, folder, PROGRAM)
    check(result)
    assert result.done["kills"] > 0
    assert result.faults(), "no fault was hit"


def test_a_process_that_slept_longer_than_its_lease_does_no_harm(folder: Path, seed: int) -> None:
    result = run(an_order(seed, "freeze"), _file(folder), folder, PROGRAM)
    check(result)
    assert result.done["stops"] > 0


def test_a_process_that_may_not_write_to_the_disk_loses_nothing(folder: Path, seed: int) -> None:
    result = run(an_order(seed, "disk"), _file(folder), folder, PROGRAM)
    check(result)
    assert result.done["full disks"] == 1


def test_a_full_disk_loses_nothing(folder: Path, seed: int) -> None:
    try:
        with tiny_disk(folder / "disk") as disk:
            base = SqliteFile(disk.folder / "vtexmon.db", disk)
            result = run(an_order(seed, "disk"), base, folder, PROGRAM)
    except NoTinyDisk as why:
        pytest.skip(str(why))
    check(result)
    assert any("full" in line for line in result.heard), "no process met the full disk"


@pytest.mark.postgres
def test_a_database_server_that_falls_over_loses_nothing(folder: Path, seed: int, server: PostgresServer) -> None:
    if not server.is_ours:
        pytest.skip("the PostgreSQL of VTEXMON_TEST_PG_URL is not ours to restart")
    with server.database() as base:
        result = run(an_order(seed, "restart", "cut"), base, folder, PROGRAM)
    check(result)
    assert result.done["restarts"] == 1


def test_two_versions_work_on_one_database(folder: Path, seed: int) -> None:
    (folder / "probe").mkdir()
    if older_program(folder / "probe", PROGRAM) is None:
        pytest.skip("there is only one migration yet, so no program is older than the schema")
    result = run(an_order(seed, older=True), _file(folder), folder, PROGRAM)
    check(result)
    assert result.versions == {__version__, OLDER_VERSION}


def _file(folder: Path) -> SqliteFile:
    return SqliteFile(folder / "vtexmon.db")
