"""The application that a node serves: JSON-RPC over HTTP and WebSocket at one address, and pages for who watches it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.rpc.context import Context
from ledger.rpc.dispatch import Dispatcher, Observe
from ledger.rpc.events import Events
from ledger.rpc.filters import Filters
from ledger.rpc.guard import DEFAULT_HOSTS, Guard, web_origin
from ledger.rpc.limits import Limits
from ledger.rpc.methods import methods_of
from ledger.rpc.over_http import HttpEndpoint
from ledger.rpc.over_websocket import WebSocketEndpoint
from ledger.rpc.reader import Reader

if TYPE_CHECKING:
    from ledger.node import Node

PATH: Final = "/"


class Page(NamedTuple):
    """What a GET request is answered with."""

    body: bytes
    content_type: str
    status: int = 200


class Service:
    """JSON-RPC over a node, without what carries it."""

    def __init__(self, node: Node, limits: Limits | None = None, observe: Observe | None = None) -> None:
        self.limits: Final = limits or Limits()
        self.dispatcher: Final = Dispatcher(methods_of(dev=node.dev), self.limits, observe, node.store_failed)
        self.events: Final = Events(node)
        reader = Reader(node.chain)
        filters = Filters(reader, self.limits)
        self.events.add(filters)
        self.context: Final = Context(node, reader, filters, self.limits)


def application(
    service: Service,
    *,
    hosts: Collection[str] = DEFAULT_HOSTS,
    origins: Collection[str] = (),
    pages: Mapping[str, Callable[[], Page]] | None = None,
) -> ASGIApp:
    """The ASGI application of a service.

    ``hosts`` and ``origins`` are of whom requests are answered: see `Guard`; ``pages`` are more pages by their paths,
    such as ``/health`` and ``/metrics``.

    Raises
    ------
    ValueError : an origin is none: see `web_origin`.
    """
    allowed = [web_origin(origin) for origin in origins]
    over_http = HttpEndpoint(service.dispatcher, service.context, service.limits.body)
    over_websocket = WebSocketEndpoint(service.dispatcher, service.context, service.events)
    routes = [
        Route(PATH, over_http),
        WebSocketRoute(PATH, over_websocket),
        *(Route(path, _shown(page), methods=["GET"]) for path, page in (pages or {}).items()),
    ]
    app: ASGIApp = _Direct(over_http, Starlette(routes=routes))
    if allowed:
        app = CORSMiddleware(
            app,
            allow_origins=allowed,
            allow_methods=["POST"],
            allow_headers=["content-type"],
            # A page on the internet asks also whether it may reach into the network in which the node is.
            allow_private_network=True,
        )
    return Guard(app, hosts, allowed)


class _Direct:
    """Past the router with what nearly all requests are, for it takes a tenth of their time."""

    def __init__(self, endpoint: ASGIApp, others: ASGIApp) -> None:
        self._endpoint: Final = endpoint
        self._others: Final = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_request = scope["type"] == "http" and scope["path"] == PATH
        await (self._endpoint if is_request else self._others)(scope, receive, send)


def _shown(page: Callable[[], Page]) -> Callable[[Request], Response]:
    async def show(_: Request) -> Response:
        body, content_type, status = page()
        return Response(body, status, media_type=content_type)

    return show  # type: ignore[return-value]
