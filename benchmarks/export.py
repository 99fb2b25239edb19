"""Exports against a sandbox in its own process, each beside bare httpx with the same requests and connections."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import courses
from benchmarks.report import Table, alternate
from benchmarks.vtex import recorded, replay, sandbox

WITHOUT_STOCK = ("category", "brand", "product", "sku", "price")


@dataclass(frozen=True)
class Spent:
    """What a run took: seconds of the clock, and of the processor in its process."""

    seconds: float
    cpu: float


@dataclass
class Pair:
    """An export of so many courses at one server time, and its requests once they were made."""

    latency: float
    courses: int
    classes_each: int
    modules: tuple[str, ...] = ()
    requests: list[dict[str, Any]] = field(default_factory=list)
    records: int = 0
    same: int = 0

    def export(self) -> Spent:
        """Time of ``vtexmon export`` into a new sandbox and a new database, the command's start left out."""
        with tempfile.TemporaryDirectory(prefix="vtexmon-bench-") as name, sandbox(self.latency) as url:
            folder = courses.folder(Path(name) / "w", url, self.courses, self.classes_each)
            report = run_export(folder, *(f"--module={module}" for module in self.modules))
            self.records = report["by_status"]["Sucesso"]
            self.requests = recorded(url)
        return Spent(report["seconds"], report["cpu"])

    def bare(self) -> Spent:
        """Time of the same requests into a new sandbox, in the order in which they arrived."""
        with sandbox(self.latency) as url:
            before = time.process_time()
            seconds, self.same = asyncio.run(replay(url, self.requests))
            return Spent(seconds, time.process_time() - before)


def run_export(folder: Path, *options: str) -> dict[str, Any]:
    """The report of one export and, as ``cpu``, its processor seconds; not all in Sucesso is an error."""
    command = [sys.executable, "-m", "vtexmon", "export", "--json", *options]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=errors)
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if process.returncode:
            raise RuntimeError(f"export ended with {process.returncode}: {errors.read()[-2000:].decode()}")
        report: dict[str, Any] = json.load(out)
    return report | {"cpu": usage.ru_utime + usage.ru_stime}


def _row(pair: Pair, name: str, rounds: int) -> dict[str, Any]:
    ours, bare = (_median(spent) for spent in alternate(rounds, pair.export, pair.bare))
    count = len(pair.requests)
    return {
        "export": name,
        "records": pair.records,
        "requests": count,
        "records/s": pair.records / ours.seconds,
        "requests/s": count / ours.seconds,
        "bare/s": count / bare.seconds,
        "× bare": bare.seconds / ours.seconds,
        "cpu ms/request": ours.cpu * 1000 / count,
        "bare cpu": bare.cpu * 1000 / count,
        "same answers": f"{pair.same / count:.0%}",
    }


def _median(spent: list[Spent]) -> Spent:
    return Spent(statistics.median(one.seconds for one in spent), statistics.median(one.cpu for one in spent))


def table(rounds: int) -> Table:
    """The exports, each beside its bare loop."""
    rows = [
        _row(Pair(0.0, 75, 4, WITHOUT_STOCK), "0 ms, without stock", rounds),
        _row(Pair(0.15, 75, 4), "150 ms", rounds),
    ]
    notes = [
        f"300 classes of 75 courses; bare = one httpx loop, 4 clients × 8 connections; {rounds} rounds each, median",
        "bare sends the recorded requests without waiting for parents: where it came too early the answer differs",
        "at 0 ms stock is left out: vtexmon holds logistics, for which no limit is published, to 100 requests a second",
    ]
    return Table("export beside the same requests sent by bare httpx", rows, notes)
