"""The integrations at work on a real sandbox through the real client, with no engine between: ``Shop.ship`` plans a
snapshot, sends every record in order and gives the requests each of them made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vtexmon.config import Account, Catalog, Config, EngineSettings, Regional, Resend, Secret
from vtexmon.core.exchange import Answer, Request, Verdict
from vtexmon.core.failures import Failure
from vtexmon.integrations.contract import (
    AttemptEnded,
    Intent,
    Planned,
    RecordFailed,
    Sent,
    Skip,
    Verification,
)
from vtexmon.integrations.offer import Offer
from vtexmon.integrations.registry import INTEGRATIONS
from vtexmon.sandbox import RunningSandbox
from vtexmon.sge.source import Snapshot
from vtexmon.vtex.client import VtexClient

IMAGE = "https://loja.example/curso.png"


def account_of(sandbox: RunningSandbox, name: str, account_name: str) -> Account:
    """A configured account with the sandbox's own credentials for it."""
    known = next(account for account in sandbox.settings.accounts if account.name == account_name)
    return Account(
        name=name,
        account_name=account_name,
        environment="vtexcommercestable",
        stage="sandbox",
        app_key=Secret("env:KEY", known.app_key),
        app_token=Secret("env:TOKEN", known.app_token),
        base_url=sandbox.url,
        pricing_url=sandbox.pricing_url(account_name),
        reviews_url=sandbox.url,
    )


def config_for(
    sandbox: RunningSandbox,
    catalog: Mapping[str, Any] | None = None,
    regional: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Config:
    """Catalogue in ``nacional``, price and stock in ``sp``, branch 12 of company 1."""
    values: dict[str, Any] = {
        "accounts": {
            "nacional": account_of(sandbox, "nacional", "lojanacional"),
            "sp": account_of(sandbox, "sp", "lojasp"),
        },
        "catalog": Catalog(
            **{"b2c": "nacional", "default_brand": "SENAI", "default_image_url": IMAGE, **(catalog or {})}
        ),
        "regionals": (Regional(**{"name": "SP", "company": 1, "b2c": "sp", "warehouse": "1", **(regional or {})}),),
        "resend": Resend(3),
    }
    return Config(**{**values, **changes})


@dataclass
class RecordingStep:
    """``contract.Step`` without an engine: sends at once and remembers what it sent."""

    client: VtexClient
    known_id: str | None = None
    sent: list[Request] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    last_write: tuple[str, Request] | None = None

    async def read(self, request: Request, shared: bool = False) -> Answer:
        answer = await self._exchange(request)
        if answer.verdict not in (Verdict.DONE, Verdict.MISSING):
            raise AttemptEnded(answer)
        return answer

    def forget_shared(self, request: Request) -> None:
        return

    def learned(self, external_id: str) -> None:
        self.ids.append(external_id)

    async def write(self, step: str, request: Request, tolerate: Callable[[Answer], bool] | None = None) -> Answer:
        self.last_write = step, request
        answer = await self._exchange(request)
        if answer.verdict is Verdict.DONE or (answer.verdict is Verdict.REFUSED and tolerate and tolerate(answer)):
            return answer
        raise AttemptEnded(answer)

    async def _exchange(self, request: Request) -> Answer:
        self.sent.append(request)
        return await self.client.exchange(request)


@dataclass
class Done:
    """What came of one record: the requests in short form (``POST product``), and how it ended."""

    planned: Planned
    requests: list[str]
    outcome: Sent | Failure | Skip | Answer
    step: RecordingStep | None = None

    @property
    def writes(self) -> list[str]:
        return [line for line in self.requests if not line.startswith("GET")]

    @property
    def failure(self) -> Failure:
        found = self.outcome.failure if isinstance(self.outcome, Answer) else self.outcome
        assert isinstance(found, Failure), found
        return found

    @property
    def body(self) -> dict[str, Any]:
        """What the last write sent."""
        assert self.step is not None
        assert self.step.last_write is not None
        return dict(self.step.last_write[1].body)


def short(request: Request) -> str:
    """``GET productgetbyrefid/1-12-X``: method and what follows the API's own prefix."""
    target = request.target
    for prefix in ("/api/catalog_system/pub/", "/api/catalog_system/pvt/", "/api/catalog/pvt/", "/api/logistics/pvt/"):
        target = target.removeprefix(prefix)
    return f"{request.method} {target.removeprefix('/pricing/').removeprefix('products/')}"


@dataclass
class Shop:
    """One sandbox and one configuration; ``known`` are the external ids learned so far."""

    sandbox: RunningSandbox
    config: Config
    known: dict[str, str] = field(default_factory=dict)

    def plan(self, snapshot: Snapshot) -> list[Planned]:
        offer = Offer(snapshot, self.config)
        return [planned for integration in INTEGRATIONS.values() for planned in integration.plan_all(offer)]

    def planned(self, snapshot: Snapshot, module: str) -> list[Planned]:
        return [planned for planned in self.plan(snapshot) if planned.key.module == module]

    def ship(self, snapshot: Snapshot) -> dict[str, Done]:
        """Send everything, by module; of several records of a module the last one stands."""
        return {done.planned.key.module: done for done in self.ship_all(snapshot)}

    def ship_all(self, snapshot: Snapshot) -> list[Done]:
        async def run() -> list[Done]:
            return [await self._ship(planned) for planned in self.plan(snapshot)]

        return asyncio.run(run())

    def ship_one(self, planned: Planned) -> Done:
        return asyncio.run(self._ship(planned))

    async def _ship(self, planned: Planned) -> Done:
        if isinstance(planned.outcome, Failure | Skip):
            return Done(planned, [], planned.outcome)
        if any(parent not in self.known for parent in planned.outcome.parents):
            return Done(planned, [], Skip("parent"))
        client = VtexClient(self.config.accounts[planned.key.account], EngineSettings(clients=1))
        step = RecordingStep(client, self.known.get(planned.key.text))
        outcome: Sent | Failure | Answer
        try:
            outcome = await INTEGRATIONS[planned.key.module].send(planned.outcome, self.known, step)
        except AttemptEnded as ended:
            outcome = ended.answer
        except RecordFailed as refused:
            outcome = refused.failure
        finally:
            await client.aclose()
        if step.ids:
            self.known[planned.key.text] = step.ids[-1]
        if isinstance(outcome, Sent) and outcome.external_id is not None:
            self.known[planned.key.text] = outcome.external_id
        return Done(planned, [short(request) for request in step.sent], outcome, step)

    def verify(self, module: str, account: str, intent: Intent) -> Verification:
        async def run() -> Verification:
            client = VtexClient(self.config.accounts[account], EngineSettings(clients=1))
            try:
                return await INTEGRATIONS[module].verify(intent, RecordingStep(client))
            finally:
                await client.aclose()

        return asyncio.run(run())

    def by_hand(self, account: str, request: Request) -> Any:
        """A request of somebody else: what people do in VTEX's own screens."""

        async def run() -> Answer:
            client = VtexClient(self.config.accounts[account], EngineSettings(clients=1))
            try:
                return await client.exchange(request)
            finally:
                await client.aclose()

        answer = asyncio.run(run())
        assert answer.verdict is Verdict.DONE, answer
        return answer.json

    def held(self, account: str = "lojanacional") -> dict[str, Any]:
        found: dict[str, Any] = self.sandbox.state()["accounts"][account]
        return found
