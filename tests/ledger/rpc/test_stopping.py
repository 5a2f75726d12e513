"""A server that stops with clients in the midst of something: it ends in time, and logs no error."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import pytest

from ledger.rpc.method import Method
from tests.ledger.rpc.serving import SECONDS, Served, read_answer, request_of, run, served
from tests.ledger.rpc.test_half_open import BODY, LARGE, LEAST, all_of, deaf, masked, opened

GRACE = 2


@pytest.fixture(autouse=True)
def _grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.rpc.server.GRACE_SECONDS", GRACE)


def stopped(test: Callable[[Served], Awaitable[object]], caplog: pytest.LogCaptureFixture) -> float:
    """Return how many seconds a server took to stop after a test, and see that it logged nothing.

    What the test returns is kept until then: a connection that nobody holds is closed.
    """
    began = 0.0
    kept = []

    async def and_note(server: Served) -> None:
        nonlocal began
        kept.append(await test(server))
        began = time.monotonic()

    run(and_note)
    assert caplog.messages == []
    return time.monotonic() - began


@pytest.mark.parametrize("sent", [b"", b"POST / HT", request_of(BODY)[:-1], request_of(BODY) + request_of(BODY)[:-1]])
def test_a_request_that_is_not_there(sent: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def test(server: Served) -> object:
        connection = await server.connect()
        connection[1].write(sent)
        await asyncio.sleep(0.1)
        return connection

    assert stopped(test, caplog) < GRACE


def test_answers_that_are_not_taken(caplog: pytest.LogCaptureFixture) -> None:
    async def test(server: Served) -> object:
        connection = await deaf(server)
        connection[1].write(request_of(LARGE) * 3)
        await asyncio.sleep(1)
        return connection

    assert stopped(test, caplog) > GRACE / 2


def test_a_websocket_that_takes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def test(server: Served) -> object:
        reader, writer = await deaf(server)
        await opened(server, reader, writer)
        writer.write(masked(LARGE[:60_000].rpartition(b",{")[0] + b"]") * 4)
        await asyncio.sleep(1)
        return reader, writer

    assert stopped(test, caplog) > GRACE / 2


def test_an_answer_that_is_being_taken(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("ledger.rpc.server.GRACE_SECONDS", SECONDS)

    async def whole() -> None:
        async with asyncio.timeout(SECONDS):
            async with served() as server:
                reader, writer = await deaf(server)
                writer.write(request_of(LARGE))
                await reader.readuntil(b"\r\n\r\n")
                taking = asyncio.create_task(all_of(reader))
            assert await taking > LEAST
            writer.close()

    asyncio.run(whole())
    assert caplog.messages == []


def test_a_connection_that_is_idle(caplog: pytest.LogCaptureFixture) -> None:
    async def test(server: Served) -> object:
        reader, writer = await server.connect()
        writer.write(request_of(BODY))
        assert (await read_answer(reader)).status == 200
        return writer

    assert stopped(test, caplog) < GRACE


def at_work(server: Served) -> bytes:
    """Give a server a method that takes its time; return a batch that takes far longer than the grace."""
    methods = dict(server.rpc.service.dispatcher._methods)
    methods["slow"] = Method(lambda _: time.sleep(0.02))
    vars(server.rpc.service.dispatcher)["_methods"] = methods
    return json.dumps([{"jsonrpc": "2.0", "id": 1, "method": "slow"}] * 1000).encode()


@pytest.mark.parametrize("over", ["HTTP", "WebSocket"])
def test_a_batch_that_takes_longer_than_the_grace(over: str, caplog: pytest.LogCaptureFixture) -> None:
    async def test(server: Served) -> object:
        body = at_work(server)
        reader, writer = await server.connect()
        if over == "WebSocket":
            await opened(server, reader, writer)
        writer.write(masked(body) if over == "WebSocket" else request_of(body))
        await asyncio.sleep(0.1)
        return reader, writer

    assert stopped(test, caplog) < GRACE + 1


def test_a_batch_whose_client_has_left(caplog: pytest.LogCaptureFixture) -> None:
    async def test(server: Served) -> None:
        body = at_work(server)
        _, writer = await server.connect()
        writer.write(request_of(body))
        await asyncio.sleep(0.1)
        writer.transport.abort()
        await asyncio.sleep(0.2)

    assert stopped(test, caplog) < GRACE
