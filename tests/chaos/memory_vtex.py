"""A VTEX in this process, and the numbered points of a run: before and after each request is applied, and each commit.

The VTEX is the sandbox's handlers without a socket. Its clock is the run's, so that it can apply a request late.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.engine.bench import FakeClock, Killed
from vtexmon.core.exchange import Answer, Api, Request
from vtexmon.core.redaction import Redactor
from vtexmon.sandbox import SandboxSettings, sandbox_account
from vtexmon.sandbox import wire as vtex_wire
from vtexmon.sandbox.service import Service
from vtexmon.store.database import sqlite_driver
from vtexmon.vtex import answers
from vtexmon.vtex.client import encode_body

WRITES = ("exchange: before POST", "exchange: before PUT")
"""The points at which a write arrives at VTEX."""

OVERLAP = 3
"""Turns of the loop that a request takes at VTEX, so that two which are sent together are seen together."""

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

    def reach(self, name: str, request: Request | None = None) -> None:
        number = len(self.passed)
        self.passed.append(name)
        if number in self.faults:
            self.struck += 1
            self.faults[number](request)

    def numbers(self, *names: str) -> list[int]:
        """The points whose name begins so."""
        return [number for number, passed in enumerate(self.passed) if passed.startswith(names)]


@dataclass
class MemoryVtex:
    """All accounts of a VTEX in this process: the sandbox's handlers without a socket, and what it saw that is wrong.

    A request that is held is still on its way: it is applied when its time has come, whoever is alive then.
    """

    clock: FakeClock
    points: Points
    database_file: Path
    wrong: list[str] = field(default_factory=list)
    held: list[tuple[float, Client, Request]] = field(default_factory=list)
    in_flight: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        accounts = (sandbox_account("lojanacional"), sandbox_account("lojasp"))
        self.service = Service(SandboxSettings(accounts=accounts, limits={}))

    def client(self, account_name: str) -> Client:
        return Client(self, account_name)

    def state(self) -> dict[str, Any]:
        return self.service.world.to_json()

    def requests(self) -> list[dict[str, Any]]:
        return self.service.journal.since(0)

    def hold(self, client: Client, request: Request, seconds: float) -> None:
        self.held.append((self.clock.monotonic() + seconds, client, request))
        self.in_flight[self._thing(request)] += 1

    async def apply_what_is_due(self) -> None:
        now = self.clock.monotonic()
        due = sorted((one for one in self.held if one[0] <= now), key=lambda one: one[0])
        self.held = [one for one in self.held if one[0] > now]
        for _due, client, request in due:
            await client.apply(request)
            self.in_flight[self._thing(request)] -= 1

    @contextmanager
    def on_its_way(self, request: Request) -> Iterator[None]:
        """Nothing else may be on its way for the same product; its intent must be on disk."""
        if not request.is_write:
            yield
            return
        if not self._has_intent(request):
            self.wrong.append(f"sent without an intent: {request.method} {request.path}")
        thing = self._thing(request)
        self.in_flight[thing] += 1
        if self.in_flight[thing] > 1:
            self.wrong.append(f"two in flight: {thing}")
        try:
            yield
        finally:
            self.in_flight[thing] -= 1

    def _has_intent(self, request: Request) -> bool:
        """Looked for with the program's own SQLite: a second library would drop its locks on the file."""
        query = "SELECT count(*) FROM log_item WHERE completed_at IS NULL AND method = ? AND endpoint = ?"
        with closing(sqlite_driver().connect(self.database_file)) as connection:
            return bool(connection.execute(query, (request.method, request.target)).fetchone()[0])

    def _thing(self, request: Request) -> str:
        """What a write is about: the product for it and its SKUs and their images, else path and name."""
        catalog = self.service.world.accounts["lojanacional"].catalog
        body = request.body if isinstance(request.body, dict) else {}
        if request.api is Api.CATALOG and "/product" in request.path:
            return f"product {body.get('RefId')}"
        if request.api is Api.CATALOG and "/stockkeepingunit" in request.path:
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
                    for _turn in range(OVERLAP):
                        await asyncio.sleep(0)
                answer = await self.apply(request)
                points.reach(f"exchange: after {line}", request)
            except NoAnswer:
                return answers.unanswered(request, "sem resposta")
        return answer

    async def apply(self, request: Request) -> Answer:
        key = sandbox_account(self.account_name)
        headers = {
            "accept": "application/json",
            "content-type": "application/json",
            vtex_wire.APP_KEY_HEADER: key.app_key,
            vtex_wire.APP_TOKEN_HEADER: key.app_token,
        }
        path = f"/{self.account_name}{request.path}" if request.api is Api.PRICING else request.path
        content = b"" if request.body is None else encode_body(request.body).encode()
        asked = vtex_wire.Request(request.method, path, urlencode(request.query), headers, content)
        answer = (await self.vtex.service.handle(asked)).answer
        assert answer is not None
        named = {"content-type": answer.content_type, **answer.headers}
        return answers.judge(request, answer.status, named, answer.body, Redactor(()))
