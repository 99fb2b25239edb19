from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.bench import Bench, FakeClock, ScriptedVtex, bench_config, close_all, copy_of, make_template
from tests.integrations.school import MemorySource
from vtexmon.store.database import Database


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def open_bench(template: Path, tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Opens a bench of its own; ``vtex`` and settings of ``bench_config`` may be given."""
    benches: list[Bench] = []

    def build(vtex: Any = None, **settings: Any) -> Bench:
        database = Database(f"sqlite:///{copy_of(template, tmp_path, f'{len(benches)}.db')}")
        bench = Bench(
            database,
            bench_config(**settings),
            MemorySource(),
            ScriptedVtex() if vtex is None else vtex,
            FakeClock(),
        )
        benches.append(bench)
        return bench

    yield build
    close_all(benches)
    for bench in benches:
        bench.database.close()


@pytest.fixture
def bench(open_bench: Callable[..., Bench]) -> Bench:
    return open_bench()
