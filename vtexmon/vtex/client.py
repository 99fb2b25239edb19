"""The one place that sends HTTP to VTEX; no httpx type leaves it (``reference/engine.md`` 2.11).

* An httpx pool gets slow above a few connections, so there are several clients of eight, each request going to the one
  with the least in flight.
* httpx has no total time limit: ``asyncio.timeout`` gives every exchange one. Waiting for a connection, connecting and
  the TLS handshake each end at a quarter of it, so a request that runs into the total limit has left.
* The environment's proxies and ``.netrc`` are not used: a ``HTTP_PROXY`` left in a shell must not receive the
  credentials or swallow loopback traffic. ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` are, for networks with their own CA.
* Redirects are not followed: a log-in page is an answer, not a place to go.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from vtexmon import __version__
from vtexmon.config.model import Account, EngineSettings
from vtexmon.core.exchange import Answer, Api, Json, Request
from vtexmon.core.redaction import Redactor
from vtexmon.i18n import _
from vtexmon.vtex import answers

CONNECTIONS_PER_CLIENT = 8
KEEPALIVE_SECONDS = 4.0
LARGEST_ANSWER_BYTES = 5 * 1024 * 1024
KEPT_OF_A_CUT_ANSWER = 64 * 1024
"""Bytes of an incomplete or oversized answer that are kept as evidence."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_BEFORE_SENDING = (httpx.InvalidURL, httpx.UnsupportedProtocol)


def encode_body(body: Json) -> str:
    """The text that goes over the wire for a body: compact, UTF-8; ValueError for NaN and infinities.

    The engine stores exactly this. Lone surrogates, which UTF-8 cannot carry, become ``�``.
    """
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if not text.isascii() else text


@dataclass
class _Pool:
    """One httpx client and how many exchanges it has in flight."""

    client: httpx.AsyncClient
    in_flight: int = 0


@dataclass
class _Received:
    """What has come of an answer so far."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)


class _TooLargeError(Exception):
    """The answer passed the size limit."""


class VtexClient:
    """All exchanges with one account. It belongs to the event loop it is first used in; ``aclose`` ends it."""

    def __init__(
        self,
        account: Account,
        settings: EngineSettings | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        largest_answer_bytes: int = LARGEST_ANSWER_BYTES,
    ) -> None:
        settings = settings or EngineSettings()
        self.account = account
        self._deadline_seconds = settings.request_deadline.total_seconds()
        self._clock = clock
        self._largest_answer_bytes = largest_answer_bytes
        key, token = (account.app_key.value or "").strip(), (account.app_token.value or "").strip()
        self.redactor = Redactor((key, token))
        self._credential_problem = _problem_of(key, token)
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"vtexmon/{__version__}",
        }
        if not self._credential_problem:
            self._headers |= {"X-VTEX-API-AppKey": key, "X-VTEX-API-AppToken": token}
        self._pools = _pools(account, max(1, settings.clients), self._deadline_seconds)
        self._turn = 0
        self._closed = False

    async def exchange(self, request: Request) -> Answer:
        """Send one request and judge what came of it. Nothing that VTEX or the network does is raised.

        Raises only ``CancelledError`` (the outcome is then unknown) and what ``encode_body`` raises for a wrong body.
        """
        if self._credential_problem:
            return answers.no_credential(request, self._credential_problem)
        if self._closed:
            return answers.not_sent(request, _("o programa está terminando"))
        content = None if request.body is None else encode_body(request.body).encode()
        pool = self._least_busy()
        started, received = self._clock(), _Received()
        pool.in_flight += 1
        problem: Exception | None = None
        try:
            async with asyncio.timeout(self._deadline_seconds):
                await self._receive(pool.client, request, content, received)
        except Exception as error:
            problem = error
        finally:
            pool.in_flight -= 1
        duration_ms = max(0, round((self._clock() - started) * 1000))
        return self._judged(request, received, problem, duration_ms)

    async def aclose(self) -> None:
        """Close every connection; exchanges in flight end as unknown, later ones are not sent."""
        self._closed = True
        for pool in self._pools:
            await pool.client.aclose()

    def _url(self, request: Request) -> str:
        base = self.account.pricing_url if request.api is Api.PRICING else self.account.base_url
        return base.rstrip("/") + request.path

    def _least_busy(self) -> _Pool:
        self._turn = (self._turn + 1) % len(self._pools)
        return min((*self._pools[self._turn :], *self._pools[: self._turn]), key=lambda pool: pool.in_flight)

    async def _receive(
        self, client: httpx.AsyncClient, request: Request, content: bytes | None, received: _Received
    ) -> None:
        query = dict(request.query) or None
        url = self._url(request)
        call = client.stream(request.method, url, params=query, content=content, headers=self._headers)
        async with call as response:
            received.status = response.status_code
            received.headers = dict(response.headers)
            async for chunk in response.aiter_bytes():
                received.body += chunk
                if len(received.body) > self._largest_answer_bytes:
                    raise _TooLargeError

    def _judged(self, request: Request, received: _Received, problem: Exception | None, duration_ms: int) -> Answer:
        if isinstance(problem, (*_NOT_SENT, *_BEFORE_SENDING)):
            return answers.not_sent(request, self._told(problem), duration_ms)
        if received.status is None:
            return answers.unanswered(request, self._told(problem or TimeoutError()), duration_ms)
        return answers.judge(
            request,
            received.status,
            received.headers,
            bytes(received.body[: KEPT_OF_A_CUT_ANSWER if problem else None]),
            self.redactor,
            now=datetime.now(UTC),
            duration_ms=duration_ms,
            incomplete=self._told(problem) if problem else "",
        )

    def _told(self, error: Exception) -> str:
        """What happened, in the operator's words, with the technical text behind it."""
        words = next((tell() for kinds, tell in _WORDS if isinstance(error, kinds)), _("falha de comunicação"))
        if isinstance(error, TimeoutError):
            return words.format(seconds=round(self._deadline_seconds, 1))
        if isinstance(error, _TooLargeError):
            return words.format(limit=self._largest_answer_bytes)
        detail = self.redactor.text(str(error)).strip()
        return f"{words} ({detail})" if detail else words


_WORDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Callable[[], str]], ...] = (
    (TimeoutError, lambda: _("o prazo total de {seconds} s acabou")),
    (_TooLargeError, lambda: _("é maior que o limite de {limit} bytes")),
    (httpx.PoolTimeout, lambda: _("todas as conexões estão ocupadas")),
    (httpx.ConnectTimeout, lambda: _("a conexão não se completou a tempo")),
    (httpx.ConnectError, lambda: _("a conexão não foi aceita")),
    (_BEFORE_SENDING, lambda: _("o endereço da conta não é válido")),
    (httpx.TimeoutException, lambda: _("não houve resposta a tempo")),
    (httpx.DecodingError, lambda: _("a resposta não pôde ser decodificada")),
    (httpx.TransportError, lambda: _("a conexão caiu antes da resposta completa")),
)


def _problem_of(key: str, token: str) -> str:
    """Why the pair cannot be sent as headers; empty when it can."""
    if not key or not token:
        return _("a AppKey ou o AppToken não pôde ser lido")
    sendable = all(text.isascii() and text.isprintable() for text in (key, token))
    return "" if sendable else _("a AppKey ou o AppToken contém caracteres que não podem ser enviados")


def _pools(account: Account, count: int, deadline_seconds: float) -> tuple[_Pool, ...]:
    """The clients; they share one TLS context, which is slow to make and useless for plain loopback."""
    needs_tls = any(not url.lower().startswith("http://") for url in (account.base_url, account.pricing_url))
    verify = httpx.create_ssl_context(trust_env=True) if needs_tls else False
    quarter = deadline_seconds / 4
    timeout = httpx.Timeout(deadline_seconds, connect=min(10.0, quarter), pool=min(10.0, quarter))
    limits = httpx.Limits(
        max_connections=CONNECTIONS_PER_CLIENT,
        max_keepalive_connections=CONNECTIONS_PER_CLIENT,
        keepalive_expiry=KEEPALIVE_SECONDS,
    )

    def client() -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=verify,
            http1=True,
            http2=False,
            trust_env=False,
            follow_redirects=False,
            timeout=timeout,
            limits=limits,
        )

    return tuple(_Pool(client()) for _number in range(count))
