"""Hostile bytes on the wire: the client never raises, is never led elsewhere, and believes nothing it cannot read."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.hostile_server import KEY, TOKEN, Line, Reply, http, sends
from vtexmon.core.exchange import Answer, Request, Verdict
from vtexmon.core.sanitize import sanitize
from vtexmon.vtex import catalog, logistics, pricing

POST = catalog.create_product({"Name": "Ação", "CategoryId": 1, "BrandId": 2})
PUT = pricing.put_price(7, 179_550, None)
GET = catalog.get_product(7)
GOOD = b'{"Id": 7, "Name": "A\xc3\xa7\xc3\xa3o"}'
REQUESTS = {"create": POST, "put": PUT, "read": GET}
SHORT = 0.4
"""Seconds of total deadline where a server never comes to an end."""


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    with Line() as line:
        yield line


@pytest.fixture
def short_line() -> Iterator[Line]:
    with Line(SHORT) as line:
        yield line


def check(answer: Answer) -> Answer:
    """What holds whatever came: it was sent, so it is not "not sent"; and what is shown can be shown."""
    assert answer.verdict is not Verdict.NOT_SENT
    shown = [answer.request_id or "", answer.failure.message if answer.failure else "", endpoint(answer)]
    assert all(text == sanitize(text) and text.isprintable() for text in shown)
    for secret in (KEY, TOKEN):
        assert secret not in repr(answer)
    return answer


def endpoint(answer: Answer) -> str:
    return answer.failure.endpoint if answer.failure else ""


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("how", ["plain", "chunked", "gzip"])
def test_an_answer_cut_at_any_byte_is_unknown(line: Line, how: str, request_: Request) -> None:
    packed = gzip.compress(GOOD, mtime=0)
    whole = {
        "plain": http(GOOD),
        "gzip": http(packed, 200, "Content-Encoding: gzip"),
        "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(GOOD[:9], GOOD[9:]),
    }[how]

    believed = [
        cut for cut in range(len(whole)) if check(line.ask(request_, whole[:cut])).verdict is not Verdict.UNKNOWN
    ]

    assert believed == []
    assert check(line.ask(request_, whole)).verdict is Verdict.DONE


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
UNREADABLE = {
    "length negative": http(GOOD, length=-1),
    "length a word": http(GOOD, length="abc"),
    "length twice": http(GOOD, length="7, 7"),
    "length huge": http(GOOD, length="9" * 30),
    "length one too many": http(GOOD, length=len(GOOD) + 1),
    "length one too few": http(GOOD, length=len(GOOD) - 1),
    "two lengths": http(GOOD, 200, "Content-Length: 1"),
    "length and chunks": http(GOOD, 200, "Transfer-Encoding: chunked"),
    "chunk size a word": CHUNKED + b"ZZ\r\n" + GOOD,
    "chunk size negative": CHUNKED + b"-5\r\n" + GOOD,
    "chunk size endless": CHUNKED + b"ffffffffffffffffffff\r\n" + GOOD,
    "chunks without data": CHUNKED + b"5\r\n" * 2000,
    "transfer encoding unknown": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n" + GOOD,
    "gzip cut": http(gzip.compress(GOOD)[:-4], 200, "Content-Encoding: gzip"),
    "gzip with a wrong sum": http(gzip.compress(GOOD)[:-8] + b"\0" * 8, 200, "Content-Encoding: gzip"),
    "gzip broken": http(b"\x1f\x8b" + b"\xff" * 50, 200, "Content-Encoding: gzip"),
    "gzip that is zlib": http(zlib.compress(GOOD), 200, "Content-Encoding: gzip"),
    "gzip twice": http(gzip.compress(gzip.compress(GOOD)), 200, "Content-Encoding: gzip"),
    "deflate": http(zlib.compress(GOOD), 200, "Content-Encoding: deflate"),
    "brotli that is gzip": http(gzip.compress(GOOD), 200, "Content-Encoding: br"),
    "gzip that does not say so": http(gzip.compress(GOOD), 200),
    "NULs": http(b"\0" * 50),
    "UTF-16": http(GOOD.decode().encode("utf-16")),
    "Latin-1": http(GOOD.decode().encode("latin-1")),
    "page": http(b"<html><body>" + GOOD + b"</body></html>"),
    "page with an endless character": http(b"<html><title>&#" + b"9" * 5000 + b";</title></html>"),
    "endless character": http(b"&#" + b"9" * 5000),
    "HTTP/0.9": GOOD,
    "no status": b"HTTP/1.1 OK\r\n\r\n" + GOOD,
    "status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n" + GOOD,
    "status of other digits": b"HTTP/1.1 \xb2\xb0\xb0 OK\r\n\r\n" + GOOD,
    "status 099": b"HTTP/1.1 099 X\r\n\r\n" + GOOD,
    "status 000": b"HTTP/1.1 000 X\r\n\r\n" + GOOD,
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/2 settings": b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\x04\0\x10\0\0",
    "TLS": b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
    "empty lines": b"\r\n" * 5000,
    "a flood": b"A" * 300_000,
    "a flood of headers": b"HTTP/1.1 200 OK\r\n" + b"X-Flood: 1\r\n" * 20_000 + b"\r\n" + GOOD,
    "a header too long": b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 300_000 + b"\r\n\r\n" + GOOD,
    "a header without a colon": b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n" + GOOD,
    "a header with a NUL": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 9\r\n\r\n" + GOOD,
    "1xx and nothing else": b"HTTP/1.1 100 Continue\r\n\r\n" * 500,
    "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + GOOD,
}


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("request_", [POST, GET], ids=["create", "read"])
def test_bytes_that_are_no_readable_answer_are_unknown(line: Line, request_: Request, name: str) -> None:
    answer = check(line.ask(request_, UNREADABLE[name]))

    refused_as_page = request_ is GET and answer.verdict is Verdict.CREDENTIAL
    assert answer.verdict is Verdict.UNKNOWN or refused_as_page


READABLE = {
    "byte order mark": http(b"\xef\xbb\xbf" + GOOD),
    "type of a page": http(GOOD, 200, "Content-Type: text/html"),
    "type of nothing": http(GOOD, 200, "Content-Type: \xff\xfe"),
    "cookies": http(GOOD, 200, "Set-Cookie: a=b; Domain=.outra.example", "Set-Cookie: VtexIdclientAutCookie=x"),
    "encoding identity": http(GOOD, 200, "Content-Encoding: identity"),
    "encoding that is a character set": http(GOOD, 200, "Content-Encoding: utf-8"),
    "status 201": http(GOOD, 201),
    "status 299": http(GOOD, 299),
    "gzip and something behind it": http(gzip.compress(GOOD) + b"rest", 200, "Content-Encoding: x-gzip"),
    "HTTP/1.0 without a length": b"HTTP/1.0 200\r\n\r\n" + GOOD,
    "an odd version": b"HTTP/0.9 200 OK\r\n\r\n" + GOOD,
    "early hints": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + http(GOOD),
}


@pytest.mark.parametrize("name", READABLE)
def test_odd_but_readable_answers_are_believed(line: Line, name: str) -> None:
    assert check(line.ask(POST, READABLE[name])).verdict is Verdict.DONE


def test_an_empty_answer_that_calls_itself_packed_is_empty(line: Line) -> None:
    assert check(line.ask(PUT, http(b"", 200, "Content-Encoding: gzip"))).verdict is Verdict.DONE


def test_a_cookie_is_never_sent_back(line: Line) -> None:
    line.ask(POST, http(GOOD, 200, "Set-Cookie: sessao=1; Path=/"))
    line.ask(POST, http(GOOD))

    assert "cookie" not in line.server.requests[-1].lower()


@pytest.mark.parametrize("request_", [POST, PUT, GET], ids=["create", "put", "read"])
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308, 399])
def test_a_redirect_leads_nowhere(line: Line, status: int, request_: Request) -> None:
    """Not to another place, which must not see the credentials, and not to the same one a second time."""
    here, there = f"http://127.0.0.1:{line.server.port}", f"http://127.0.0.1:{line.other.port}"
    places = (f"{there}/x", f"{here}/x", "/x", "//127.0.0.1:1/x", "x\r\nX-Injected: 1", "http://[", "", f"{there}/%ff")
    for place in places:
        before = len(line.server.requests)
        answer = check(line.ask(request_, http(b"", status, f"Location: {place}", f"Refresh: 0; url={there}")))

        assert answer.verdict is Verdict.CREDENTIAL
        assert len(line.server.requests) == before + 1
    assert line.other.connections == 0


@pytest.mark.parametrize("body", [b"", GOOD, b"null"], ids=["empty", "document", "null"])
@pytest.mark.parametrize("status", [204, 205, 206, 226, 418, 451, 499, 500, 508, 599, 600, 700, 999])
def test_only_a_readable_2xx_is_a_success(line: Line, status: int, body: bytes) -> None:
    for request in (POST, GET):
        answer = check(line.ask(request, http(body, status)))

        without_document = status in (204, 205) or body != GOOD
        assert (answer.verdict is Verdict.DONE) == (status < 300 and not without_document)
        if status >= 500:
            assert answer.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "value",
    [
        *(
            "-1",
            "0",
            "9" * 12,
            "9" * 400,
            "1e9",
            "3.5",
            "nan",
            "inf",
            "+5",
            "٣",
            "5, 6",
            "soon",
            "",
            "Mon",
            "0x10",
            "ÿ",
        ),
        *("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 99999 00:00:00 GMT"),
        *("Tue, 24 Nov 2026 12:00:00 +9999", "2026-11-24T12:00:00Z", "Wed, 99 Foo 2026 99:99:99 GMT"),
    ],
)
def test_a_senseless_retry_after_waits_a_sensible_time_or_none(line: Line, status: int, value: str) -> None:
    answer = check(line.ask(POST, retry_after(status, value)))

    assert answer.verdict in (Verdict.NOT_PROCESSED, Verdict.UNKNOWN)
    assert answer.verdict is Verdict.NOT_PROCESSED or status == 503
    if answer.retry_after is not None:
        assert 1 <= answer.retry_after.total_seconds() <= 900


def retry_after(status: int, value: str) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nRetry-After: %s\r\n\r\n" % (status, value.encode("utf-8"))


def test_what_is_shown_of_headers_and_bodies_is_harmless(line: Line) -> None:
    hostile = "\x1b]0;x\x07\x9b31m\u202e\u200b\r\n".encode()
    data = http(b'{"Message": "' + hostile.replace(b"\r\n", b"") + b'\\u001b[2J"}', 400, "X-Request-Id: \x9b31m\xff")

    answer = check(line.ask(POST, data))

    assert answer.verdict is Verdict.REFUSED
    assert answer.request_id


def test_two_answers_to_one_request_are_not_two_answers(line: Line) -> None:
    """The second lies ready on the connection: it must not be taken for the next request's."""
    first = line.ask(POST, sends(http(GOOD) + http(b'{"Id": 9}'), close=False))
    second = line.ask(POST, sends(http(b'{"Id": 10}'), close=False))

    assert first.json == {"Id": 7, "Name": "Ação"}
    assert second.json in (None, {"Id": 10})
    assert check(second).verdict is (Verdict.UNKNOWN if second.json is None else Verdict.DONE)


