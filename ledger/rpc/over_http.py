"""JSON-RPC in the bodies of HTTP requests."""

from __future__ import annotations

from typing import Any, Final

from starlette.types import Receive, Scope, Send

from ledger.rpc.dispatch import ClientLeft, Dispatcher
from ledger.rpc.guard import refused
from ledger.rpc.read_ahead import ReadAhead

_JSON: Final = (b"content-type", b"application/json")


class BodyTooLarge(Exception):
    """The body has more bytes than are allowed; the rest of it is not read."""


class HttpEndpoint:
    """Answers POST requests: 200 with the answer, whatever it is; 204 if there is none."""

    def __init__(self, dispatcher: Dispatcher, context: Any, largest: int) -> None:
        self._dispatcher: Final = dispatcher
        self._context: Final = context
        self._largest: Final = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["method"] != "POST":
            await refused(405, "expected POST", allow="POST")(scope, receive, send)
            return
        try:
            body = await self._body(scope, receive)
        except BodyTooLarge:
            await refused(413, f"content length too large: more than {self._largest} bytes")(scope, receive, send)
            return
        if body is None:
            return
        ahead = ReadAhead(receive)
        try:
            answer = await self._dispatcher.answer(self._context, body, ahead.has_left)
        except ClientLeft:
            return
        finally:
            ahead.close()
        if answer is None:
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        content = answer.encode()
        headers = [_JSON, (b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The body of a request, None if the client goes away before it is there."""
        for name, value in scope["headers"]:
            # What a client says of its length is a hint; what comes is counted.
            if name == b"content-length" and value.isdigit() and int(value[:20]) > self._largest:
                raise BodyTooLarge
        message = await receive()
        parts: list[bytes] = []
        size = 0
        while True:
            if message["type"] == "http.disconnect":
                return None
            part: bytes = message["body"]
            size += len(part)
            if size > self._largest:
                raise BodyTooLarge
            parts.append(part)
            if not message["more_body"]:
                return part if len(parts) == 1 else b"".join(parts)
            message = await receive()
