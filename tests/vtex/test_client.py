"""What the network does and what the client makes of it, over real loopback sockets (reference/engine.md 2.11)."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon import __version__
from vtexmon.config.model import Account, EngineSettings, Secret
from vtexmon.core.exchange import Answer, Request, Verdict
from vtexmon.core.redaction import MASK
from vtexmon.vtex import catalog, logistics, pricing
from vtexmon.vtex.client import CONNECTIONS_PER_CLIENT, VtexClient, encode_body

KEY, TOKEN = "vtexappkey-loja-ABCDEF", "TOKEN/muito+secreto=42"
POST = catalog.create_product({"Name": "Ação", "CategoryId": 1, "BrandId": 2})
GET = catalog.get_product(7)

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A raw HTTP server: reads whole requests and lets ``reply`` do what it likes with the socket."""

    reply: Reply
    port: int = 0
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:-2])}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.requests.append((head[0], headers, body))
                await self.reply(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


def answering(body: bytes, status: int = 200, *headers: str, length: int | None = None) -> Reply:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}", *headers]

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return reply


def then_closing(reply: Reply) -> Reply:
    async def closing(writer: asyncio.StreamWriter) -> None:
        await reply(writer)
        writer.close()

    return closing


async def close_at_once(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def say_nothing(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def trickle(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _number in range(1000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


def account(port: int, key: str | None = KEY, token: str | None = TOKEN) -> Account:
    url = f"http://127.0.0.1:{port}"
    return Account(
        "loja", "loja", "x", "sandbox", Secret("env:K", key), Secret("env:T", token), url, f"{url}/loja", url
    )


def settings(deadline_seconds: float = 5, clients: int = 2) -> EngineSettings:
    return EngineSettings(request_deadline=timedelta(seconds=deadline_seconds), clients=clients)


def run(
    reply: Reply,
    use: Callable[[VtexClient, Server], Awaitable[Any]],
    deadline_seconds: float = 5,
    clients: int = 2,
    **options: Any,
) -> Any:
    async def main() -> Any:
        server = Server(reply)
        listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        server.port = listener.sockets[0].getsockname()[1]
        client = VtexClient(account(server.port), settings(deadline_seconds, clients), **options)
        try:
            return await use(client, server)
        finally:
            await client.aclose()
            listener.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await asyncio.sleep(0)

    return asyncio.run(main())


def exchange(reply: Reply, request: Request = POST, deadline_seconds: float = 5, **options: Any) -> Answer:
    async def use(client: VtexClient, server: Server) -> Answer:
        return await client.exchange(request)

    answer: Answer = run(reply, use, deadline_seconds, **options)
    return answer


def test_a_request_carries_the_credentials_and_exactly_the_encoded_body() -> None:
    async def use(client: VtexClient, server: Server) -> tuple[Answer, Server]:
        return await client.exchange(POST), server

    answer, server = run(answering(b'{"Id": 7}'), use)
    [(line, headers, body)] = server.requests

    assert answer.verdict is Verdict.DONE
    assert answer.json == {"Id": 7}
    assert line == "POST /api/catalog/pvt/product HTTP/1.1"
    assert body.decode() == encode_body(POST.body) == '{"Name":"Ação","CategoryId":1,"BrandId":2}'
    assert headers["x-vtex-api-appkey"] == KEY
    assert headers["x-vtex-api-apptoken"] == TOKEN
    assert headers["accept"] == headers["content-type"] == "application/json"
    assert headers["user-agent"] == f"vtexmon/{__version__}"


@pytest.mark.parametrize(
    ("request_", "target"),
    [
        (catalog.product_by_ref_id("a/b c.é"), "/api/catalog_system/pvt/products/productgetbyrefid/a%2Fb%20c.%C3%A9"),
        (catalog.product_by_ref_id(".."), "/api/catalog_system/pvt/products/productgetbyrefid/%2E%2E"),
        (catalog.sku_by_ref_id("a&b=é"), "/api/catalog/pvt/stockkeepingunit?RefId=a%26b%3D%C3%A9"),
        (pricing.get_price(7), "/loja/pricing/prices/7"),
        (logistics.get_inventory(7), "/api/logistics/pvt/inventory/skus/7"),
    ],
)
def test_each_api_has_its_base_url_and_ids_stay_one_segment(request_: Request, target: str) -> None:
    async def use(client: VtexClient, server: Server) -> str:
        await client.exchange(request_)
        return server.requests[0][0]

    assert run(answering(b"null"), use) == f"GET {target} HTTP/1.1"


def test_a_refused_connection_means_not_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    async def main() -> Answer:
        client = VtexClient(account(port), settings())
        answer = await client.exchange(POST)
        await client.aclose()
        return answer

    answer = asyncio.run(main())

    assert answer.verdict is Verdict.NOT_SENT
    assert not answer.answered


def test_an_address_that_is_none_means_not_sent() -> None:
    async def main() -> list[Answer]:
        found = []
        for url in ("ftp://x", "http://[::1", "", "http://nome-que-nao-existe.invalid"):
            client = VtexClient(replace(account(1), base_url=url), settings(2))
            found.append(await client.exchange(POST))
            await client.aclose()
        return found

    assert {answer.verdict for answer in asyncio.run(main())} == {Verdict.NOT_SENT}


@pytest.mark.parametrize("reply", [close_at_once, reset], ids=["closed", "reset"])
@pytest.mark.parametrize("request_", [POST, GET], ids=["write", "read"])
def test_a_connection_lost_before_the_answer_is_unknown(reply: Reply, request_: Request) -> None:
    answer = exchange(reply, request_)

    assert answer.verdict is Verdict.UNKNOWN
    assert not answer.answered


def test_half_an_answer_is_unknown_and_keeps_what_came() -> None:
    answer = exchange(then_closing(answering(b'{"Id": 7', length=900)))

    assert answer.verdict is Verdict.UNKNOWN
    assert answer.status == 200
    assert answer.text == '{"Id": 7'
    assert answer.json is None


def test_half_a_refusal_is_a_refusal() -> None:
    assert exchange(then_closing(answering(b'"Bra', 404, length=900))).verdict is Verdict.REFUSED


@pytest.mark.parametrize("reply", [say_nothing, trickle], ids=["silent", "trickling"])
def test_the_total_deadline_ends_every_exchange(reply: Reply) -> None:
    answer = exchange(reply, deadline_seconds=0.4)

    assert answer.verdict is Verdict.UNKNOWN
    assert 350 <= answer.duration_ms < 5000
    assert answer.failure is not None
    assert "0.4 s" in answer.failure.message


def test_a_huge_answer_is_cut_and_unknown() -> None:
    answer = exchange(answering(b'"' + b"x" * 300_000 + b'"'), largest_answer_bytes=100_000)

    assert answer.verdict is Verdict.UNKNOWN
    assert answer.failure is not None
    assert "100000 bytes" in answer.failure.message
    assert answer.text is not None
    assert len(answer.text) <= 65_536


@pytest.mark.parametrize(
    "reply",
    [
        answering(b'{"Id": 7, "Name": "\xff'),
        answering(b"not gzip", 200, "Content-Encoding: gzip"),
        then_closing(answering(b"", 200, "Content-Length: 5, 6")),
        answering(b""),
    ],
    ids=["invalid UTF-8", "undecodable", "broken headers", "empty"],
)
def test_an_answer_that_cannot_be_read_is_unknown(reply: Reply) -> None:
    assert exchange(reply).verdict is Verdict.UNKNOWN


def test_something_that_is_not_http_is_unknown() -> None:
    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        writer.close()

    assert exchange(reply).verdict is Verdict.UNKNOWN


def test_redirects_are_not_followed() -> None:
    async def use(client: VtexClient, server: Server) -> tuple[Answer, int]:
        return await client.exchange(GET), len(server.requests)

    answer, count = run(answering(b"", 302, "Location: /_v/login"), use)

    assert answer.verdict is Verdict.CREDENTIAL
    assert count == 1


def test_retry_after_and_request_id_are_kept() -> None:
    answer = exchange(answering(b"", 429, "Retry-After: 5", "x-request-id: abc-1"))

    assert answer.verdict is Verdict.NOT_PROCESSED
    assert answer.retry_after == timedelta(seconds=5)
    assert answer.request_id == "abc-1"


@pytest.mark.parametrize("status", [200, 400, 500])
def test_echoed_secrets_are_in_no_answer(status: int) -> None:
    body = json.dumps({"Message": f"{KEY} and {TOKEN}", "h": {"X-VTEX-API-AppToken": TOKEN}}).replace("/", "\\/")

    answer = exchange(answering(body.encode(), status))

    assert KEY not in repr(answer)
    assert TOKEN not in repr(answer)
    assert "muito+secreto" not in repr(answer)
    assert answer.text is not None
    assert MASK in answer.text


def test_a_secret_cut_by_a_lost_connection_is_taken_out() -> None:
    answer = exchange(then_closing(answering(b"echo " + TOKEN[:-4].encode(), 500, length=900)))

    assert answer.text == f"echo {MASK}"


@pytest.mark.parametrize(("key", "token"), [(None, TOKEN), (KEY, None), ("", TOKEN), (KEY, "a\nb"), (KEY, "é" * 9)])
def test_without_a_credential_nothing_is_sent(key: str | None, token: str | None) -> None:
    async def main() -> Answer:
        client = VtexClient(account(1, key, token), settings())
        answer = await client.exchange(POST)
        await client.aclose()
        return answer

    answer = asyncio.run(main())

    assert answer.verdict is Verdict.CREDENTIAL
    assert not answer.answered


def test_the_environments_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert exchange(answering(b'{"Id":7}')).verdict is Verdict.DONE


def test_cancelling_passes_through_and_leaves_the_client_usable() -> None:
    replies = [say_nothing, answering(b'{"Id":7}')]

    async def reply(writer: asyncio.StreamWriter) -> None:
        await replies.pop(0)(writer)

    async def use(client: VtexClient, server: Server) -> Answer:
        task = asyncio.create_task(client.exchange(POST))
        while not server.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await client.exchange(POST)

    assert run(reply, use, clients=1).verdict is Verdict.DONE


def test_requests_are_spread_over_the_clients_and_connections_are_reused() -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        await answering(b'{"Id":7}')(writer)

    async def use(client: VtexClient, server: Server) -> tuple[list[Answer], int]:
        calls = 2 * CONNECTIONS_PER_CLIENT
        first = await asyncio.gather(*(client.exchange(GET) for _number in range(calls)))
        second = await asyncio.gather(*(client.exchange(GET) for _number in range(calls)))
        return [*first, *second], server.connections

    results, connections = run(slow, use)

    assert {answer.verdict for answer in results} == {Verdict.DONE}
    assert connections == 2 * CONNECTIONS_PER_CLIENT


def test_a_busy_client_is_passed_over_for_one_with_less_in_flight() -> None:
    servers: list[Server] = []

    async def reply(writer: asyncio.StreamWriter) -> None:
        if servers and servers[0].requests[-1][0].startswith("POST"):
            await asyncio.sleep(1)
        await answering(b'{"Id":7}')(writer)

    async def use(client: VtexClient, server: Server) -> list[Answer]:
        servers.append(server)
        slow = []
        for _number in range(CONNECTIONS_PER_CLIENT + 1):
            slow.append(asyncio.create_task(client.exchange(POST)))
            await client.exchange(GET)
        return await asyncio.gather(*slow)

    results = run(reply, use, deadline_seconds=2)

    assert {answer.verdict for answer in results} == {Verdict.DONE}


def test_waiting_too_long_for_a_connection_means_not_sent() -> None:
    async def use(client: VtexClient, server: Server) -> list[Answer]:
        return await asyncio.gather(*(client.exchange(POST) for _number in range(CONNECTIONS_PER_CLIENT + 1)))

    results = run(say_nothing, use, deadline_seconds=0.8, clients=1)

    assert sorted(answer.verdict.value for answer in results) == ["not_sent"] + ["unknown"] * CONNECTIONS_PER_CLIENT


def test_after_closing_nothing_is_sent() -> None:
    async def use(client: VtexClient, server: Server) -> tuple[Answer, int]:
        await client.aclose()
        return await client.exchange(POST), len(server.requests)

    answer, count = run(answering(b"null"), use)

    assert answer.verdict is Verdict.NOT_SENT
    assert count == 0


def test_a_body_that_is_no_json_is_a_defect_and_raises() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode_body({"a": float("nan")})


@given(st.text(st.characters(codec=None, categories=None)))
def test_any_text_can_be_encoded(text: str) -> None:
    encoded = encode_body({"a": text, "b": 1})

    assert encoded.encode().decode() == encoded
    assert json.loads(encoded)["b"] == 1
    if "\ufffd" not in encoded:
        assert json.loads(encoded)["a"] == text


def test_after_a_refusal_the_credentials_are_resolved_again_whatever_is_read_meanwhile() -> None:
    """The category tree is open to all: its answer, after the refusal, says nothing about credentials."""
    answers = iter([answering(b"[]"), answering(b"{}", 401), answering(b'{"Id": 7}')])
    arrived, release = asyncio.Event(), asyncio.Event()

    async def reply(writer: asyncio.StreamWriter) -> None:
        say, is_tree = next(answers), not arrived.is_set()
        arrived.set()
        if is_tree:
            await release.wait()
        await say(writer)

    async def use(client: VtexClient, server: Server) -> tuple[list[Verdict], str]:
        tree = asyncio.create_task(client.exchange(catalog.category_tree()))
        await arrived.wait()
        refused = await client.exchange(GET)
        release.set()
        found = [refused.verdict, (await tree).verdict, (await client.exchange(GET)).verdict]
        return found, server.requests[-1][1]["x-vtex-api-apptoken"]

    found, token = run(reply, use, renewed=lambda: account(1, KEY, "um-token-novo-e-certo"))

    assert found == [Verdict.CREDENTIAL, Verdict.DONE, Verdict.DONE]
    assert token == "um-token-novo-e-certo"
