"""A node at work: blocks at intervals, pages for who watches, and an orderly end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from ledger.chain import Chain
from ledger.node import Node
from ledger.node.follower import WrongChainError
from ledger.node.producer import Producer
from ledger.node.service import Listening, ServiceError, Work, run
from ledger.rpc.server import Address
from ledger.store import MemoryStore, Store, StoreError
from tests.ledger.node.conftest import STAKER, genesis, new_node, signed
from tests.ledger.node.test_node import FullStore

FREE = Listening(port=0)


def serve(node: Node, store: Store, act: Callable[[str], Coroutine[None, None, Any]], *work: Work) -> Any:
    """Run a service, do something with its URL, and end it with SIGTERM."""

    async def serving() -> Any:
        acted: list[asyncio.Task[Any]] = []

        async def then_end(address: Address) -> Any:
            try:
                return await act(address.url)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        async with asyncio.timeout(20):
            await run(node, store, FREE, work, lambda at: acted.append(asyncio.create_task(then_end(at))))
        return await acted[0]

    return asyncio.run(serving())


async def get(url: str, path: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(url + path)


async def asked(url: str, method: str, *params: object) -> Any:
    async with httpx.AsyncClient() as client:
        answer = await client.post(url, json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        return answer.json()["result"]


def is_closed(store: Store) -> bool:
    try:
        store.get(b"h")
    except StoreError:
        return True
    return False


def test_serves_and_ends(store: Store) -> None:
    node = new_node(store)

    async def act(url: str) -> tuple[str, httpx.Response, httpx.Response]:
        number = await asked(url, "eth_blockNumber")
        return number, await get(url, "/health"), await get(url, "/metrics")

    number, health, metrics = serve(node, store, act)
    assert number == "0x0"
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    assert health.headers["content-type"] == "application/json"
    assert 'diem_rpc_seconds_count{method="eth_blockNumber",outcome="ok"} 1.0' in metrics.text
    assert is_closed(store)


def test_health_of_a_node_in_trouble_is_503(store: Store) -> None:
    node = new_node(store)
    node.trouble = "upstream not available"
    response = serve(node, store, lambda url: get(url, "/health"))
    assert (response.status_code, response.json()["reason"]) == (503, "upstream not available")


def test_what_waits_is_in_a_last_block(store: Store) -> None:
    node = new_node(store)

    async def act(url: str) -> Any:
        return await asked(url, "eth_sendRawTransaction", f"0x{signed(STAKER, 0).hex()}")

    heads: list[int] = []
    node.chain.listen(lambda change: heads.append(change.adopted[-1].number))
    serve(node, store, act)
    assert heads == [1]
    assert len(node.mempool) == 0


def test_node_without_key_makes_no_last_block(store: Store) -> None:
    node = new_node(store, key=None)
    node.submit(signed(STAKER, 0))

    async def act(url: str) -> None:
        pass

    serve(node, store, act)
    assert len(node.mempool) == 1


@pytest.mark.parametrize("empty", [True, False])
def test_makes_blocks_at_intervals(store: Store, empty: bool) -> None:
    node = new_node(store)

    async def act(url: str) -> None:
        await asyncio.sleep(0.15)
        if not empty:
            assert node.chain.head.number == 0
            node.submit(signed(STAKER, 0))
        while node.chain.head.number < 1 + 2 * empty:
            await asyncio.sleep(0.01)

    serve(node, store, act, Producer(node, 0.05, empty=empty).produce)
    assert node.chain.head.number >= 3 if empty else node.chain.head.number == 1


@pytest.mark.parametrize("error", [StoreError("disk: full"), WrongChainError("another chain")])
def test_ends_where_work_cannot_go_on(store: Store, error: Exception) -> None:
    async def work() -> None:
        raise error

    async def serving() -> None:
        await run(new_node(store), store, FREE, [work], lambda _: None)

    with pytest.raises(ServiceError, match=str(error)):
        asyncio.run(serving())
    assert is_closed(store)


def test_ends_where_the_store_takes_nothing_any_more() -> None:
    store = FullStore()
    node = Node(Chain(store, genesis()), key=new_node()._key, instant=True)

    async def act(url: str) -> Any:
        store.is_full = True
        async with httpx.AsyncClient() as client:
            params = [f"0x{signed(STAKER, 0).hex()}"]
            body = {"jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": params}
            return (await client.post(url, json=body)).json()

    with pytest.raises(ServiceError, match="No space left on device"):
        serve(node, store, act)
    assert is_closed(store)


def test_last_block_that_cannot_be_made_is_no_crash(caplog: pytest.LogCaptureFixture) -> None:
    store = FullStore()
    node = new_node(store)

    async def act(url: str) -> None:
        node.submit(signed(STAKER, 0))
        store.is_full = True

    with pytest.raises(ServiceError, match="No space left"):
        serve(node, store, act)
    assert "last block not made" in [record.getMessage() for record in caplog.records]
    assert is_closed(store)


def test_host_that_is_not_there_is_said(store: Store) -> None:
    async def serving() -> None:
        await run(new_node(store), store, Listening(host="no.such.host.invalid"), (), lambda _: None)

    with pytest.raises(ServiceError, match=r"cannot listen on no\.such\.host\.invalid, port 8545: [A-Z][a-z ]+$"):
        asyncio.run(serving())
    assert is_closed(store)


def test_taken_port_is_said() -> None:
    store = MemoryStore()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        async def serving() -> None:
            await run(new_node(store), store, Listening(port=port), (), lambda _: None)

        with pytest.raises(ServiceError, match=f"cannot listen on 127.0.0.1, port {port}: Address already in use"):
            asyncio.run(serving())
    assert is_closed(store)


def test_announcement_that_nobody_takes_is_no_trouble_of_listening(store: Store) -> None:
    def announce(_: Address) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        asyncio.run(run(new_node(store), store, FREE, (), announce))
    assert is_closed(store)
