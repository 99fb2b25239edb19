"""An export of a source in which nothing changed, beside a program that only reads the rows and hashes each."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import courses
from benchmarks.export import run_export
from benchmarks.report import Table, alternate
from vtexmon import program
from vtexmon.clock import SystemClock
from vtexmon.config import load
from vtexmon.engine.exports import ExportScope, in_scope
from vtexmon.integrations.offer import Offer
from vtexmon.integrations.planning import wanted_hash
from vtexmon.store.models import ExternalRecord

COURSES, CLASSES_EACH = 5_000, 10
NOBODY = "http://127.0.0.1:9"
"""Where nothing listens: a request would end the benchmark with an error."""

READ_AND_HASH = """
import csv, hashlib, sys
from pathlib import Path
seen = set()
for file in sorted(Path(sys.argv[1]).glob("*.csv")):
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.reader(lines, delimiter=";"):
            seen.add(hashlib.blake2b(repr(row).encode(), digest_size=16).digest())
print(len(seen))
"""


def table(rounds: int) -> Table:
    """The export as a whole process, beside reading and hashing as a whole process."""
    with tempfile.TemporaryDirectory(prefix="vtexmon-bench-") as name:
        folder = courses.folder(Path(name) / "w", NOBODY, COURSES, CLASSES_EACH)
        _succeeded_before(folder)
        reports: list[dict[str, Any]] = []

        def export() -> float:
            started = time.perf_counter()
            reports.append(run_export(folder))
            return time.perf_counter() - started

        def read_and_hash() -> float:
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", READ_AND_HASH, str(folder / "dados")], check=True, capture_output=True
            )
            return time.perf_counter() - started

        ours, floor = (statistics.median(seconds) for seconds in alternate(rounds, export, read_and_hash))
    report = reports[-1]
    row = {
        "export of an unchanged source": f"{COURSES * CLASSES_EACH:,} classes",
        "records unchanged": report["skipped"]["unchanged"],
        "requests": report["requests"],
        "s": ours,
        "reading and hashing s": floor,
        "× reading and hashing": ours / floor,
    }
    note = f"whole processes, start included, {rounds} rounds each, median; beside it: csv.reader, blake2b of each row"
    return Table("nothing changed", [row], [note])


def _succeeded_before(folder: Path) -> None:
    """Note every record of the source as sent with what is wanted now, as its successes leave it."""
    config = load(folder / "vtexmon.toml")
    offer = Offer(program.make_source(config).read(), config)
    now = datetime.now(UTC)
    rows = [
        {
            "record_key": one.key.text,
            "module": one.key.module,
            "account": one.key.account,
            "external_id": str(number),
            "success_hash": wanted_hash(one.outcome),  # type: ignore[arg-type]
            "updated_at": now,
        }
        for number, one in enumerate(in_scope(offer, ExportScope()))
    ]
    database = program.open_database(config, SystemClock())
    try:
        insert = ExternalRecord.__table__.insert()  # type: ignore[attr-defined]
        database.write_now(lambda c: c.execute(insert, rows))
    finally:
        database.close()
