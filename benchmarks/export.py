"""An export against the sandbox in a process of its own: records and requests per second, beside a bare httpx loop."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import httpx

from vtexmon.sandbox import NATIONAL_ACCOUNT

SAMPLE = Path(__file__).parents[2] / "shared" / "data" / "sge-fic"
CLIENTS, CONNECTIONS = 4, 8


@dataclass(frozen=True)
class Rate:
    """What was done, in how many seconds."""

    name: str
    records: int
    requests: int
    seconds: float


def rates(latency: float) -> list[Rate]:
    """The export and the bare loop at one server time (seconds for each answer)."""
    with tempfile.TemporaryDirectory(prefix="vtexmon-bench-") as name:
        folder = Path(name) / "w"
        port = "8197"
        command = [sys.executable, "-m", "vtexmon", "sandbox", "--port", port, "--latency", str(latency)]
        sandbox = subprocess.Popen([*command, "--write", str(folder)], stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url)
            if SAMPLE.is_dir():
                for file in SAMPLE.glob("*.csv"):
                    (folder / "dados" / file.name).write_bytes(file.read_bytes())
            exported = _export(folder)
            bare = asyncio.run(_bare(url, exported.requests))
            unchanged = _export(folder, "export, nothing changed")
        finally:
            sandbox.terminate()
            sandbox.wait()
    return [exported, bare, unchanged]


def _wait_for(url: str) -> None:
    for _try in range(100):
        try:
            urllib.request.urlopen(f"{url}/_sandbox/state", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(url)


def _export(folder: Path, name: str = "vtexmon export") -> Rate:
    command = [sys.executable, "-m", "vtexmon", "export", "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=dict(os.environ), check=True)
    report = json.loads(done.stdout)
    records = sum(report["by_status"].values()) or report["skipped"]["unchanged"]
    return Rate(name, records, report["requests"], report["seconds"])


async def _bare(url: str, count: int) -> Rate:
    """The same number of requests, as fast as httpx gives them: no log, no rules, no order."""
    headers = {
        "X-VTEX-API-AppKey": NATIONAL_ACCOUNT.app_key,
        "X-VTEX-API-AppToken": NATIONAL_ACCOUNT.app_token,
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    clients = [httpx.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=30) for _n in range(CLIENTS)]
    numbers = iter(range(count))

    async def work(client: httpx.AsyncClient) -> None:
        for number in numbers:
            await client.get(f"/api/catalog_system/pvt/products/productgetbyrefid/{number}")

    started = time.perf_counter()
    await asyncio.gather(*(work(client) for client in clients for _connection in range(CONNECTIONS)))
    seconds = time.perf_counter() - started
    for client in clients:
        await client.aclose()
    return Rate("bare httpx, 4 × 8", 0, count, seconds)


def table(latency: float, found: list[Rate]) -> list[str]:
    """The figures as lines, with the ratio to the bare loop."""
    bare = found[1].requests / found[1].seconds
    lines = [
        f"{'at ' + format(latency * 1000, '.0f') + ' ms':<26}{'records/s':>11}{'requests/s':>12}{'× bare':>9}{'s':>9}"
    ]
    for rate in found:
        requests = rate.requests / rate.seconds
        ratio = f"{requests / bare:>9.2f}" if rate.requests else f"{'–':>9}"
        lines.append(
            f"{rate.name:<26}{rate.records / rate.seconds:>11,.0f}{requests:>12,.0f}{ratio}{rate.seconds:>9.2f}"
        )
    return lines
