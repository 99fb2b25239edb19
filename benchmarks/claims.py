"""Claims: how many a second and how long each takes with several processes, and whether any record is claimed twice;
and what one claim costs over ever more open records.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from benchmarks.databases import Raw, Server, fresh
from benchmarks.logs import LEASE, end_of, new_log
from benchmarks.report import Table, milliseconds, percentile
from vtexmon.core.status import Phase, Status
from vtexmon.store import claims, planning, sending
from vtexmon.store.claims import EVERYTHING, Claim, ClaimScope
from vtexmon.store.database import Database
from vtexmon.store.rows import LOG

PROCESSES = (1, 4, 16)
RECORDS, BATCH = 1_000, 8
OPEN = (1_000, 10_000, 100_000)
MILLION = 1_000_000
REPEATS, OWN = 60, 100


def processes(servers: dict[str, Server | None]) -> Table:
    """Processes that claim and finish until nothing is left."""
    rows = [_compete(name, server, count) for name, server in servers.items() for count in PROCESSES]
    note = (
        f"{RECORDS} records, two to a serial key, taken {BATCH} at a time, each then finished in a commit of its own; "
        "p50 and p99 are of a claim as its process sees it, its wait for the others included"
    )
    return Table("claims by several processes on one database", rows, [note])


def _compete(name: str, server: Server | None, count: int) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    with fresh(server) as url:
        _fill(url)
        barrier, results = context.Barrier(count + 1), context.Queue()
        workers = [context.Process(target=_worker, args=(url, f"w{n}", barrier, results)) for n in range(count)]
        for worker in workers:
            worker.start()
        barrier.wait(120)
        started = time.perf_counter()
        found = [results.get(timeout=300) for _worker in workers]
        seconds = time.perf_counter() - started
        for worker in workers:
            worker.join()
    taken = Counter(log_id for _times, ids in found for log_id in ids)
    times = [one for times, _ids in found for one in times]
    return {
        "database": name,
        "processes": count,
        "claimed/s": sum(taken.values()) / seconds,
        "p50 ms": milliseconds(times),
        "p99 ms": percentile(times, 0.99) * 1000,
        "longest ms": max(times) * 1000,
        "claimed": len(taken),
        "claimed twice": sum(number > 1 for number in taken.values()),
    }


def _fill(url: str) -> None:
    database, now = Database(url), datetime.now(UTC)
    try:
        for start in range(0, RECORDS, 200):
            logs = [new_log(number, f"nacional|sku|{number // 2}") for number in range(start, start + 200)]
            database.write_now(partial(planning.create_logs, logs=logs, now=now, who="bench"))
    finally:
        database.close()


def _worker(url: str, owner: str, barrier: Barrier, results: Queue[Any]) -> None:
    database = Database(url)
    times: list[float] = []
    ids: list[int] = []
    try:
        database.read(lambda c: c.execute(LOG.select().limit(1)).all())
        barrier.wait(120)
        while (batch := _claim(database, owner, times)) or _is_left(database):
            for claim in batch:
                ids.append(claim.log.id)
                _result, after = end_of(claim, "{}")
                database.write_now(partial(sending.leave, claim=claim, after=after, now=datetime.now(UTC)))
    finally:
        database.close()
        results.put((times, ids))


def _claim(database: Database, owner: str, times: list[float]) -> list[Claim]:
    now, started = datetime.now(UTC), time.perf_counter()
    try:
        return database.write_now(lambda c: claims.claim(c, owner, now, now + LEASE, BATCH))
    except IntegrityError:  # another process took the same serial key between look and touch: look again
        return []
    finally:
        times.append(time.perf_counter() - started)


def _is_left(database: Database) -> bool:
    query = LOG.select().where(LOG.c.phase == Phase.QUEUED).limit(1)
    return database.read(lambda c: c.execute(query).first()) is not None


def sizes(servers: dict[str, Server | None], million: bool) -> Table:
    """One claim over more and more open records: of all, and of those that one export took upon itself."""
    rows: list[dict[str, Any]] = []
    for name, server in servers.items():
        with fresh(server) as url:
            database, made = Database(url), 0
            try:
                for count in (*OPEN, *((MILLION,) if million else ())):
                    seconds = _add(url, made, count)
                    made = count
                    rows.append({"database": name, "open records": count, **_costs(database), "filled in s": seconds})
            finally:
                database.close()
    notes = [
        f"{REPEATS} claims of {BATCH} each, given back; half of the open records are due, half are in Erro",
        f"own: the claim of an export that took the {OWN} newest of them upon itself",
    ]
    if not million:
        notes.append("10⁶ open records: with --million")
    return Table("one claim over so many open records", rows, notes)


def _add(url: str, made: int, count: int) -> float:
    """Bring the open records to ``count`` by the driver's bulk insert; gives the seconds it took."""
    started, raw = time.perf_counter(), Raw(url)
    try:
        columns, pattern = _pattern(url, raw)
        names = {name: at for at, name in enumerate(columns)}
        first = max(made, 1)  # the pattern itself is the first record

        def rows() -> Iterator[list[Any]]:
            for number in range(first, count):
                row = list(pattern)
                key = f"sku|nacional|B2C|1;12;T-{number}"
                row[names["id"]], row[names["record_key"]], row[names["serial_key"]] = number + 1, key, key
                if number % 2:
                    row[names["status"]], row[names["phase"]], row[names["due_at"]] = Status.ERROR, Phase.IDLE, None
                yield row

        raw.fill("log", columns, rows())
        raw.analyze()
    finally:
        raw.close()
    return time.perf_counter() - started


def _pattern(url: str, raw: Raw) -> tuple[list[str], tuple[Any, ...]]:
    """The columns and values of a log as an export makes it."""
    if not raw.rows("SELECT id FROM log WHERE id = 1"):
        database = Database(url)
        database.write_now(lambda c: planning.create_logs(c, [new_log(0)], datetime.now(UTC), "bench"))
        database.close()
    row = raw.rows("SELECT * FROM log WHERE id = 1")[0]
    return [column[0] for column in raw.cursor.description], row


def _costs(database: Database) -> dict[str, float]:
    all_of_them = [_once(database, EVERYTHING) for _turn in range(REPEATS)]
    newest = select(LOG.c.id).where(LOG.c.phase == Phase.QUEUED).order_by(LOG.c.id.desc()).limit(OWN)
    ids = list(database.read(lambda c: c.execute(newest).scalars().all()))
    database.write_now(lambda c: claims.add_to_scope(c, "export", ids))
    own = [_once(database, ClaimScope(command="export")) for _turn in range(REPEATS)]
    database.write_now(lambda c: claims.drop_scope(c, "export"))
    return {
        "p50 ms": milliseconds(all_of_them),
        "p99 ms": percentile(all_of_them, 0.99) * 1000,
        "own p50 ms": milliseconds(own),
        "own p99 ms": percentile(own, 0.99) * 1000,
    }


def _once(database: Database, scope: ClaimScope) -> float:
    """Seconds of one claim; what it took goes back as it was."""
    now = datetime.now(UTC)
    started = time.perf_counter()
    taken = database.write_now(lambda c: claims.claim(c, "bench", now, now + LEASE, BATCH, scope))
    seconds = time.perf_counter() - started
    if len(taken) != BATCH:
        raise RuntimeError(f"{len(taken)} records were claimed instead of {BATCH}")
    database.write_now(lambda c: [claims.give_back(c, claim, now) for claim in taken])
    return seconds
