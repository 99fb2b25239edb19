"""The sandbox as a server process of its own, and bare httpx over it: as many connections, no log, rules or order."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import httpx

from vtexmon import __version__
from vtexmon.sandbox import NATIONAL_ACCOUNT, REGIONAL_ACCOUNT

CLIENTS, CONNECTIONS = 4, 8
ACCOUNTS = {account.name: account for account in (NATIONAL_ACCOUNT, REGIONAL_ACCOUNT)}


@contextmanager
def sandbox(latency: float) -> Iterator[str]:
    """A new sandbox that takes ``latency`` seconds for each answer; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "vtexmon", "sandbox", "--port", str(port), "--latency", str(latency)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url)
        yield url
    finally:
        server.kill()  # it keeps nothing
        server.wait()


def _wait_for(url: str) -> None:
    for _try in range(200):
        try:
            urllib.request.urlopen(f"{url}/_sandbox/limits", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(url)


def recorded(url: str) -> list[dict[str, Any]]:
    """Every request that a sandbox has answered, in order of arrival."""
    with urllib.request.urlopen(f"{url}/_sandbox/requests?since=0", timeout=60) as answer:
        requests: list[dict[str, Any]] = json.load(answer)["requests"]
    return requests


def headers(account: str) -> dict[str, str]:
    """What our client sends with every request."""
    settings = ACCOUNTS[account]
    return {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": f"vtexmon/{__version__}",
        "X-VTEX-API-AppKey": settings.app_key,
        "X-VTEX-API-AppToken": settings.app_token,
    }


async def in_parallel(url: str, work: Callable[[httpx.AsyncClient], Awaitable[None]]) -> float:
    """Run ``work`` once on each of 4 × 8 connections; gives the seconds until all have ended."""
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=url, limits=limits, timeout=30, trust_env=False))
            for _client in range(CLIENTS)
        ]
        started = time.perf_counter()
        await asyncio.gather(*(work(client) for client in clients for _connection in range(CONNECTIONS)))
        return time.perf_counter() - started


async def replay(url: str, requests: list[dict[str, Any]]) -> tuple[float, int]:
    """Send recorded requests again, as fast as httpx gives them; gives seconds and how many got the same status."""
    left, same = iter(requests), 0
    sent_with = {account: headers(account) for account in ACCOUNTS}

    async def work(client: httpx.AsyncClient) -> None:
        nonlocal same
        for one in left:
            target = one["path"] + ("?" + one["query"] if one["query"] else "")
            body = one["body"].encode() or None
            answer = await client.request(one["method"], target, content=body, headers=sent_with[one["account"]])
            same += answer.status_code == one["status"]

    return await in_parallel(url, work), same
