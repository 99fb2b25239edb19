"""What VTEX says to one process holds for all of them: a limit is waited out, a refused credential stops the target.

Three processes of the program over one database; what they sent is read from the sandbox's own list.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.courses import course_data
from tests.support import Station, wait_until
from vtexmon.sandbox import RunningSandbox, running_sandbox

pytestmark = pytest.mark.chaos

CLASSES = 60
RETRY_AFTER = 5
IN_FLIGHT = timedelta(seconds=0.75)
"""What may have left before the answer was known to all."""


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(latency_seconds=0.03) as running:
        yield running


@contextmanager
def workers(station: Station, count: int = 2) -> Iterator[list[str]]:
    """So many workers beside whatever else runs, ended in order; gives what each said, once they have ended."""
    running, said = [station.start("worker") for _number in range(count)], []
    try:
        yield said
    finally:
        for process in running:
            process.terminate()
        said += [process.communicate(timeout=60)[1] for process in running]


def at(told: str) -> datetime:
    return datetime.fromisoformat(told)


def statuses(station: Station) -> set[tuple[str, int]]:
    return {(log["status"], log["attempts"]) for log in station.logs()}


def test_no_process_asks_a_limited_api_before_its_time_and_the_others_go_on(
    tmp_path: Path, sandbox: RunningSandbox
) -> None:
    station = Station.create(tmp_path, sandbox, data=course_data(CLASSES), schedules=False)
    sandbox.add_faults(f"status:match=* /.*pricing/prices,status=429,retry_after={RETRY_AFTER},times=1")

    with workers(station):
        done = station.run_process("export", "--json", timeout=120)

    assert done.code == 0, done.stderr
    requests = sandbox.requests()
    (limited,) = [one for one in requests if one["status"] == 429]
    told = at(limited["ended_at"])
    inside = [one for one in requests if told + IN_FLIGHT < at(one["time"]) < told + timedelta(seconds=RETRY_AFTER)]
    assert [one["path"] for one in inside if "/pricing/" in one["path"]] == []
    assert [one for one in inside if "/catalog/" in one["path"]], "the catalogue went on"
    assert statuses(station) == {("Sucesso", 0)}


def credentials(station: Station, token: str) -> None:
    (station.folder / "token").write_text(token, encoding="utf-8")


def test_a_refused_credential_stops_the_target_until_it_is_corrected(tmp_path: Path, sandbox: RunningSandbox) -> None:
    extra = '[schedules]\ncatalog_export = { every = "1s" }\n'
    station = Station.create(tmp_path, sandbox, data=course_data(CLASSES), schedules=False, extra=extra)
    name = next(name for name in station.environ if "NACIONAL" in name and name.endswith("TOKEN"))
    right = station.environ[name]
    station.change_config(f"env:{name}", "file:token")
    credentials(station, "um-token-que-a-vtex-recusa")

    with workers(station, 3) as said:
        wait_until(lambda: len(refused(sandbox)) >= 5)  # it is tried again, by one request at a time
        assert [one for one in sandbox.requests() if one["applied"]] == []
        assert statuses(station) == {("Pendente", 0)}
        tries = [at(one["time"]) for one in refused(sandbox)]
        first = [time for time in tries if time - tries[0] < timedelta(seconds=0.4)]
        assert len(first) <= 3  # a handful: one for each process
        credentials(station, right)
        wait_until(lambda: statuses(station) == {("Sucesso", 0)}, 90)

    assert [words.count("fechada (credential)") for words in said if "fechada" in words]
    assert all(words.count("fechada (credential)") <= 1 for words in said), said
    assert right not in station.database_file.read_bytes().decode("latin-1")


def refused(sandbox: RunningSandbox) -> list[Any]:
    """VTEX refuses credentials with 401, or with its log-in page and 200; the category tree is open to all."""
    return [one for one in sandbox.requests() if one["status"] == 401 or (one["response"] or "").startswith("<")]
