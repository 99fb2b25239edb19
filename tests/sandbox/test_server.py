"""HTTP itself: connections, bodies in pieces, latency, and the ways to run a sandbox."""

import asyncio
import socket
import time

import httpx
import pytest

from vtexmon.sandbox import SandboxSettings, running_sandbox, serve


def connect(sandbox):
    return socket.create_connection(("127.0.0.1", sandbox.port), timeout=5)


def test_a_connection_is_kept_alive(shop, sandbox):
    shop.call("GET", "old:brand/list")
    shop.call("GET", "old:brand/list")
    pool = shop.http._transport._pool  # the only way to see that the connection was used again
    assert len(pool.connections) == 1


def test_a_chunked_body_is_read(shop):
    response = shop.http.post("/api/catalog/pvt/brand", content=iter([b'{"Id":0,', b'"Name":"SENAI"}']))
    assert response.json()["Name"] == "SENAI"


def test_two_requests_in_one_packet_are_both_answered(sandbox):
    request = b"GET /_sandbox/limits HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect(sandbox) as connection:
        connection.sendall(request + request.replace(b"Host: x", b"Host: x\r\nConnection: close"))
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.count(b"HTTP/1.1 200") == 2


def test_a_client_that_waits_for_100_is_told_to_go_on(sandbox):
    head = b"POST /_sandbox/faults HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    with connect(sandbox) as connection:
        connection.sendall(head)
        assert b"100" in connection.recv(1_000)
        connection.sendall(b"[]")
        assert b"200" in connection.recv(1_000)


def test_head_is_answered_without_a_body(shop):
    response = shop.http.head("/_sandbox/state")
    assert (response.status_code, response.content) == (404, b"")


def test_what_is_no_http_is_400(sandbox):
    with connect(sandbox) as connection:
        connection.sendall(b"nada disso\r\n\r\n")
        assert connection.recv(1_000).startswith(b"HTTP/1.1 400")


def test_latency_slows_every_answer(open_shop):
    with running_sandbox(latency_seconds=0.1) as sandbox:
        shop, start = open_shop(sandbox.url), time.monotonic()
        shop.call("GET", "old:brand/list")
        assert time.monotonic() - start >= 0.1


def test_a_hanging_client_does_not_hold_the_end_up():
    with running_sandbox(faults=["hang"]) as sandbox:
        connection = connect(sandbox)
        connection.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        while not sandbox.requests():
            time.sleep(0.01)
        start = time.monotonic()
    assert time.monotonic() - start < 2
    connection.close()


def test_a_taken_port_is_an_error(sandbox):
    with pytest.raises(OSError, match="in use"), running_sandbox(port=sandbox.port):
        pass


def test_serve_runs_in_the_foreground_until_cancelled():
    async def run():
        url = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(serve(SandboxSettings(port=0), url.set_result))
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{await url}/_sandbox/state")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return answer

    assert asyncio.run(run()).json()["totals"]["skus"] == 0
