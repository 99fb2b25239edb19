"""One attempt written down durably: ours, in its two commits (intent, then everything else), beside the raw driver.

The raw driver puts the same rows, ready made, into an equal database: one log, one item, two bodies, one commit.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from datetime import UTC, datetime
from typing import Any

from benchmarks.databases import Raw, Server, fresh
from benchmarks.logs import LEASE, REQUEST, bodies, claimed, end_of
from benchmarks.report import Table, milliseconds, percentile
from vtexmon.store import sending
from vtexmon.store.claims import Claim
from vtexmon.store.database import Database

ALONE, BLOCK = 300, 50
GROUPED, IN_FLIGHT, GROUP = 2_000, 32, 32


class Attempts:
    """Claimed logs, and what is sent and received for each."""

    def __init__(self, database: Database, count: int) -> None:
        self.database = database
        self.claims = claimed(database, range(1, count + 1))
        self.bodies = dict(zip((one.log.id for one in self.claims), bodies(count), strict=False))

    def intent(self, claim: Claim) -> Any:
        sent, now = self.bodies[claim.log.id][0], datetime.now(UTC)
        return self.database.write(
            lambda c: sending.record_intent(c, claim, "criar produto", REQUEST, sent, now, now + LEASE)
        )

    def end(self, claim: Claim, item_id: int) -> Any:
        result, after = end_of(claim, self.bodies[claim.log.id][1])
        now = datetime.now(UTC)

        def work(connection: Any) -> None:
            sending.complete_item(connection, claim, item_id, result, now)
            sending.leave(connection, claim, after, now)

        return self.database.write(work)

    def alone(self, claims: list[Claim]) -> list[float]:
        """Seconds of each attempt, one after the other."""
        taken = []
        for claim in claims:
            started = time.perf_counter()
            self.end(claim, self.intent(claim).result()).result()
            taken.append(time.perf_counter() - started)
        return taken

    async def together(self) -> float:
        """Seconds of all attempts, so many in flight on one loop, as the engine has them."""
        left = iter(self.claims)

        async def work() -> None:
            for claim in left:
                item_id = await asyncio.wrap_future(self.intent(claim))
                await asyncio.wrap_future(self.end(claim, item_id))

        started = time.perf_counter()
        await asyncio.gather(*(work() for _task in range(IN_FLIGHT)))
        return time.perf_counter() - started


class RawAttempts:
    """The same rows by the driver alone."""

    def __init__(self, source: Raw, target: Raw) -> None:
        self.target = target
        self.statements, self.records = [], []
        tables = ("log", "log_item", "payload")
        found = {}
        for table in tables:
            rows = source.rows(f"SELECT * FROM {table}")
            columns = [column[0] for column in source.cursor.description]
            self.statements.append(target.insert(table, columns))
            found[table] = [dict(zip(columns, row, strict=True)) for row in rows]
        payloads = {row["hash"]: row for row in found["payload"]}
        items = {row["log_id"]: row for row in found["log_item"]}
        for log in found["log"]:
            item = items[log["id"]]
            two = [payloads[item[name]] for name in ("sent_hash", "received_hash")]
            self.records.append([tuple(row.values()) for row in (log, item, *two)])

    def write(self, records: list[Any]) -> None:
        """All of these in one commit."""
        log, item, payload = self.statements
        execute = self.target.cursor.execute
        self.target.begin()
        for record in records:
            for statement, row in zip((log, item, payload, payload), record, strict=True):
                execute(statement, row)
        self.target.commit()

    def alone(self, records: list[Any]) -> list[float]:
        taken = []
        for record in records:
            started = time.perf_counter()
            self.write([record])
            taken.append(time.perf_counter() - started)
        return taken

    def together(self) -> float:
        started = time.perf_counter()
        for start in range(0, len(self.records), GROUP):
            self.write(self.records[start : start + GROUP])
        return time.perf_counter() - started


def _alone(server: Server | None) -> tuple[list[float], list[float]]:
    """Ours and raw in alternating blocks; the rows for raw come from a run of ours before."""
    with fresh(server) as first, fresh(server) as second, fresh(server) as third:
        made, ours = Database(first), Database(second)
        source, target = Raw(first), Raw(third)
        try:
            before = Attempts(made, ALONE)
            before.alone(before.claims)
            attempts, raw = Attempts(ours, ALONE), RawAttempts(source, target)
            our_times, raw_times = [], []
            for start in range(0, ALONE, BLOCK):
                our_times += attempts.alone(attempts.claims[start : start + BLOCK])
                raw_times += raw.alone(raw.records[start : start + BLOCK])
            return our_times, raw_times
        finally:
            for opened in (made, ours, source, target):
                opened.close()


def _together(server: Server | None) -> tuple[float, float]:
    with fresh(server) as first, fresh(server) as second:
        database, source, target = Database(first), Raw(first), Raw(second)
        try:
            ours = asyncio.run(Attempts(database, GROUPED).together())
            return ours, RawAttempts(source, target).together()
        finally:
            for opened in (database, source, target):
                opened.close()


def table(rounds: int, servers: dict[str, Server | None]) -> Table:
    """Each database, alone and in groups."""
    rows: list[dict[str, Any]] = []
    for name, server in servers.items():
        ours, raw = _alone(server)
        grouped = [_together(server) for _round in range(rounds)]
        our_rate, raw_rate = (GROUPED / statistics.median(times) for times in zip(*grouped, strict=True))
        rows.append(
            {
                "one attempt": name,
                "p50 ms": milliseconds(ours),
                "p99 ms": percentile(ours, 0.99) * 1000,
                "raw p50 ms": milliseconds(raw),
                "× raw": milliseconds(ours) / milliseconds(raw),
                "in groups /s": our_rate,
                "raw in groups /s": raw_rate,
                "× raw rate": our_rate / raw_rate,
            }
        )
    sent, received = next(itertools.islice(bodies(1), 1))
    notes = [
        f"ours: an intent and its answer, bodies of {len(sent)} and {len(received)} characters, two commits",
        "raw: the driver alone puts the finished rows (log, item, two compressed bodies) into an equal database",
        f"alone {ALONE} each, in alternating blocks of {BLOCK}; in groups {GROUPED}: ours {IN_FLIGHT} in flight, "
        f"raw {GROUP} to a commit; {rounds} rounds, median",
    ]
    return Table("one attempt written down durably", rows, notes)
