"""The one place that sends HTTP to VTEX; no httpx type leaves it (``reference/engine.md`` 2.11).

* An httpx pool looks at all its connections before and after each request, so each connection has a pool of its own;
  a request goes to the first that is free.
* httpx's transport is used without its client: authentication, redirects, cookies and proxies are not wanted here, and
  finding that out takes the client as long as our own judging of the answer.
* httpx has no total time limit: ``asyncio.timeout`` gives every exchange one. Waiting for a connection, connecting and
  the TLS handshake each end at a quarter of it, so a request that runs into the total limit has left.
* The environment's proxies and ``.netrc`` are not used: a ``HTTP_PROXY`` left in a shell must not receive the
  credentials or swallow loopback traffic. ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` are, for networks with their own CA.
* Redirects are not followed: a log-in page is an answer, not a place to go. Cookies are not kept: a session that an
  answer begins would speak for somebody else than the AppKey.
* Compressed answers are unpacked here, a piece at a time: httpx would unpack a small one to a thousand times its size.
* An answer that was there before its request belongs to another one: a server that answers twice would otherwise have
  its second answer taken for that of the next request on the connection.
"""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from vtexmon import __version__
from vtexmon.config.model import Account, EngineSettings
from vtexmon.core.exchange import Answer, Api, Json, Request, Verdict
from vtexmon.core.redaction import Redactor
from vtexmon.i18n import _
from vtexmon.vtex import answers

CONNECTIONS_PER_CLIENT = 8 + 1
"""Eight for bulk work, one more for what a person waits for (``engine/intake.py``)."""

KEEPALIVE_SECONDS = 4.0
LARGEST_ANSWER_BYTES = 5 * 1024 * 1024
KEPT_OF_A_CUT_ANSWER = 64 * 1024
"""Bytes of an incomplete or oversized answer that are kept as evidence."""

_PIECE_BYTES = 64 * 1024
_GZIP = zlib.MAX_WBITS | 16

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
    """One connection and how many exchanges it has or awaits; ``timeout`` is what httpx is told with each."""

    transport: httpx.AsyncHTTPTransport
    timeout: dict[str, float | None]
    in_flight: int = 0