def test_after_a_stray_answer_the_client_goes_on(line: Line) -> None:
    line.ask(POST, sends(http(GOOD) + http(b'{"Id": 9}'), close=False))
    line.ask(POST, sends(http(b'{"Id": 10}'), close=False))

    assert line.ask(POST, sends(http(b'{"Id": 11}'), close=False)).json == {"Id": 11}


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


def after(data: bytes, then: Reply) -> Reply:
    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await then(writer)

    return reply


@pytest.mark.parametrize("stage", [0, 5, 15, 30, 45, 60])
def test_a_connection_reset_at_any_stage_is_unknown(line: Line, stage: int) -> None:
    answer = check(line.ask(POST, after(http(GOOD, length=900)[:stage], reset)))

    assert answer.verdict is Verdict.UNKNOWN


async def drip_for_ever(writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def say_nothing(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


async def continue_for_ever(writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


@pytest.mark.parametrize(
    "reply",
    [
        say_nothing,
        drip_for_ever,
        continue_for_ever,
        after(b"HTTP/1.1 200 OK\r\nX-Slow: ", drip_for_ever),
        after(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", drip_for_ever),
        after(b"HTTP/1.1 200 OK\r\n\r\n" + GOOD, say_nothing),
    ],
    ids=["nothing", "status", "1xx", "header", "body", "no end"],
)
def test_a_server_without_end_is_left_at_the_deadline(short_line: Line, reply: Reply) -> None:
    assert check(short_line.ask(POST, reply)).verdict is Verdict.UNKNOWN


LIMIT = 200_000


@pytest.mark.parametrize(
    "data",
    [
        http(b"[" + b" " * 60_000_000 + b"]"),
        http(gzip.compress(b" " * 200_000_000, 9), 200, "Content-Encoding: gzip"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(*[b" " * 1_000_000] * 60),
    ],
    ids=["60 MB", "gzip bomb", "chunks"],
)
def test_memory_stays_within_the_limit_of_an_answer(data: bytes) -> None:
    """The server's own copy of the data is made before; what comes on top is the client's and the sockets'."""
    with Line(largest_answer_bytes=LIMIT) as line:
        line.ask(POST, http(GOOD))
        tracemalloc.start()
        try:
            answer = check(line.ask(POST, piecewise(data)))
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert answer.verdict is Verdict.UNKNOWN
    assert peak < 20 * LIMIT


def piecewise(data: bytes) -> Reply:
    async def reply(writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(data), 65_536):
            writer.write(data[start : start + 65_536])
            await writer.drain()

    return reply


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=200), head=st.sampled_from([b"", b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", http(b"")[:-2]]))
def test_no_bytes_crash_the_client(data: bytes, head: bytes) -> None:
    with Line() as line:
        assert check(line.ask(POST, head + data)).verdict is not Verdict.DONE


def test_stock_is_as_careful(line: Line) -> None:
    """A route that may answer with nothing at all still does not take rubbish for that."""
    put = logistics.put_inventory(7, "1", 5, False)

    assert line.ask(put, http(b"true")).verdict is Verdict.DONE
    for rubbish in (b"7", b'"OK"', b"false", b"tru", b"<html></html>", b'{"error": {"message": "x"}}'):
        assert check(line.ask(put, http(rubbish))).verdict is Verdict.UNKNOWN
