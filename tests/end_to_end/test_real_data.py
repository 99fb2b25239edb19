"""75 real courses, 291 classes: all of it arrives once, a second export writes nothing, one change writes once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos import ledger
from tests.chaos.courses import REAL, WHY_SKIPPED, real_data
from tests.support import Station
from vtexmon.sandbox import RunningSandbox, running_sandbox

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason=WHY_SKIPPED)


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


def writes_since(sandbox: RunningSandbox, number: int) -> list[str]:
    return [f"{one['method']} {one['path']}" for one in sandbox.requests(number) if one["method"] != "GET"]


def test_all_of_it_arrives_once_and_only_what_changes_is_written_again(tmp_path: Path, sandbox: RunningSandbox) -> None:
    station = Station.create(tmp_path, sandbox, data=real_data(), schedules=False)

    first = station.json("export")

    assert sandbox.state()["totals"] == {
        "categories": 9,
        "brands": 1,
        "products": 75,
        "skus": 291,
        "prices": 291,
        "stocks": 291,
        "active_skus": 291,
        "images": 291,
    }
    assert first["by_status"] == {"Sucesso": 958}
    assert ledger.created_twice(sandbox) == []
    assert set(ledger.holdings(sandbox)["image"].values()) == {1}
    assert ledger.not_held(sandbox, station.database_file) == []
    assert ledger.wrong_amounts(sandbox, real_data()) == []
    assert ledger.breaches(station.database_file) == []
    assert first["writes"] == len(writes_since(sandbox, 0)) == 9 + 1 + 75 + 291 * 4
    assert first["requests"] == len(sandbox.requests())

    seen = sandbox.last_request()
    second = station.json("export")

    assert sandbox.requests(seen) == []
    assert (second["created"], second["writes"], second["skipped"]["unchanged"]) == (0, 0, 958)

    station.change_data("precos.csv", "1;12;CQ.AJUS.N-1;B2C;1795,50;", "1;12;CQ.AJUS.N-1;B2C;1796,00;")
    third = station.json("export")

    (written,) = writes_since(sandbox, seen)
    assert written.startswith("PUT /lojasp/pricing/prices/")
    assert (third["created"], third["by_module"]) == (1, {"price": {"Sucesso": 1}})
