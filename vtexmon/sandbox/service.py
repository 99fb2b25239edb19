"""The sandbox behind the socket: every request passes here, in this order, and is noted in the journal.

fault rule → route → credentials → required headers → rate limit → lock → delay and latency → handler. Knows nothing
of connections.
"""

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from vtexmon.sandbox import (
    bundles,
    categories,
    images,
    logistics,
    pricing,
    products,
    skus,
    specification_fields,
    specifications,
)
from vtexmon.sandbox.fault_spec import parse_fault
from vtexmon.sandbox.faults import Fault, FaultBook
from vtexmon.sandbox.journal import Entry, Journal
from vtexmon.sandbox.limits import Limiter, Verdict
from vtexmon.sandbox.routes import Call, Route, RouteTable
from vtexmon.sandbox.settings import SandboxSettings
from vtexmon.sandbox.state import Account, World
from vtexmon.sandbox.wire import (
    Answer,
    Delivery,
    Ending,
    RefusalError,
    Request,
    error_answer,
    html_answer,
    message_answer,
    refuse_text,
    text_answer,
)

ROUTES = (
    *categories.ROUTES,
    *products.ROUTES,
    *skus.ROUTES,
    *specification_fields.ROUTES,
    *specifications.ROUTES,
    *images.ROUTES,
    *bundles.ROUTES,
    *pricing.ROUTES,
    *logistics.ROUTES,
)
LOGIN_PAGE_PREFIX = "/api/catalog_system/pvt/"


class Service:
    """One sandbox's state, rules, limits and journal, and what it answers. Used by one event loop only."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.world = World(settings, time.monotonic)
        self.faults = FaultBook(map(parse_fault, settings.faults))
        self.limiter = Limiter(settings.limits)
        secrets = [secret for account in settings.accounts for secret in (account.app_key, account.app_token)]
        self.journal = Journal(settings.journal_cap, secrets)
        self._routes = RouteTable(ROUTES)

    async def handle(self, request: Request) -> Delivery:
        """Answer a VTEX request, as the fault rules in force will have it."""
        account = self.world.account_of_key(request.credentials()[0])
        request_id = uuid.uuid4().hex
        entry = self.journal.open(request, account.name if account else None, request_id)
        fault = self.faults.pick(request)
        if fault is None:
            delivery = Delivery(await self._process(request, entry, delay_seconds=0))
        else:
            delivery = await self._spoil(fault, request, entry)
        self.journal.end(entry)
        if delivery.answer is not None:
            delivery.answer.headers["x-request-id"] = request_id
            self.journal.complete(entry, _as_sent(delivery))
        return delivery

    async def _spoil(self, fault: Fault, request: Request, entry: Entry) -> Delivery:
        entry.fault = fault.spec
        delay_seconds = fault.delay_seconds or 0
        if fault.applies:
            return fault.deliver(await self._process(request, entry, delay_seconds), request)
        await asyncio.sleep(delay_seconds)
        return fault.deliver(None, request)

    async def _process(self, request: Request, entry: Entry, delay_seconds: float) -> Answer:
        """What VTEX would answer, after doing it."""
        headers: dict[str, str] = {}
        try:
            route, params = self._routes.find(request)
            account = self._authorised(route, request, params)
            _check_headers(request)
            headers = self._spend(account, route)
            with self._lock(account, route, params):
                if route.locks or delay_seconds or self.settings.latency_seconds:
                    await asyncio.sleep(delay_seconds + self.settings.latency_seconds)
                answer = route.handler(Call(request, account, self.world, params))
            if route.writes and answer.status < 300:
                self.journal.applied(entry)
        except RefusalError as refusal:
            answer = refusal.answer
        answer.headers |= headers
        return answer

    def _authorised(self, route: Route, request: Request, params: dict[str, str]) -> Account:
        app_key, app_token = request.credentials()
        account = self.world.account_of_key(app_key)
        if route.public:
            return account or self.world.first_account()
        if account is None or account.settings.app_token != app_token:
            older = request.raw_path.startswith(LOGIN_PAGE_PREFIX)
            raise RefusalError(html_answer("VTEX - Login") if older else error_answer(401, "Acesso não autorizado"))
        if params.get("account", account.name) != account.name:
            raise RefusalError(error_answer(403, "Acesso negado"))
        return account

    def _spend(self, account: Account, route: Route) -> dict[str, str]:
        """Take the request off the limits; gives the headers that Pricing adds to every answer."""
        now = self.world.clock()
        verdict = self.limiter.take(account.name, route.limit, "", now)
        if route.limit == "catalog" and verdict.allowed:
            endpoint = f"{route.method} {route.template}"
            verdict = self.limiter.take(account.name, "catalog_endpoint", endpoint, now)
        headers = _limit_headers(verdict) if route.is_pricing and verdict.limit else {}
        if not verdict.allowed:
            answer = text_answer("Too Many Requests", 429)
            answer.headers = headers | {"Retry-After": str(verdict.retry_after_seconds)}
            raise RefusalError(answer)
        return headers

    @contextmanager
    def _lock(self, account: Account, route: Route, params: dict[str, str]) -> Iterator[None]:
        if not route.locks:
            yield
            return
        key = (account.name, params["sku_id"], params["warehouse_id"])
        if key in self.world.busy_stocks:
            name, sku_id, warehouse_id = key
            text = f"Unable to acquire lock for key: {name}_item_logistics_{sku_id}_{warehouse_id}."
            raise refuse_text(423, text)
        self.world.busy_stocks.add(key)
        try:
            yield
        finally:
            self.world.busy_stocks.discard(key)


def _check_headers(request: Request) -> None:
    if "application/json" not in request.headers.get("accept", ""):
        raise RefusalError(message_answer(400, "The header Accept: application/json is required."))
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith("application/json"):
        text = f"The request entity's media type '{content_type}' is not supported for this resource."
        raise RefusalError(message_answer(415, text))


def _limit_headers(verdict: Verdict) -> dict[str, str]:
    return {
        "Ratelimit-Limit": str(verdict.limit),
        "Ratelimit-Remaining": str(verdict.remaining),
        "Ratelimit-Reset": str(verdict.reset_seconds),
    }


def _as_sent(delivery: Delivery) -> Answer:
    """What the client could read of an answer: of a truncated one only the first half."""
    answer = delivery.answer or Answer(0)
    if delivery.ending is Ending.TRUNCATE:
        return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.content_type)
    return answer
