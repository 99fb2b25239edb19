"""A VTEX in this process, and the numbered points of a run: before and after each request is applied, and each commit.

The VTEX is the sandbox's handlers without a socket. Its clock is the run's, so that it can apply a request late.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.ledger import Rows
from tests.engine.bench import FakeClock, Killed
from tests.sandbox_handlers import ask
from vtexmon.core.exchange import Answer, Api, Request
from vtexmon.core.redaction import Redactor
from vtexmon.sandbox import SandboxSettings, sandbox_account
from vtexmon.sandbox.service import Service
from vtexmon.vtex import answers

WRITES = ("exchange: before POST", "exchange: before PUT")
"""The points at which a write arrives at VTEX."""

TAKES = 0.01
"""Seconds that a write takes at VTEX, by the run's clock: whatever can happen meanwhile does happen."""

CLOSE = 1e-6
"""Seconds by which a moment that was added up may fail to be the one that was meant."""

Fault = Callable[[Request | None], None]


class NoAnswer(Exception):  # noqa: N818 - a fault, not an error
    """The client hears nothing of this exchange."""


def kills(_request: Request | None) -> None:
    """The process ends at this point."""
    raise Killed


def loses_the_answer(_request: Request | None) -> None:
    raise NoAnswer


@dataclass
class Points:
    """The points passed so far, by name, over all processes of a run; ``faults`` by number."""

    faults: dict[int, Fault] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    struck: int = 0
    awaited: list[tuple[tuple[str, ...], Fault]] = field(default_factory=list)

    def reach(self, name: str, request: Request | None = None) -> None:
        number = len(self.passed)
        self.passed.append(name)
        awaited = next((one for one in self.awaited if name.startswith(one[0])), None)
        if awaited is not None:
            self.awaited.remove(awaited)
            awaited[1](request)
        if number in self.faults:
            self.struck += 1
            self.faults[number](request)

    def numbers(self, *names: str) -> list[int]:
        """The points whose name begins so."""
        return [number for number, passed in enumerate(self.passed) if passed.startswith(names)]


@dataclass
class Held:
    """A request that is still on its way; ``hear`` is told its answer when VTEX has applied it."""

    due: float
    client: Client
    request: Request
    hear: Callable[[Answer], object]


@dataclass
class MemoryVtex:
    """All accounts of a VTEX in this process: the sandbox's handlers without a socket, and what it saw that is wrong.

    A request that is held is still on its way: it is applied when its time has come, whoever is alive then.
    ``caches_for`` is for how many seconds it repeats what it answered to a read.
    """

    clock: FakeClock
    points: Points
    rows: Rows
    wrong: list[str] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    in_flight: Counter[str] = field(default_factory=Counter)
    caches_for: float = 0
    caches: dict[str, tuple[float, Answer]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        accounts = (sandbox_account("lojanacional"), sandbox_account("lojasp"))
        self.service = Service(SandboxSettings(accounts=accounts, limits={}))

    def client(self, account_name: str) -> Client:
        return Client(self, account_name)

    def state(self) -> dict[str, Any]:
        return self.service.world.to_json()

    def requests(self) -> list[dict[str, Any]]:
        return self.service.journal.since(0)

    def hold(
        self, client: Client, request: Request, seconds: float, hear: Callable[[Answer], object] = lambda _answer: None
    ) -> None:
        """Apply a request some time from now."""
        self.held.append(Held(self.clock.monotonic() + seconds, client, request, hear))
        if request.is_write:
            self.in_flight[self._thing(request)] += 1

    async def apply_what_is_due(self) -> None:
        now = self.clock.monotonic() + CLOSE
        due = sorted((one for one in self.held if one.due <= now), key=lambda one: one.due)
        self.held = [one for one in self.held if one.due > now]
        for one in due:
            answer = await one.client.apply(one.request)
            if one.request.is_write:
                self.in_flight[self._thing(one.request)] -= 1
            one.hear(answer)

    def look_at(self, request: Request) -> None:
        """A write arrives: nothing else may be on its way for the same thing, and its intent must be on disk."""
        if not request.is_write:
            return
        if not self._has_intent(request):
            self.wrong.append(f"sent without an intent: {request.method} {request.path}")
        if self.in_flight[self._thing(request)]:
            self.wrong.append(f"two in flight: {self._thing(request)}")

    @contextmanager
    def on_its_way(self, request: Request) -> Iterator[None]:
        self.look_at(request)
        if not request.is_write:
            yield
            return
        thing = self._thing(request)
        self.in_flight[thing] += 1
        try:
            yield
        finally:
            self.in_flight[thing] -= 1

    def _has_intent(self, request: Request) -> bool:
        query = "SELECT id FROM log_item WHERE completed_at IS NULL AND method = :method AND endpoint = :endpoint"
        return bool(self.rows(query, method=request.method, endpoint=request.target))

    def _thing(self, request: Request) -> str:
        """What a write is about: the product for it and its SKUs and their images, the SKU for its price and stock,
        else path and name.
        """
        catalog = self.service.world.accounts["lojanacional"].catalog
        body = request.body if isinstance(request.body, dict) else {}
        if request.api is not Api.CATALOG:
            return f"sku {re.search('/(?:prices|skus)/([0-9]+)', request.path)[1]}"  # type: ignore[index]
        if "/product" in request.path:
            return f"product {body.get('RefId')}"
        if "/stockkeepingunit" in request.path:
            sku_id = request.path.partition("/stockkeepingunit/")[2].partition("/")[0]
            product_id = catalog.skus[int(sku_id)].fields["ProductId"] if sku_id else body["ProductId"]
            return f"product {catalog.products[product_id].fields['RefId']}"
        return f"{request.path} {body.get('Name', '')}"


@dataclass
class Client:
    """One account's ``Exchange``."""

    vtex: MemoryVtex
    account_name: str

    async def exchange(self, request: Request) -> Answer:
        await self.vtex.apply_what_is_due()
        points, line = self.vtex.points, f"{request.method} {request.path}"
        with self.vtex.on_its_way(request):
            try:
                points.reach(f"exchange: before {line}", request)
                if request.is_write:
                    await asyncio.sleep(TAKES)
                answer = await (self.apply(request) if request.is_write else self.look_up(request))
                points.reach(f"exchange: after {line}", request)
            except NoAnswer:
                return answers.unanswered(request, "sem resposta")
        return answer

    async def look_up(self, request: Request) -> Answer:
        now, caches = self.vtex.clock.monotonic(), self.vtex.caches
        since, answer = caches.get(request.target, (0.0, None))
        if answer is None or now - since >= self.vtex.caches_for:
            answer = await self.apply(request)
            caches[request.target] = (now, answer)
        return answer

    async def apply(self, request: Request) -> Answer:
        status, headers, body = await ask(self.vtex.service, self.account_name, request)
        return answers.judge(request, status, headers, body, Redactor(()))
