"""Ten thousand and more requests that are made up: the node answers each, and stays as it is."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from websockets.asyncio.client import connect

from ledger.chain import Chain
from ledger.node import Node
from ledger.rpc import application, serving
from ledger.rpc.server import Address
from ledger.store import MemoryStore
from tests.ledger.rpc.conftest import KEY, STAKER, Rpc, genesis, transfer
from tests.ledger.rpc.made_up import MakingUp, valid
from tests.ledger.rpc.serving import read_answer, request_of

OVER_HTTP = 10_000
OVER_WEBSOCKET = 2_000
SECONDS = 180
CONNECTIONS = 4

SEEN_OFTEN = ("result", -32700, -32600, -32601, -32602, -32000, 3)
"""Outcomes without which the requests would have shown nothing."""


class Subject:
    """A node with some blocks and a transaction that waits, and everything that it holds."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.node = Node(Chain(self.store, genesis()), key=KEY)
        self.rpc = Rpc(self.node)
        sent = [self.rpc.send(transfer(STAKER, nonce, 5)) for nonce in range(3)]
        self.node.mine()
        sent.append(self.rpc.send(transfer(STAKER, 3, 5)))
        self.node.mine()
        sent.append(self.rpc.send(transfer(STAKER, 4, 5)))
        hashes = [self.rpc.call("eth_getBlockByNumber", hex(at))["hash"] for at in range(3)]
        self.requests = valid(hashes, sent)

    def state(self) -> Any:
        content = dict(self.store.items(b""))
        waiting = [transaction.hash for transaction in self.node.mempool]
        return content, waiting, self.node.chain.head, self.node.clock.offset


def outcomes(body: bytes, answer: Any) -> list[str | int]:
    """Return what the answers to a body came to; each has to be a JSON-RPC answer."""
    found: list[str | int] = []
    for each in answer if isinstance(answer, list) else [answer]:
        assert isinstance(each, dict), body
        assert each.get("jsonrpc") == "2.0", body
        assert "id" in each, body
        assert set(each) in ({"jsonrpc", "id", "result"}, {"jsonrpc", "id", "error"}), body
        if "result" in each:
            found.append("result")
            continue
        error = each["error"]
        assert set(error) in ({"code", "message"}, {"code", "message", "data"}), body
        assert type(error["code"]) is int, body
        assert isinstance(error["message"], str), body
        assert error["code"] != -32603, (body, error)
        found.append(error["code"])
    return found


async def over_http(address: Address, making_up: MakingUp, number: int, seen: Counter[str | int]) -> None:
    reader, writer = await asyncio.open_connection(address.host, address.port, limit=2**24)
    for _ in range(number):
        body = making_up.body()
        writer.write(request_of(body))
        answer = await read_answer(reader)
        assert answer.status in {200, 204}, body
        seen.update(outcomes(body, answer.json) if answer.body else ["none"])
    writer.close()


async def over_websocket(address: Address, making_up: MakingUp, number: int, seen: Counter[str | int]) -> None:
    end = {"jsonrpc": "2.0", "id": "the end", "method": "eth_chainId"}
    async with connect(address.websocket_url, proxy=None, max_size=None) as websocket:
        for _ in range(number):
            body = making_up.body()
            await websocket.send(body)
            await websocket.send(json.dumps(end))
            while True:
                answer = json.loads(await websocket.recv())
                if isinstance(answer, dict) and answer["id"] == "the end":
                    break
                seen.update(outcomes(body, answer))


def test_no_request_brings_a_node_out_of_order(pytestconfig: pytest.Config, caplog: pytest.LogCaptureFixture) -> None:
    subject = Subject()
    before = subject.state()
    seen: Counter[str | int] = Counter()

    async def run() -> None:
        app = application(subject.rpc.service)
        async with asyncio.timeout(SECONDS), serving(app) as address, asyncio.TaskGroup() as group:
            for at in range(CONNECTIONS):
                making_up = MakingUp(f"{pytestconfig.option.hypothesis_seed}-{at}", subject.requests)
                group.create_task(over_http(address, making_up, OVER_HTTP // CONNECTIONS, seen))
            making_up = MakingUp(f"{pytestconfig.option.hypothesis_seed}", subject.requests)
            group.create_task(over_websocket(address, making_up, OVER_WEBSOCKET, seen))

    asyncio.run(run())
    assert subject.state() == before
    assert not caplog.records
    assert sum(seen.values()) > 0.9 * (OVER_HTTP + OVER_WEBSOCKET)
    assert min(seen[outcome] for outcome in SEEN_OFTEN) > 50, seen
    assert subject.rpc.call("eth_blockNumber") == "0x2"


def test_what_is_valid_is_answered() -> None:
    subject = Subject()
    before = subject.state()
    results = Counter(
        method for method, parameters in subject.requests if "result" in answer_to(subject.rpc, method, parameters)
    )
    assert subject.state() == before
    asked = {method for method, parameters in subject.requests if parameters}
    reading = {method for method in asked if method.startswith(("eth_get", "debug"))}
    polled = {"eth_getFilterChanges", "eth_getFilterLogs"}
    assert reading - polled <= set(results)


def answer_to(rpc: Rpc, method: str, parameters: list[Any]) -> dict[str, Any]:
    answer: dict[str, Any] = rpc.body({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})
    return answer
