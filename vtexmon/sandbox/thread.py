"""A sandbox in a background thread with a loop of its own, for ``vtexmon demo`` and for tests."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from vtexmon.sandbox.control import faults_json, limits_json, requests_json
from vtexmon.sandbox.fault_spec import parse_fault
from vtexmon.sandbox.limits import Limit
from vtexmon.sandbox.server import SandboxServer
from vtexmon.sandbox.service import Service
from vtexmon.sandbox.settings import SandboxSettings
from vtexmon.sandbox.wire import Record

Result = TypeVar("Result")


class RunningSandbox:
    """A sandbox that runs elsewhere; every method may be called from any other thread."""

    def __init__(self, server: SandboxServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, the commerce base URL of all accounts."""
        return self._server.url

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rpartition(":")[2])

    @property
    def settings(self) -> SandboxSettings:
        """What it was started with, accounts and credentials among it."""
        return self._server.service.settings

    def pricing_url(self, account_name: str) -> str:
        """The pricing base URL of one account."""
        return f"{self.url}/{account_name}"

    def state(self) -> Record:
        """What VTEX holds, as ``GET /_sandbox/state`` shows it."""
        return self._ask(lambda service: service.world.to_json())

    def requests(self, since: int = 0) -> list[Record]:
        """The requests after a number, as ``GET /_sandbox/requests`` lists them."""
        found: list[Record] = self._ask(lambda service: requests_json(service, since))["requests"]
        return found

    def last_request(self) -> int:
        """The number of the latest request, for ``requests(since=...)``."""
        return self._ask(lambda service: service.journal.last_number)

    def faults(self) -> list[Record]:
        """The fault rules in force with their counters."""
        found: list[Record] = self._ask(faults_json)["faults"]
        return found

    def set_faults(self, *specs: str) -> None:
        """Only these rules from now on; none clears them. ValueError for a wrong one."""
        parsed = [parse_fault(spec) for spec in specs]
        self._ask(lambda service: service.faults.replace(parsed))

    def add_faults(self, *specs: str) -> None:
        """These rules as well."""
        parsed = [parse_fault(spec) for spec in specs]
        self._ask(lambda service: service.faults.add(parsed))

    def limits(self) -> Record:
        """The rate limits in force."""
        return self._ask(limits_json)

    def set_limits(self, limits: Mapping[str, Limit | None]) -> None:
        """Change the named limits; None is unlimited."""
        self._ask(lambda service: service.limiter.change(limits))

    def _ask(self, question: Callable[[Service], Result]) -> Result:
        async def answer() -> Result:
            return question(self._server.service)

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result(timeout=30)


@contextmanager
def running_sandbox(
    port: int = 0, faults: Iterable[str] = (), settings: SandboxSettings | None = None, **changes: Any
) -> Iterator[RunningSandbox]:
    """A sandbox for the length of a ``with`` block, on a free port unless one is given.

    ``settings`` are what it starts from, ``changes`` further fields of ``SandboxSettings``.
    OSError when the port is taken, ValueError for a wrong fault rule.
    """
    base = settings or SandboxSettings()
    chosen = replace(base, port=port, faults=(*base.faults, *faults), **changes)
    server = SandboxServer(chosen)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="vtexmon-sandbox", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(timeout=30)
        try:
            yield RunningSandbox(server, loop)
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(timeout=30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()
