"""The server: one process, one thread, one event loop; and no client that holds a connection without using it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from ledger.rpc.limits import Limits

GRACE_SECONDS: Final = 5
"""How long a server that stops waits for what it is answering."""


class Server(uvicorn.Server):
    """A server that listens; signals are left to who runs it."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket) -> None:
        super().__init__(config)
        self.host, self.port = listening.getsockname()[:2]

    @property
    def url(self) -> str:
        """Where it is reached over HTTP."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def websocket_url(self) -> str:
        """Where it is reached over WebSocket."""
        return f"ws{self.url.removeprefix('http')}"

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def serving(
    app: ASGIApp, host: str = "127.0.0.1", port: int = 8545, limits: Limits | None = None
) -> AsyncIterator[Server]:
    """Serve an application while the context lasts, at port 0 on a free port; OSError if it cannot listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family)
    server = Server(_config(app, limits or Limits()), listening)
    task = asyncio.create_task(server.serve([listening]))
    try:
        while not server.started and not task.done():
            await asyncio.sleep(0.001)
        yield server
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
        timeout_graceful_shutdown=GRACE_SECONDS,
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

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            transport.abort()
        else:
            self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        self._end_deadline()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """See httptools: a request begins."""
        super().on_message_begin()
        if self._deadline is None:
            self._start_deadline()

    def on_message_complete(self) -> None:
        """See httptools: a request is there."""
        self._end_deadline()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Be a WebSocket from now on."""
        self._end_deadline()
        super().handle_websocket_upgrade()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that is idle; where an answer is still being taken, wait on."""
        if self._stall is not None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        else:
            # What was not taken by now never will be, and closing would wait for it.
            self.transport.abort()

    def _start_deadline(self) -> None:
        self._deadline = self.loop.call_later(self.limits.request_seconds, self.transport.abort)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class WebSocketConnection(_Stalling, WebSocketsSansIOProtocol):
    """A WebSocket that is cut off, rather than closed, once it does not answer a ping."""

    def keepalive_timeout(self) -> None:
        """See uvicorn."""
        super().keepalive_timeout()
        # Closing would wait for what the client does not take.
        self.transport.abort()
