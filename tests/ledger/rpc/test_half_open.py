"""Clients that hold a connection without using it: each is cut off, and the server goes on."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time

from websockets.asyncio.client import connect

from ledger.rpc import Limits
from spec.addresses import STAKING_IMPLEMENTATION
from tests.ledger.rpc.conftest import hexed
from tests.ledger.rpc.serving import Served, read_answer, request_of, run

BODY = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
SHORT = 0.15
LONG = 60.0


async def cut_off(reader: asyncio.StreamReader) -> float:
    """Return after how many seconds the server ended the connection."""
    began = time.monotonic()
    with contextlib.suppress(ConnectionError):
        await reader.read()
    return time.monotonic() - began


def test_a_request_that_does_not_come() -> None:
    async def test(server: Served) -> None:
        whole = request_of(BODY)
        chunked = request_of(b"").replace(b"content-length: 0", b"transfer-encoding: chunked") + b"2\r\n[1\r\n"
        offer = request_of(BODY, connection="upgrade", upgrade="h2c")
        parts = (b"", b"P", whole[:30], whole[:-1], chunked, request_of(b"", content_length="99999999"), offer[:-1])
        for part in parts:
            reader, writer = await server.connect()
            writer.write(part)
            assert 0.5 * SHORT < await cut_off(reader) < 5
            writer.close()
        assert await server.call("eth_chainId") == "0x2105"

    run(test, Limits(request_seconds=SHORT))


def test_a_request_that_comes_in_drops() -> None:
    async def test(server: Served) -> None:
        reader, writer = await server.connect()
        ended = asyncio.create_task(cut_off(reader))
        for byte in request_of(BODY.ljust(1000)):
            if ended.done():
                break
            writer.write(bytes((byte,)))
            await asyncio.sleep(0.01)
        assert ended.done()
        writer.close()

    run(test, Limits(request_seconds=SHORT))


def test_a_second_request_that_does_not_come() -> None:
    async def test(server: Served) -> None:
        reader, writer = await server.connect()
        writer.write(request_of(BODY))
        assert (await read_answer(reader)).status == 200
        await asyncio.sleep(2 * SHORT)
        writer.write(request_of(BODY))
        assert (await read_answer(reader)).status == 200
        writer.write(b"POST / HTT")
        assert await cut_off(reader) < 5
        writer.close()

    run(test, Limits(request_seconds=SHORT, idle_seconds=LONG))


def test_a_connection_that_is_idle() -> None:
    async def test(server: Served) -> None:
        reader, writer = await server.connect()
        writer.write(request_of(BODY))
        assert (await read_answer(reader)).status == 200
        assert await cut_off(reader) < 5
        writer.close()

    run(test, Limits(idle_seconds=SHORT))


CODE = b',"params":["%b"]}' % hexed(STAKING_IMPLEMENTATION).encode()
ONE = BODY.replace(b"eth_chainId", b"eth_getCode").replace(b"}", CODE)
LARGE = b"[" + b",".join([ONE] * 500) + b"]"
"""A request with an answer of some ten megabytes, more than the operating system takes over for later."""


LEAST = 12_000_000
"""Bytes of the answer, or more."""


async def deaf(server: Served) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection whose client takes little at a time."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, tuple(server.address))
    return await asyncio.open_connection(sock=client, limit=1024)


async def all_of(reader: asyncio.StreamReader) -> int:
    """Return how many bytes come until the connection ends."""
    size = 0
    try:
        while part := await reader.read(1 << 16):
            size += len(part)
    except ConnectionError:
        pass
    return size


def test_an_answer_that_is_not_taken() -> None:
    async def test(server: Served) -> None:
        reader, writer = await deaf(server)
        writer.write(request_of(LARGE, connection="close"))
        await asyncio.sleep(4 * SHORT)
        assert await server.call("eth_chainId") == "0x2105"
        assert await all_of(reader) < LEAST
        writer.close()

    run(test, Limits(stall_seconds=SHORT))


def test_an_answer_that_is_taken_slowly() -> None:
    async def test(server: Served) -> None:
        reader, writer = await deaf(server)
        writer.write(request_of(LARGE))
        answer = await reader.readuntil(b"\r\n\r\n")
        size = int(answer.partition(b"content-length: ")[2].split(b"\r\n")[0])
        assert size > LEAST
        for _ in range(10):
            assert await reader.readexactly(size // 10)
            await asyncio.sleep(SHORT)
        writer.close()

    # Idle is counted from the answer's being written, stalled from when nothing more is taken.
    run(test, Limits(stall_seconds=5 * SHORT, idle_seconds=SHORT / 4))


def test_too_many_connections() -> None:
    async def test(server: Served) -> None:
        kept = [await server.connect() for _ in range(3)]
        reader, writer = await server.connect()
        assert await cut_off(reader) < 5
        writer.close()
        for reader, writer in kept:
            writer.write(request_of(BODY))
            assert (await read_answer(reader)).status == 200
            writer.close()
        await asyncio.sleep(SHORT)
        assert await server.call("eth_chainId") == "0x2105"

    run(test, Limits(connections=3))


async def opened(server: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Make a connection a WebSocket, whose pings nobody answers."""
    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec_websocket_version": "13"}
    writer.write(request_of(b"", "GET", **upgrade, sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ=="))
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")


def masked(text: bytes) -> bytes:
    """Return a frame as a client sends it, with a mask of zeros."""
    return b"\x81\xfe" + len(text).to_bytes(2, "big") + bytes(4) + text


def test_a_websocket_whose_client_is_gone() -> None:
    async def test(server: Served) -> None:
        reader, writer = await server.connect()
        await opened(server, reader, writer)
        assert await cut_off(reader) < 5
        writer.close()

    run(test, Limits(idle_seconds=SHORT, request_seconds=LONG))


def test_a_websocket_whose_client_is_there() -> None:
    async def test(server: Served) -> None:
        async with connect(server.address.websocket_url, proxy=None, ping_interval=None) as websocket:
            await asyncio.sleep(1.3)
            await websocket.send(BODY.decode())
            assert "0x2105" in str(await websocket.recv())

    # Pinged after a second, with a second to answer.
    run(test, Limits(idle_seconds=3, request_seconds=SHORT))


def test_a_websocket_that_takes_nothing() -> None:
    async def test(server: Served) -> None:
        listeners = server.rpc.service.events._listeners
        reader, writer = await deaf(server)
        await opened(server, reader, writer)
        writer.write(masked(LARGE[:50_000].rpartition(b",{")[0] + b"]"))
        writer.write(masked(LARGE[:60_000].rpartition(b",{")[0] + b"]"))
        writer.write(masked(LARGE[:60_000].rpartition(b",{")[0] + b"]"))
        while len(listeners) == 1:
            await asyncio.sleep(0.01)
        while len(listeners) > 1:
            await asyncio.sleep(0.01)
        assert await server.call("eth_chainId") == "0x2105"
        writer.close()

    run(test, Limits(stall_seconds=SHORT))
