from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.memory_vtex import Fault
from tests.chaos.simulation import Simulate, Simulation
from tests.engine.bench import copy_of, make_template
from tests.store.conftest import EmptiedDatabase, postgres_emptied, postgres_server

__all__ = ["postgres_emptied", "postgres_server"]  # fixtures of another suite

MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def memory_folder() -> Iterator[Path]:
    """A folder whose disk does not wait, where there is one: thousands of commits are not what is measured here."""
    folder = Path(tempfile.mkdtemp(prefix="vtexmon-", dir=MEMORY if MEMORY.is_dir() else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(memory_folder: Path) -> Path:
    return make_template(memory_folder)


@pytest.fixture
def simulate(memory_folder: Path, template: Path) -> Iterator[Simulate]:
    """A new world each time; its file is gone with the next one's test."""
    folder, numbers = Path(tempfile.mkdtemp(dir=memory_folder)), itertools.count()

    def new_file() -> str:
        return f"sqlite:///{copy_of(template, folder, f'{next(numbers)}.db')}"

    with closing_all(new_file) as build:
        yield build
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def simulate_on_postgresql(postgres_emptied: EmptiedDatabase) -> Iterator[Simulate]:
    """A new world each time, in the one database, emptied."""

    def emptied() -> str:
        postgres_emptied.empty()  # type: ignore[no-untyped-call]
        return postgres_emptied.url

    with closing_all(emptied) as build:
        yield build


@contextmanager
def closing_all(new_database: Callable[[], str]) -> Iterator[Simulate]:
    made: list[Simulation] = []

    def build(faults: dict[int, Fault] | None = None, **changes: Any) -> Simulation:
        made.append(Simulation(new_database(), faults or {}, **changes))
        return made[-1]

    yield build
    for simulation in made:
        simulation.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The list of the guards, where they were what was asked for."""
    passed = terminalreporter.stats.get("passed", [])
    if all("test_mutations" in report.nodeid for report in passed):
        for report in passed:
            for name, line in report.user_properties:
                if name == "guard":
                    terminalreporter.write_line(line)
