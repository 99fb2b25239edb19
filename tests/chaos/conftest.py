from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.simulation import Fault, Simulation
from tests.engine.bench import make_template

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
def simulate(memory_folder: Path, template: Path) -> Iterator[Callable[..., Simulation]]:
    """A new world each time; its file is gone with the next one's test."""
    folder, numbers = Path(tempfile.mkdtemp(dir=memory_folder)), itertools.count()

    def build(faults: dict[int, Fault] | None = None, **changes: Any) -> Simulation:
        return Simulation(folder / str(next(numbers)), template, faults or {}, **changes)

    yield build
    shutil.rmtree(folder, ignore_errors=True)
