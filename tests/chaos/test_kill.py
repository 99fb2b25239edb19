"""``kill -9`` in the middle of an export, again and again: nothing lost, nothing created twice, every Sucesso true.

The seed is printed; ``VTEXMON_TEST_SEED`` replays it.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from pathlib import Path

import pytest

from tests.chaos import ledger
from tests.chaos.courses import course_data
from tests.support import ENGINE, Station
from vtexmon.sandbox import RunningSandbox, running_sandbox

pytestmark = pytest.mark.chaos

CLASSES = 100
KILLS = 8
SHORT = """
[engine]
lease = "3s"
request_deadline = "800ms"
verify_grace = "400ms"
first_resend_delay = "1s"
max_resend_delay = "2s"
"""


def seeded() -> random.Random:
    seed = os.environ.get("VTEXMON_TEST_SEED") or str(random.SystemRandom().randrange(10**6))
    print(f"VTEXMON_TEST_SEED={seed}")  # noqa: T201 - to be replayed
    return random.Random(seed)


def station_of(folder: Path, sandbox: RunningSandbox, data: dict[str, str]) -> Station:
    station = Station.create(folder, sandbox, data=data, schedules=False)
    station.change_config(ENGINE, SHORT)
    return station


def kill_while_sending(station: Station, sandbox: RunningSandbox, after: float) -> bool:
    """Start an export, let it send for a while, kill it; True when it was killed with a request in flight."""
    seen = sandbox.last_request()
    process = station.start("export", "--json")
    give_up = time.monotonic() + 30
    while sandbox.last_request() == seen:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        assert time.monotonic() < give_up, "it never began to send"
        time.sleep(0.005)
    time.sleep(after)
    ended = process.poll() is not None
    process.kill()
    process.communicate()
    return not ended and ledger.open_intents(station.database_file) > 0


def export_to_the_end(station: Station) -> dict[str, object]:
    done: subprocess.CompletedProcess[str] = subprocess.run(
        station.command("export", "--json"),
        cwd=station.folder,
        env=station.process_environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return dict(json.loads(done.stdout))


def test_eight_kills_lose_nothing_and_create_nothing_twice(tmp_path: Path) -> None:
    chance, data = seeded(), course_data(CLASSES)
    with running_sandbox(latency_seconds=0.03) as sandbox:
        station = station_of(tmp_path, sandbox, data)

        in_flight = sum(kill_while_sending(station, sandbox, chance.uniform(0.02, 0.5)) for _kill in range(KILLS))
        export_to_the_end(station)

        print(f"{in_flight} of {KILLS} killed with a request in flight, {len(sandbox.requests())} requests")  # noqa: T201
        assert in_flight >= 4
        check(station, sandbox, data)


FAULTS = (
    r"applied:match=POST|PUT /,every=11",
    r"reset:match=POST|PUT /,every=13",
    r"hang:match=POST|PUT /,every=47,delay=1.0",
    r"status:match=POST|PUT|GET /,status=429,every=41,retry_after=1,times=3",
    r"status:match=POST|PUT|GET /,status=503,every=53,retry_after=1,times=3",
    r"drop:match=POST|PUT /,every=29",
    r"truncate:match=POST|PUT /,every=23",
    r"html:match=POST|PUT /,every=31,text=Em manutenção",
    r"status:match=POST|PUT /,status=500,every=59",
)
"""The hang is applied 1.0 s after it was sent: 0.2 s after the client's deadline, inside the grace of 0.4 s."""


def test_a_vtex_that_fails_in_every_way_loses_nothing_and_creates_nothing_twice(tmp_path: Path) -> None:
    data = course_data(30)
    with running_sandbox(latency_seconds=0.01, faults=FAULTS) as sandbox:
        station = station_of(tmp_path, sandbox, data)

        run_until_done(station, sandbox)

        hits = {fault["kind"]: fault["hits"] for fault in sandbox.faults()}
        assert all(hits.values()), hits
        check(station, sandbox, data, resends=True)


def run_until_done(station: Station, sandbox: RunningSandbox) -> None:
    """Exports and resends, as people would order them, while VTEX keeps failing; at last VTEX is well again."""
    for _round in range(3):
        station.run_process("export", "--json", "--wait-max", "12s")
        if not ledger.rows(station.database_file, "SELECT 1 FROM log WHERE status <> 'Sucesso'"):
            return
        station.run_process("resend", "--yes", "--json")
    sandbox.set_faults()
    station.run_process("export", "--json", "--wait-max", "20s")
    station.run_process("resend", "--yes", "--json")


def check(station: Station, sandbox: RunningSandbox, data: dict[str, str], *, resends: bool = False) -> None:
    assert ledger.created_twice(sandbox) == []
    statuses = ledger.rows(station.database_file, "SELECT module, status, message FROM log WHERE status <> 'Sucesso'")
    assert statuses == []
    assert ledger.not_held(sandbox, station.database_file) == []
    assert ledger.wrong_amounts(sandbox, data) == []
    found = ledger.holdings(sandbox)
    classes = len(data["turmas.csv"].splitlines()) - 1
    assert len(found["product"]) == len(data["cursos.csv"].splitlines()) - 1
    assert [len(found[kind]) for kind in ("sku", "image", "price", "stock")] == [classes] * 4
    breaches = ledger.breaches(station.database_file)
    assert [breach for breach in breaches if not (resends and breach.startswith("a first send"))] == []