@dataclass
class _Received:
    """What has come of an answer so far."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)


class _TooLargeError(Exception):
    """The answer passed the size limit."""


class _NotOursError(Exception):
    """The answer was there before the request was sent."""


@dataclass
class _Listener:
    """Hears what happens on the connection (httpcore's trace). An answer that had to be waited for is ours.

    httpcore reads an answer either from the socket, which lets the loop go round, or from what it still has.
    """

    waited: bool = False

    async def __call__(self, event: str, _details: Any) -> None:
        if event == "http11.receive_response_headers.started":
            asyncio.get_running_loop().call_soon(self._wait)
        elif event == "http11.receive_response_headers.complete" and not self.waited:
            raise _NotOursError

    def _wait(self) -> None:
        self.waited = True


class VtexClient:
    """All exchanges with one account. It belongs to the event loop it is first used in; ``aclose`` ends it."""

    def __init__(
        self,
        account: Account,
        settings: EngineSettings | None = None,
        *,
        renewed: Callable[[], Account] | None = None,
        clock: Callable[[], float] = time.monotonic,
        largest_answer_bytes: int = LARGEST_ANSWER_BYTES,
    ) -> None:
        settings = settings or EngineSettings()
        self.account = account
        self._renewed = renewed
        self._is_refused = False
        self._deadline_seconds = settings.request_deadline.total_seconds()
        self._clock = clock
        self._largest_answer_bytes = largest_answer_bytes
        self._secrets: set[str] = set()
        self._use(account)
        self._pools = _pools(account, max(1, settings.clients) * CONNECTIONS_PER_CLIENT, self._deadline_seconds)
        self._closed = False

    def _use(self, account: Account) -> None:
        """Send these credentials from now on; earlier ones stay secret."""
        key, token = (account.app_key.value or "").strip(), (account.app_token.value or "").strip()
        self._secrets |= {key, token}
        self.redactor = Redactor(self._secrets)
        self._credential_problem = _problem_of(key, token)
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"vtexmon/{__version__}",
        }
        if not self._credential_problem:
            self._headers |= {"X-VTEX-API-AppKey": key, "X-VTEX-API-AppToken": token}

    async def exchange(self, request: Request) -> Answer:
        """Send one request, with the credentials as they are now where VTEX refused the last ones."""
        if self._is_refused and self._renewed is not None:
            self._use(await asyncio.to_thread(self._renewed))
        answer = await self._exchange(request)
        if answer.verdict is Verdict.CREDENTIAL or not request.is_public:  # what is open to all says nothing about them
            self._is_refused = answer.verdict is Verdict.CREDENTIAL
        return answer

    async def _exchange(self, request: Request) -> Answer:
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
                await self._receive(pool, request, content, received)
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
            await pool.transport.aclose()

    def _url(self, request: Request) -> str:
        base = self.account.pricing_url if request.api is Api.PRICING else self.account.base_url
        return base.rstrip("/") + request.path

    def _least_busy(self) -> _Pool:
        """The first of those with the least in flight: a connection that was just used is still open."""
        return min(self._pools, key=lambda pool: pool.in_flight)

    async def _receive(self, pool: _Pool, request: Request, content: bytes | None, received: _Received) -> None:
        call = httpx.Request(
            request.method,
            self._url(request),
            params=dict(request.query) or None,
            content=content,
            headers=self._headers,
            extensions={"timeout": pool.timeout, "trace": _Listener()},
        )
        response = await pool.transport.handle_async_request(call)
        try:
            received.status = response.status_code
            received.headers = dict(response.headers)
            async for piece in _unpacked(response):
                received.body += piece
                if len(received.body) > self._largest_answer_bytes:
                    raise _TooLargeError
        finally:
            await response.aclose()

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


async def _unpacked(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body in pieces of bounded size, however it is packed; raises ``zlib.error`` for what is not as it says.

    Only gzip was asked for; anything else is given as it came, and will be unreadable then.
    """
    unpack, empty = zlib.decompressobj(_GZIP) if _is_gzip(response) else None, True
    async for chunk in response.aiter_raw():
        empty = False
        for piece in _pieces(unpack, chunk) if unpack else (chunk,):
            yield piece
    if unpack is not None and not empty and not unpack.eof:
        raise zlib.error(_("o conteúdo comprimido acaba antes do fim"))


def _is_gzip(response: httpx.Response) -> bool:
    return response.headers.get("content-encoding", "").strip().lower() in ("gzip", "x-gzip")


def _pieces(unpack: Any, packed: bytes) -> Iterator[bytes]:
    while packed and not unpack.eof:
        yield unpack.decompress(packed, _PIECE_BYTES)
        packed = unpack.unconsumed_tail


_WORDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Callable[[], str]], ...] = (
    (TimeoutError, lambda: _("o prazo total de {seconds} s acabou")),
    (_TooLargeError, lambda: _("é maior que o limite de {limit} bytes")),
    (httpx.PoolTimeout, lambda: _("todas as conexões estão ocupadas")),
    (httpx.ConnectTimeout, lambda: _("a conexão não se completou a tempo")),
    (httpx.ConnectError, lambda: _("a conexão não foi aceita")),
    (_BEFORE_SENDING, lambda: _("o endereço da conta não é válido")),
    (httpx.TimeoutException, lambda: _("não houve resposta a tempo")),
    (_NotOursError, lambda: _("veio uma resposta que não era desta chamada")),
    (zlib.error, lambda: _("a resposta não pôde ser decodificada")),
    (httpx.TransportError, lambda: _("a conexão caiu antes da resposta completa")),
)


def _problem_of(key: str, token: str) -> str:
    """Why the pair cannot be sent as headers; empty when it can."""
    if not key or not token:
        return _("a AppKey ou o AppToken não pôde ser lido")
    sendable = all(text.isascii() and text.isprintable() for text in (key, token))
    return "" if sendable else _("a AppKey ou o AppToken contém caracteres que não podem ser enviados")


def _pools(account: Account, count: int, deadline_seconds: float) -> tuple[_Pool, ...]:
    """The pools; they share one TLS context, which is slow to make and useless for plain loopback."""
    needs_tls = any(not url.lower().startswith("http://") for url in (account.base_url, account.pricing_url))
    verify = httpx.create_ssl_context(trust_env=True) if needs_tls else False
    quarter = deadline_seconds / 4
    timeout = httpx.Timeout(deadline_seconds, connect=min(10.0, quarter), pool=min(10.0, quarter))
    limits = httpx.Limits(
        max_connections=1,
        max_keepalive_connections=1,
        keepalive_expiry=KEEPALIVE_SECONDS,
    )

    def pool() -> _Pool:
        transport = httpx.AsyncHTTPTransport(verify=verify, http1=True, http2=False, trust_env=False, limits=limits)
        return _Pool(transport, timeout.as_dict())

    return tuple(pool() for _number in range(count))
