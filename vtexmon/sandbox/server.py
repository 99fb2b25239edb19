"""HTTP/1.1 over asyncio streams with h11: a server of our own, because faults need the socket.

Keep-alive and pipelining as h11 does them. What to answer is decided by ``service.py`` and ``control.py``; here
answers only become bytes, or do not.
"""

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import Callable

import h11

from vtexmon.sandbox.control import PREFIX, control
from vtexmon.sandbox.service import Service
from vtexmon.sandbox.settings import SandboxSettings
from vtexmon.sandbox.wire import Answer, Delivery, Ending, Request, message_answer

READ_BYTES = 65_536
_LINGER_ZERO = struct.pack("ii", 1, 0)

logger = logging.getLogger(__name__)


class SandboxServer:
    """One listening sandbox. ``start`` binds, ``stop`` ends every connection, hanging ones included."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.service = Service(settings)
        self.url = ""
        self._settings = settings
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; afterwards ``url`` is known. OSError when the port is taken."""
        host, port = self._settings.host, self._settings.port
        self._server = await asyncio.start_server(self._accept, host, port, backlog=1024)
        self.url = f"http://{host}:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening and drop what is connected."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await _Connection(self.service, reader, writer).run()
        finally:
            self._connections.discard(task)
            writer.close()


async def serve(settings: SandboxSettings, ready: Callable[[str], None]) -> None:
    """Run a sandbox until cancelled; ``ready`` is called once with its URL."""
    server = SandboxServer(settings)
    await server.start()
    try:
        ready(server.url)
        await asyncio.Event().wait()
    finally:
        await server.stop()


class _Connection:
    """One client's connection, request after request."""

    def __init__(self, service: Service, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._service = service
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)
        self._is_head = False

    async def run(self) -> None:
        while True:
            try:
                request = await self._read_request()
            except h11.RemoteProtocolError as error:
                await self._refuse(error)
                return
            if request is None:
                return
            delivery = await self._answer(request)
            if not await self._deliver(delivery):
                return
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    async def _read_request(self) -> Request | None:
        """The next request with its whole body; None when the client has closed."""
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._http.next_event()
            match event:
                case h11.NEED_DATA:
                    await self._receive()
                case h11.Request():
                    head = event
                    self._is_head = event.method == b"HEAD"
                case h11.Data():
                    body += event.data
                case h11.EndOfMessage() if head is not None:
                    return _request(head, bytes(body))
                case _:
                    return None

    async def _receive(self) -> None:
        if self._http.they_are_waiting_for_100_continue:
            self._writer.write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        self._http.receive_data(await self._reader.read(READ_BYTES))

    async def _answer(self, request: Request) -> Delivery:
        if request.raw_path.startswith(PREFIX):
            return Delivery(control(self._service, request))
        try:
            return await self._service.handle(request)
        except Exception as error:
            logger.exception("defeito do sandbox em %s %s", request.method, request.raw_path)
            return Delivery(message_answer(500, f"defeito do sandbox: {error!r}"))

    async def _deliver(self, delivery: Delivery) -> bool:
        """Write the answer; false when the connection ends with it."""
        match delivery.ending:
            case Ending.KEEP:
                await self._send(delivery.answer)
                return True
            case Ending.TRUNCATE:
                await self._send_half(delivery.answer)
            case Ending.RESET:
                self._reset()
            case Ending.HANG:
                await self._wait_for_client_to_leave()
            case Ending.CLOSE:
                pass
        return False

    async def _send(self, answer: Answer | None) -> None:
        if answer is None:
            return
        head = h11.Response(status_code=answer.status, headers=_headers(answer))
        parts = [self._http.send(head)]
        if answer.status not in (204, 304) and not self._is_head:
            parts.append(self._http.send(h11.Data(data=answer.body)))
        parts.append(self._http.send(h11.EndOfMessage()))
        self._writer.write(b"".join(part for part in parts if part))
        await self._writer.drain()

    async def _send_half(self, answer: Answer | None) -> None:
        """Half of the body under the length of the whole; written by hand, since h11 would not."""
        if answer is None:
            return
        length = max(len(answer.body), 2)
        lines = [f"HTTP/1.1 {answer.status} OK", *(f"{name}: {value}" for name, value in _headers(answer, length))]
        head = "\r\n".join(lines) + "\r\n\r\n"
        self._writer.write(head.encode() + answer.body[: len(answer.body) // 2])
        await self._writer.drain()

    def _reset(self) -> None:
        connection = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self._writer.transport.abort()

    async def _wait_for_client_to_leave(self) -> None:
        while await self._reader.read(READ_BYTES):
            pass

    async def _refuse(self, error: h11.RemoteProtocolError) -> None:
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = message_answer(error.error_status_hint, str(error))
            answer.headers["Connection"] = "close"
            await self._send(answer)


def _request(head: h11.Request, body: bytes) -> Request:
    path, _, query = head.target.decode("ascii", "replace").partition("?")
    headers = {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers}
    return Request(head.method.decode("ascii"), path, query, headers, body)


def _headers(answer: Answer, length: int | None = None) -> list[tuple[str, str]]:
    headers = [("Server", "vtexmon-sandbox")]
    if answer.status != 204:
        headers.append(("Content-Length", str(len(answer.body) if length is None else length)))
    if answer.body:
        headers.append(("Content-Type", answer.content_type))
    return [*headers, *answer.headers.items()]
