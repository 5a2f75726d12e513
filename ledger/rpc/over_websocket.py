"""JSON-RPC over a WebSocket: answers in the order of the requests, and notifications between them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import suppress
from typing import Final

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from ledger.rpc.context import Context
from ledger.rpc.dispatch import ClientLeft, Dispatcher
from ledger.rpc.events import Events
from ledger.rpc.read_ahead import ReadAhead
from ledger.rpc.subscriptions import Subscriptions

_log: Final = logging.getLogger("diem.rpc")


class WebSocketEndpoint:
    """Serves WebSockets, one connection at a time and each for itself."""

    def __init__(self, dispatcher: Dispatcher, context: Context, events: Events) -> None:
        self._dispatcher: Final = dispatcher
        self._context: Final = context
        self._events: Final = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        connection = Connection(websocket, self._context.limits.queue)
        context = self._context
        subscriptions = Subscriptions(context.reader, context.limits, connection.notify)
        self._events.add(subscriptions)
        try:
            await connection.serve(self._dispatcher, context.connected(subscriptions))
        finally:
            self._events.remove(subscriptions)


class Connection:
    """One WebSocket. What is to be sent waits in a queue; who does not take it fast enough is disconnected."""

    def __init__(self, websocket: WebSocket, most_waiting: int) -> None:
        self._websocket: Final = websocket
        self._most_waiting: Final = most_waiting
        self._queue: Final[deque[str]] = deque()
        self._held: Final[list[str]] = []
        """Notifications that wait until the answer is in the queue, for they may be of a subscription that it names."""
        self._waiting = 0
        """Bytes of the notifications that wait; of answers there is never more than one."""
        self._is_answering = False
        self._is_dropped = False
        self._has_more: Final = asyncio.Event()
        self._is_empty: Final = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def serve(self, dispatcher: Dispatcher, context: Context) -> None:
        """Answer until the client goes away, or has to."""
        ahead = ReadAhead(self._websocket.receive)
        self._tasks = [asyncio.create_task(self._read(dispatcher, context, ahead)), asyncio.create_task(self._write())]
        try:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ahead.close()
            for task in self._tasks:
                task.cancel()
            results = await asyncio.gather(*self._tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    def notify(self, message: str) -> None:
        """Send a notification, after what is waiting already."""
        self._waiting += len(message)
        if self._is_dropped:
            return
        if self._waiting > self._most_waiting:
            _log.warning("subscriber too slow: disconnected with %d bytes waiting", self._waiting)
            self._is_dropped = True
            for task in self._tasks:
                task.cancel()
        elif self._is_answering:
            self._held.append(message)
        else:
            self._put(message)

    async def _read(self, dispatcher: Dispatcher, context: Context, ahead: ReadAhead) -> None:
        while True:
            message = await ahead.take()
            if message["type"] != "websocket.receive":
                return
            body = message.get("text")
            self._is_answering = True
            try:
                answer = await dispatcher.answer(context, message["bytes"] if body is None else body, ahead.has_left)
            except ClientLeft:
                return
            self._is_answering = False
            for text in [*([] if answer is None else [answer]), *self._held]:
                self._put(text)
            self._held.clear()
            await self._is_empty.wait()

    async def _write(self) -> None:
        with suppress(WebSocketDisconnect):
            while True:
                while self._queue:
                    await self._websocket.send_text(self._queue.popleft())
                self._waiting = sum(map(len, self._held))
                self._is_empty.set()
                self._has_more.clear()
                await self._has_more.wait()

    def _put(self, message: str) -> None:
        self._queue.append(message)
        self._is_empty.clear()
        self._has_more.set()
