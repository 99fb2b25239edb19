"""A real TCP server on loopback that answers the real client with whatever bytes a test gives it.

One loop holds server and client, and is kept for many exchanges: ``Line.ask`` sends one request and gives the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Any

from vtexmon.config.model import Account, EngineSettings, Secret
from vtexmon.core.exchange import Answer, Request
from vtexmon.vtex.client import VtexClient

KEY, TOKEN = "vtexappkey-loja-ABCDEF", "TOKEN/muito+secreto=42"
Reply = Callable[[asyncio.StreamWriter], Coroutine[Any, Any, None]]


def http(body: bytes, status: object = 200, *headers: str, length: object = None, reason: str = "X") -> bytes:
    """The bytes of an answer; ``length`` is what it says of itself."""
    said = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {said}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def sends(data: bytes, close: bool = True) -> Reply:
    """These bytes, and then nothing more."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if close:
            writer.close()

    return reply


class Server:
    """Reads whole requests and answers each with ``reply``; ``requests`` are the first lines and headers it saw."""

    def __init__(self) -> None:
        self.reply: Reply = sends(b"")
        self.requests: list[str] = []
        self.connections = 0
        self.port = 0
        self._listener: asyncio.Server | None = None

    async def start(self) -> None:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._listener is not None
        self._listener.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = next(
                    (line[15:] for line in head.lower().split("\r\n") if line.startswith("content-length")), 0
                )
                await reader.readexactly(int(length))
                self.requests.append(head)
                await self.reply(writer)
        with suppress(ConnectionError, asyncio.CancelledError):
            writer.close()
            await writer.wait_closed()


class Line:
    """A client and its server; ``other`` is a second server, to which nothing should ever go."""

    def __init__(self, deadline_seconds: float = 20, **options: Any) -> None:
        self._runner = asyncio.Runner()
        self.server, self.other = Server(), Server()
        self._settings = EngineSettings(request_deadline=timedelta(seconds=deadline_seconds), clients=1)
        self._options = options

    def __enter__(self) -> Line:
        self._runner.run(self._open())
        return self

    async def _open(self) -> None:
        await self.server.start()
        await self.other.start()
        url = f"http://127.0.0.1:{self.server.port}"
        secrets = Secret("env:K", KEY), Secret("env:T", TOKEN)
        account = Account("loja", "loja", "x", "sandbox", *secrets, url, f"{url}/loja", url)
        self.client = VtexClient(account, self._settings, **self._options)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._runner.run(self._close())
        self._runner.close()

    async def _close(self) -> None:
        await self.client.aclose()
        await self.server.stop()
        await self.other.stop()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def ask(self, request: Request, reply: Reply | bytes) -> Answer:
        """Send one request; the server answers with these bytes and closes, or does what ``reply`` does."""
        self.server.reply = sends(reply) if isinstance(reply, bytes) else reply
        return self._runner.run(self.client.exchange(request))
