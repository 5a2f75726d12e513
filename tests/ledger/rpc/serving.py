"""A real server on a free port of this machine, and clients that speak HTTP and WebSocket as they like."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from ledger.rpc import Limits, Page, application, serving
from ledger.rpc.server import Address
from tests.ledger.rpc.conftest import Rpc, new_node

SECONDS = 60
"""How long anything may take before a test fails."""


@dataclass
class Served:
    """A node that is served."""

    rpc: Rpc
    address: Address

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self.address.host, self.address.port, limit=2**26)

    async def exchange(self, sent: bytes) -> bytes:
        """Return all that comes for some bytes, until the server closes."""
        reader, writer = await self.connect()
        writer.write(sent)
        received = await reader.read()
        writer.close()
        return received

    async def http(self, body: bytes, method: str = "POST", path: str = "/", **headers: str) -> Answer:
        """Return the answer to a request."""
        return answer_of(await self.exchange(request_of(body, method, path, **{"connection": "close"} | headers)))

    async def call(self, method: str, *parameters: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        return (await self.http(json.dumps(body).encode())).json["result"]


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def request_of(body: bytes, method: str = "POST", path: str = "/", **headers: str) -> bytes:
    usual = {"host": "localhost", "content_length": str(len(body)), "content_type": "application/json"}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in (usual | headers).items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + body


def answer_of(received: bytes) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """Return one answer of a connection that stays open."""
    head = await reader.readuntil(b"\r\n\r\n")
    answer = answer_of(head)
    answer.body = await reader.readexactly(int(answer.headers.get("content-length", "0")))
    return answer


@asynccontextmanager
async def served(
    limits: Limits | None = None, pages: Mapping[str, Callable[[], Page]] | None = None, **guard: Any
) -> AsyncIterator[Served]:
    limits = limits or Limits()
    rpc = Rpc(new_node(), limits)
    app = application(rpc.service, pages=pages, **guard)
    async with serving(app, limits=limits) as address:
        yield Served(rpc, address)


def run(
    test: Callable[[Served], Awaitable[None]],
    limits: Limits | None = None,
    pages: Mapping[str, Callable[[], Page]] | None = None,
    **guard: Any,
) -> None:
    """Run a test against a server; the server must end by itself after it."""

    async def whole() -> None:
        async with asyncio.timeout(SECONDS), served(limits, pages, **guard) as server:
            await test(server)

    asyncio.run(whole())
