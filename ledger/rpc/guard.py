"""What a web page must not do: a browser on the node's machine reaches loopback addresses that nobody else can."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from ipaddress import ip_address
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from ledger.rpc.errors import INVALID_REQUEST, RpcError

DEFAULT_HOSTS: Final = ("localhost",)
ANY: Final = "*"
_ORIGIN: Final = re.compile(r"([a-z][a-z0-9+.-]*)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_USUAL_PORTS: Final = {"http": "80", "https": "443"}


def web_origin(text: str) -> str:
    """Return a web page's origin as browsers write it, scheme://host[:port] in lower case, or ``*`` for any.

    Raises
    ------
    ValueError : it is none, as with a path, a wildcard for a part of the host, or no scheme; in one line.
    """
    if text == ANY:
        return text
    found = _ORIGIN.fullmatch(text.lower())
    if found is None:
        raise ValueError(
            f"expected an origin of scheme, host and port such as http://localhost:3000, or *, found {text!r}"
        )
    scheme, host, port = found.groups()
    return f"{scheme}://{host}" if port in {None, _USUAL_PORTS.get(scheme)} else f"{scheme}://{host}:{port}"


class Guard:
    """Lets through what is meant for this node and not sent by a stranger's web page.

    A name in ``Host`` must be one of ``hosts``, or a page could rebind its own name to this machine (403); an address
    of the internet protocol can be nobody's name. Where a browser gives an ``Origin`` that is not among ``origins``,
    the request must be such that the browser has asked before, and been refused: JSON by its content type (415); and
    no WebSocket is opened (403). Origins are as of `web_origin`.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = DEFAULT_HOSTS, origins: Collection[str] = ()) -> None:
        self._app: Final = app
        self._hosts: Final = frozenset(host.lower() for host in hosts)
        self._origins: Final = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        refusal = self._refusal(scope) if scope["type"] in {"http", "websocket"} else None
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(reason=refusal[1])(scope, receive, send)
        else:
            await refused(*refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """The status and the words of a refusal."""
        host = origin = None
        content_type = b""
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"origin":
                origin = value
            elif name == b"content-type":
                content_type = value
        if host is not None and not self._is_here(host.decode("latin-1")):
            return 403, "invalid host specified"
        if origin is None or ANY in self._origins or origin.decode("latin-1") in self._origins:
            return None
        if scope["type"] == "websocket":
            return 403, "origin not allowed"
        if scope["method"] == "POST" and content_type.partition(b";")[0].strip().lower() != b"application/json":
            return 415, "invalid content type, only application/json is supported from web pages"
        return None

    def _is_here(self, host: str) -> bool:
        if ANY in self._hosts:
            return True
        name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
        if name.lower() in self._hosts:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True


def refused(status: int, message: str, **headers: str) -> Response:
    """The HTTP answer to what is no JSON-RPC request for us, with a JSON-RPC error to read."""
    error = RpcError(INVALID_REQUEST, message)
    content = {"jsonrpc": "2.0", "id": None, "error": {"code": error.code, "message": error.message}}
    return Response(json.dumps(content), status, headers, "application/json")
