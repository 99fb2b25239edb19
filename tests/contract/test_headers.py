"""What the sandbox's journal does not hold: the headers that go over the wire, and that a redirect is not followed."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import pytest

from tests.openapi import needs_openapi, operation
from vtexmon.config.model import Account, Secret
from vtexmon.core.exchange import Request
from vtexmon.vtex import catalog, logistics, pricing
from vtexmon.vtex.client import VtexClient

REQUESTS = {
    "read product": catalog.get_product(7),
    "create product": catalog.create_product({"Name": "Curso", "CategoryId": 1, "BrandId": 2}),
    "read SKU": catalog.sku_by_ref_id("1-12-T1"),
    "add image": catalog.add_sku_file(7, "https://loja.example/a.png", "curso"),
    "add trade policy": catalog.add_product_trade_policy(7, 2),
    "read price": pricing.get_price(7),
    "write price": pricing.put_price(7, 100, None),
    "read stock": logistics.get_inventory(7),
    "write stock": logistics.put_inventory(7, "1", 3, False),
    "warehouses": logistics.warehouses(),
}
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
REDIRECT = b"HTTP/1.1 %d X\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n"


class Raw(NamedTuple):
    """A request as it came over the socket; header names in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes


def sent(request: Request, answer: bytes) -> list[Raw]:
    """Everything that reaches a socket when one request is sent and that is answered."""
    received: list[Raw] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in lines if one)}
                received.append(Raw(line, headers, await reader.readexactly(int(headers.get("content-length", 0)))))
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        secrets = Secret("env:K", "chave-da-loja"), Secret("env:T", "token-da-loja")
        client = VtexClient(Account("loja", "loja", "x", "sandbox", *secrets, url, f"{url}/loja", url))
        await client.exchange(request)
        await client.aclose()
        server.close()
        await asyncio.sleep(0.01)

    asyncio.run(main())
    return received


def missing_headers(request: Request, raw: Raw) -> list[str]:
    """The headers that the operation demands and the request lacks, or has for another media type."""
    declared = operation(request.api, request.method, request.path)
    assert declared is not None
    wanted = [one["name"].lower() for one in declared.parameters if one["in"] == "header" and one.get("required")]
    return [name for name in {*wanted, "accept", "content-type"} if raw.headers.get(name) != "application/json"]


@needs_openapi
@pytest.mark.parametrize("name", REQUESTS)
def test_every_header_that_an_operation_demands_is_sent(name: str) -> None:
    (raw,) = sent(REQUESTS[name], OK)

    assert missing_headers(REQUESTS[name], raw) == []
    assert raw.headers["x-vtex-api-appkey"] == "chave-da-loja"
    assert raw.headers["x-vtex-api-apptoken"] == "token-da-loja"
    assert bool(raw.body) == (REQUESTS[name].body is not None)


@needs_openapi
def test_a_header_that_is_not_sent_is_noticed() -> None:
    raw = Raw("GET / HTTP/1.1", {"accept": "*/*"}, b"")

    assert set(missing_headers(REQUESTS["read price"], raw)) == {"accept", "content-type"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", ["read product", "create product", "write price"])
def test_a_redirect_is_never_followed(name: str, status: int) -> None:
    assert len(sent(REQUESTS[name], REDIRECT % status)) == 1
