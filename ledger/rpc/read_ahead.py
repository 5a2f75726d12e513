"""What a client sends next, looked for while it is being answered: it may leave, and need no answer any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Message = MutableMapping[str, Any]

DISCONNECTS: Final = ("http.disconnect", "websocket.disconnect")


class ReadAhead:
    """Messages of a client, one of them perhaps before it is asked for."""

    def __init__(self, receive: Callable[[], Awaitable[Message]]) -> None:
        self._receive: Final = receive
        self._next: asyncio.Future[Message] | None = None

    async def take(self) -> Message:
        """Return the next message."""
        if self._next is None:
            return await self._receive()
        coming, self._next = self._next, None
        return await coming

    def has_left(self) -> bool:
        """Whether the client has left, as far as is known: it takes turns of others to hear of it."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._receive())
        coming = self._next
        if not coming.done() or coming.cancelled() or coming.exception() is not None:
            return False
        return coming.result()["type"] in DISCONNECTS

    def close(self) -> None:
        """Look for nothing any more."""
        if self._next is not None:
            self._next.cancel()
