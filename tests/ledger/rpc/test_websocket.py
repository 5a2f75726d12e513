"""JSON-RPC over WebSocket, by a real server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from ledger.rpc import Limits
from ledger.rpc.over_websocket import Connection
from tests.ledger.rpc.conftest import NOBODY, STAKER, hexed, signed, transfer
from tests.ledger.rpc.serving import SECONDS, Served, run

LIMITS = Limits(queue=1_000_000)


def opening(server: Served, **options: Any) -> connect:
    return connect(server.address.websocket_url, proxy=None, max_size=None, **options)


def request(method: str, *parameters: Any, identifier: object = 1) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": identifier, "method": method, "params": parameters})


async def received(websocket: ClientConnection) -> Any:
    return json.loads(await websocket.recv())


async def call(websocket: ClientConnection, method: str, *parameters: Any) -> Any:
    await websocket.send(request(method, *parameters))
    return (await received(websocket))["result"]


def test_answers_come_in_order() -> None:
    async def test(server: Served) -> None:
        async with opening(server) as websocket:
            for number in range(50):
                await websocket.send(request("eth_getBlockByNumber", "latest", identifier=number))
            assert [(await received(websocket))["id"] for _ in range(50)] == list(range(50))

    run(test)


def test_what_comes_in_the_midst_of_a_long_batch_is_answered_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.rpc.dispatch.YIELD_SECONDS", -1)

    async def test(server: Served) -> None:
        async with opening(server) as websocket:
            await websocket.send(f"[{','.join([request('eth_chainId')] * 200)}]")
            for number in range(2, 5):
                await websocket.send(request("eth_chainId", identifier=number))
            assert len(await received(websocket)) == 200
            assert [(await received(websocket))["id"] for _ in range(3)] == [2, 3, 4]

    run(test)


def test_text_and_bytes_and_what_is_wrong_with_them() -> None:
    async def test(server: Served) -> None:
        async with opening(server) as websocket:
            await websocket.send(request("eth_chainId").encode())
            assert (await received(websocket))["result"] == "0x2105"
            for body, code in (("{", -32700), (b"\xff", -32700), ("[]", -32600), ("1", -32600)):
                await websocket.send(body)
                assert (await received(websocket))["error"]["code"] == code
            await websocket.send('{"jsonrpc":"2.0","method":"eth_chainId"}')
            await websocket.send(f"[{request('eth_chainId')},{request('eth_blockNumber', identifier=2)}]")
            assert [each["id"] for each in await received(websocket)] == [1, 2]

    run(test)


def test_a_subscription_is_named_before_its_notifications() -> None:
    async def test(server: Served) -> None:
        async with opening(server) as websocket:
            await websocket.send(f"[{request('eth_subscribe', 'newHeads')},{request('evm_mine')}]")
            answers = await received(websocket)
            notified = await received(websocket)
            assert notified["params"]["subscription"] == answers[0]["result"]
            assert notified["params"]["result"]["number"] == "0x1"
            await websocket.send(request("eth_sendRawTransaction", hexed(transfer(STAKER, 0, 1)), identifier=9))
            assert (await received(websocket))["id"] == 9
            assert (await received(websocket))["params"]["result"]["number"] == "0x2"

    run(test)


def test_what_happens_elsewhere_is_notified() -> None:
    async def test(server: Served) -> None:
        async with opening(server) as first, opening(server) as second:
            heads = await call(first, "eth_subscribe", "newHeads")
            logs = await call(second, "eth_subscribe", "logs", {})
            await server.call("eth_sendRawTransaction", hexed(transfer(STAKER, 0, 1)))
            assert (await received(first))["params"]["subscription"] == heads
            log = (await received(second))["params"]
            assert (log["subscription"], log["result"]["removed"]) == (logs, False)
            assert await call(first, "eth_unsubscribe", logs) is False
            assert await call(first, "eth_unsubscribe", heads) is True
            await server.call("evm_mine")
            assert await call(first, "eth_blockNumber") == "0x2"

    run(test)


def test_who_goes_away_is_forgotten() -> None:
    async def test(server: Served) -> None:
        listeners = server.rpc.service.events._listeners
        before = len(listeners)
        async with opening(server) as websocket:
            await call(websocket, "eth_subscribe", "newHeads")
            assert len(listeners) == before + 1
        while len(listeners) > before:
            await asyncio.sleep(0.01)
        await server.call("evm_mine")

    run(test)


def test_a_message_that_is_too_large() -> None:
    async def test(server: Served) -> None:
        async with opening(server) as websocket:
            await websocket.send(request("eth_chainId").ljust(1000))
            assert (await received(websocket))["result"] == "0x2105"
            await websocket.send(request("eth_chainId").ljust(1001))
            with pytest.raises(ConnectionClosed) as caught:
                await websocket.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1009

    run(test, Limits(body=1000))


def test_a_slow_subscriber_is_disconnected(caplog: pytest.LogCaptureFixture) -> None:
    async def test(server: Served) -> None:
        async with opening(server) as quick, opening(server, max_queue=1) as slow:
            for websocket in (quick, slow):
                await call(websocket, "eth_subscribe", "newPendingTransactions", True)
            slow.transport.pause_reading()
            nonce = 0
            while not caplog.records:
                await server.call("eth_sendRawTransaction", hexed(signed(STAKER, nonce, NOBODY, bytes(120_000))))
                assert (await received(quick))["params"]["result"]["nonce"] == hex(nonce)
                nonce += 1
            assert nonce * 240_000 > LIMITS.queue
            slow.transport.abort()

    run(test, LIMITS)
    assert [record.message for record in caplog.records] == [caplog.records[0].message]
    assert caplog.records[0].message.startswith("subscriber too slow: disconnected with ")


def test_a_burst_is_no_reason_to_disconnect() -> None:
    async def test(server: Served) -> None:
        async with opening(server) as websocket:
            await call(websocket, "eth_subscribe", "newHeads")
            await server.call("anvil_mine", 300)
            numbers = [int((await received(websocket))["params"]["result"]["number"], 16) for _ in range(300)]
            assert numbers == list(range(1, 301))

    run(test, LIMITS)


def test_answers_do_not_count_as_waiting() -> None:
    async def test(server: Served) -> None:
        async with opening(server) as websocket:
            await call(websocket, "eth_subscribe", "newHeads")
            batch = ",".join([request("eth_getBlockByNumber", "latest")] * 100)
            await websocket.send(f"[{batch}]")
            assert len(await received(websocket)) == 100
            await server.call("evm_mine")
            assert (await received(websocket))["method"] == "eth_subscription"

    run(test, Limits(queue=2000))


def test_an_error_of_ours_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(server: Served) -> None:
        async def answer(*_: object) -> str:
            raise ZeroDivisionError

        monkeypatch.setattr(server.rpc.service.dispatcher, "answer", answer)
        async with opening(server) as websocket:
            await websocket.send("{}")
            with pytest.raises(ConnectionClosed):
                await websocket.recv()

    run(test)


def test_a_server_that_stops_closes_its_websockets() -> None:
    kept: list[ClientConnection] = []

    async def test(server: Served) -> None:
        websocket = await opening(server)
        await call(websocket, "eth_subscribe", "newHeads")
        kept.append(websocket)

    run(test)
    assert len(kept) == 1


def test_who_is_disconnected_is_told_nothing_more(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(SECONDS)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def serve() -> None:
        connection = Connection(WebSocket({"type": "websocket"}, receive, send), 10)
        connection.notify("x" * 11)
        connection.notify("x")
        await asyncio.sleep(0)

    asyncio.run(serve())
    assert sent == []
    assert [record.message for record in caplog.records] == ["subscriber too slow: disconnected with 11 bytes waiting"]
