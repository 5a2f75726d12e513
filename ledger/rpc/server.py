"""The server: one process, one thread, one event loop; and no client that holds a connection without using it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, NamedTuple, cast

import uvicorn
from httptools import HttpParserUpgrade, HttpRequestParser
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from ledger.rpc.limits import Limits

GRACE_SECONDS: Final = 5
"""How long a server that stops waits for what it is answering."""


class Server(uvicorn.Server):
    """A server of an application; signals are left to who runs it."""

    def __init__(self, app: ASGIApp, limits: Limits | None = None) -> None:
        super().__init__(_config(app, limits or Limits()))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Where it is reached over HTTP."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def websocket_url(self) -> str:
        """Where it is reached over WebSocket."""
        return f"ws{self.url.removeprefix('http')}"


@asynccontextmanager
async def serving(
    app: ASGIApp, host: str = "127.0.0.1", port: int = 0, limits: Limits | None = None
) -> AsyncIterator[Address]:
    """Serve an application while the context lasts, at port 0 on a free port; OSError if it cannot listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.create_server((host, port), family=family)
    server = Server(app, limits)
    task = asyncio.create_task(server.serve([bound]))
    try:
        # It listens already: who connects before the server has started is served when it has.
        yield Address(*bound.getsockname()[:2])
    finally:
        server.should_exit = True
        await task


def _config(app: ASGIApp, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_with_limits(HttpConnection, limits),
        ws=_with_limits(WebSocketConnection, limits),
        ws_max_size=limits.body,
        ws_ping_interval=limits.idle_seconds / 3,
        ws_ping_timeout=limits.idle_seconds / 3,
        ws_per_message_deflate=False,
        timeout_keep_alive=limits.idle_seconds,  # type: ignore[arg-type]  # it goes to call_later, which takes a float
        # Later than each connection ends by itself: uvicorn would cancel what is at work, and log a traceback of it.
        timeout_graceful_shutdown=GRACE_SECONDS + 1,
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )


def _with_limits(protocol: type[asyncio.Protocol], limits: Limits) -> type[asyncio.Protocol]:
    return type(protocol.__name__, (protocol,), {"limits": limits})


class _Stalling:
    """What both protocols have: a client that takes nothing of what waits for it is cut off."""

    limits: Limits
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _stall: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """See asyncio: too much waits to be sent."""
        super().pause_writing()  # type: ignore[misc]
        self._watch(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """See asyncio: enough was sent."""
        super().resume_writing()  # type: ignore[misc]
        self._stop_watching()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        self._stop_watching()
        super().connection_lost(exc)  # type: ignore[misc]

    def shutdown(self) -> None:
        """See uvicorn: come to an end, with what is being answered or sent, within the grace."""
        super().shutdown()  # type: ignore[misc]
        self.loop.call_later(GRACE_SECONDS, self.transport.abort)

    def _watch(self, size: int) -> None:
        self._stall = self.loop.call_later(self.limits.stall_seconds, self._look, size)

    def _look(self, before: int) -> None:
        size = self.transport.get_write_buffer_size()
        if size < before:
            self._watch(size)
        else:
            self.transport.abort()

    def _stop_watching(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None


class HttpConnection(_Stalling, HttpToolsProtocol):
    """A connection whose requests have to be there in time."""

    declined_head: bytes | None = None
    """The head that asks for another protocol than WebSocket, without the asking, until it is read again."""
    _deadline: asyncio.TimerHandle | None = None
    _is_receiving = True
    """Whether a request has begun and is not yet there; the first has begun with the connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.parser: HttpRequestParser = _Parser(self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio."""
        # asyncio does so itself only for sockets that name their protocol.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        gathering = cast(asyncio.Transport, _Gathering(transport, self.loop))
        super().connection_made(gathering)
        if len(self.connections) > self.limits.connections:
            transport.abort()
        else:
            self._keep_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        self._end_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        super().data_received(data)
        self._keep_deadline()

    def on_message_begin(self) -> None:
        """See httptools: a request begins."""
        self._is_receiving = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """See httptools: a request's head is there."""
        # After CONNECT comes no HTTP, whatever is in the head.
        is_asking = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        if is_asking and not self._should_upgrade():
            self.declined_head = self._head()
        else:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """See httptools: a request is there."""
        if self.declined_head is None:
            self._end_deadline()
            super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Be a WebSocket from now on."""
        self._end_deadline()
        self.transport = self.transport.release()  # type: ignore[attr-defined]
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        """See uvicorn: a request that is not yet there is not waited for."""
        if self._is_receiving:
            self.transport.abort()
        else:
            super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that is idle; where an answer is still being taken, wait on."""
        if self._stall is None:
            # What was not taken by now never will be, and closing would wait for it.
            self.transport.abort()
        else:
            again = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
            self.timeout_keep_alive_task = again

    def _head(self) -> bytes:
        """The head that was read, less its Upgrade."""
        version = self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version)]
        lines += [b"%b: %b" % (name, value) for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def _keep_deadline(self) -> None:
        if self._is_receiving and self._deadline is None:
            self._deadline = self.loop.call_later(self.limits.request_seconds, self.transport.abort)

    def _end_deadline(self) -> None:
        self._is_receiving = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Parser(HttpRequestParser):
    """httptools' parser of a connection, which goes on in HTTP/1.1 where a client asks for what is not spoken here.

    Who is not told that the protocol changes goes on as before (RFC 9110, 7.8), as Java's client does, which offers
    HTTP/2 with each request. httptools takes what follows such a head for the other protocol; so that head is read once
    more without the offer, by another parser, which goes on from there.
    """

    def __init__(self, connection: HttpConnection) -> None:
        super().__init__(connection)
        self._connection: Final = connection
        # As uvicorn has it: a request is answered also if more comes after its "connection: close".
        self.set_dangerous_leniencies(lenient_data_after_close=True)

    def feed_data(self, data: bytes | memoryview) -> None:  # type: ignore[override]  # that is what uvicorn gives
        """See httptools; HttpParserUpgrade only where the connection is to be a WebSocket."""
        parser = self
        while True:
            try:
                HttpRequestParser.feed_data(parser, data)
            except HttpParserUpgrade as upgrade:
                head = self._connection.declined_head
                if head is None:
                    raise
                # No copy, as there may be thousands of such heads.
                data = memoryview(data)[upgrade.args[0] :]
            else:
                return
            self._connection.declined_head = None
            self._connection.parser = parser = _Parser(self._connection)
            HttpRequestParser.feed_data(parser, head)


class _Gathering:
    """A transport that sends together what is written in one turn of the event loop: head and body of an answer.

    Sent one after the other, they would cost another call of the operating system.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport: Final = transport
        self._loop: Final = loop
        self._parts: Final[list[bytes]] = []

    def write(self, part: bytes) -> None:
        """Send something before the next turn."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(part)

    def close(self) -> None:
        """Send what was written, and close."""
        self._flush()
        self._transport.close()

    def release(self) -> asyncio.Transport:
        """Send what was written, and return the transport itself."""
        self._flush()
        return self._transport

    def _flush(self) -> None:
        if self._parts:
            self._transport.write(b"".join(self._parts))
            self._parts.clear()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class WebSocketConnection(_Stalling, WebSocketsSansIOProtocol):
    """A WebSocket that is cut off, rather than closed, once it does not answer a ping."""

    def keepalive_timeout(self) -> None:
        """See uvicorn."""
        super().keepalive_timeout()
        # Closing would wait for what the client does not take.
        self.transport.abort()
