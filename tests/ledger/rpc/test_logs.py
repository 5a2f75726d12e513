"""Logs that are there, and filters that are polled."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ledger.chain import Chain
from ledger.node import Node
from ledger.rpc import Limits
from ledger.rpc.filters import Filters, Kind
from ledger.rpc.log_filter import LogFilter, LogQuery
from ledger.rpc.reader import Reader
from ledger.store import MemoryStore, schema
from spec.addresses import DIEM, STAKING, VVV
from spec.hashing import keccak256
from tests.ledger.rpc.conftest import (
    KEY,
    MINTER,
    NOBODY,
    STAKER,
    Rpc,
    calldata,
    genesis,
    hexed,
    new_node,
    signed,
    transfer,
)

TRANSFER = hexed(keccak256(b"Transfer(address,address,uint256)"))
STAKED = hexed(keccak256(b"Staked(address,uint256)"))
UNKNOWN = "0x" + "77" * 32


def word(address: bytes) -> str:
    return hexed(address.rjust(32, b"\0"))


@pytest.fixture(scope="module")
def filled() -> Rpc:
    """Blocks 1 to 4: a transfer; three at once, one of them refused; none; and a stake."""
    rpc = Rpc(new_node(instant=False))
    rpc.send(transfer(STAKER, 0, 1))
    rpc.call("evm_mine")
    rpc.send(transfer(STAKER, 1, 2))
    rpc.send(transfer(MINTER, 0, 10**40))
    rpc.send(transfer(STAKER, 2, 3, MINTER))
    rpc.call("evm_mine")
    rpc.call("evm_mine")
    rpc.send(signed(STAKER, 3, *calldata("vvv.approve", STAKING, 10)))
    rpc.send(signed(STAKER, 4, *calldata("staking.stake", STAKER, 10)))
    rpc.call("evm_mine")
    return rpc


def all_logs(rpc: Rpc) -> list[dict[str, Any]]:
    """Return the logs of the whole chain, by the receipts."""
    numbers = range(rpc.node.chain.head.number + 1)
    return [
        log
        for number in numbers
        for receipt in rpc.call("eth_getBlockReceipts", hex(number))
        for log in receipt["logs"]
    ]


ALL = {"fromBlock": "earliest", "toBlock": "latest"}


@pytest.mark.parametrize(
    "query,is_wanted",
    [
        ({}, lambda log: True),
        ({"address": hexed(VVV)}, lambda log: log["address"] == hexed(VVV)),
        ({"address": [hexed(STAKING), hexed(DIEM)]}, lambda log: log["address"] == hexed(STAKING)),
        ({"address": hexed(DIEM)}, lambda log: False),
        ({"topics": [TRANSFER]}, lambda log: log["topics"][0] == TRANSFER),
        ({"topics": [[STAKED, UNKNOWN]]}, lambda log: log["topics"][0] == STAKED),
        ({"topics": [None, word(STAKER)]}, lambda log: log["topics"][1:2] == [word(STAKER)]),
        ({"topics": [TRANSFER, None, word(MINTER)]}, lambda log: log["topics"][2:] == [word(MINTER)]),
        ({"topics": [None, None, None]}, lambda log: len(log["topics"]) >= 3),
        ({"topics": [None] * 4}, lambda log: len(log["topics"]) >= 4),
        ({"topics": [word(STAKER)]}, lambda log: False),
        (
            {"address": hexed(VVV), "topics": [TRANSFER, [word(NOBODY), word(STAKER)]]},
            lambda log: (
                log["address"] == hexed(VVV) and log["topics"][0] == TRANSFER and log["topics"][1] == word(STAKER)
            ),
        ),
        ({"fromBlock": "0x2", "toBlock": "0x3"}, lambda log: log["blockNumber"] == "0x2"),
        ({"fromBlock": "0x3", "toBlock": "0x3"}, lambda log: False),
        ({"fromBlock": "0x2", "toBlock": "0x4"}, lambda log: log["blockNumber"] != "0x1"),
    ],
)
def test_logs_that_are_asked_for(filled: Rpc, query: dict[str, Any], is_wanted: Any) -> None:
    assert filled.call("eth_getLogs", ALL | query) == [log for log in all_logs(filled) if is_wanted(log)]


def test_blocks_without_logs_are_not_read(filled: Rpc) -> None:
    content = filled.service.context.reader.content
    content.cache_clear()
    numbers = {log["blockNumber"] for log in filled.call("eth_getLogs", ALL)}
    assert numbers == {"0x1", "0x2", "0x4"}
    assert content.cache_info().misses == len(numbers)


def test_logs_of_one_block(filled: Rpc) -> None:
    latest = [log for log in all_logs(filled) if log["blockNumber"] == "0x4"]
    assert len(latest) > 2
    assert filled.call("eth_getLogs", {}) == latest
    block = filled.call("eth_getBlockByNumber", "0x4", False)["hash"]
    assert filled.call("eth_getLogs", {"blockHash": block}) == latest
    assert filled.call("eth_getLogs", {"blockHash": block, "address": hexed(DIEM)}) == []
    assert [log["logIndex"] for log in latest] == [hex(at) for at in range(len(latest))]


def test_logs_of_blocks_that_are_not_there(filled: Rpc) -> None:
    assert filled.refused("eth_getLogs", {"blockHash": UNKNOWN}) == (-32000, "unknown block")
    assert filled.refused("eth_getLogs", {"fromBlock": "0x3", "toBlock": "0x2"}) == (
        -32602,
        "invalid block range params: from 3 to 2",
    )


@pytest.mark.parametrize(
    "bounds", [("0x5", "0x6"), ("0x2", "0x5"), ("0x5", "latest"), ("latest", "0x5"), ("0x5", "0x2"), ("0x5", "0x5")]
)
def test_a_range_that_goes_beyond_the_head_is_refused(filled: Rpc, bounds: tuple[str, str]) -> None:
    query = dict(zip(("fromBlock", "toBlock"), bounds, strict=True))
    code, message = filled.refused("eth_getLogs", query)
    assert (code, message) == (-32602, "block range extends beyond current head block")


def test_a_filter_may_go_on_with_blocks_to_come(rpc: Rpc) -> None:
    bounds = [("0x1", "0x3"), ("0x2", "0x3"), ("0x2", "latest"), ("latest", "0x2"), ("0x3", "0x9")]
    filters = [rpc.call("eth_newFilter", {"fromBlock": first, "toBlock": last}) for first, last in bounds]
    assert [rpc.call("eth_getFilterLogs", each) for each in filters] == [[]] * 5
    rpc.send(transfer(STAKER, 0, 1))
    rpc.send(transfer(STAKER, 1, 1))
    first, second = all_logs(rpc)
    found = [rpc.call("eth_getFilterLogs", each) for each in filters]
    assert found == [[first, second], [second], [second], [second], []]


def test_logs_before_the_snapshot_with_which_a_chain_began() -> None:
    store = MemoryStore()
    rpc = Rpc(Node(Chain(store, genesis()), key=KEY, dev=True, instant=True))
    for nonce in range(3):
        rpc.send(transfer(STAKER, nonce, 1))
    store.write({schema.canonical(number): None for number in (1, 2)})
    assert len(rpc.call("eth_getLogs", {"fromBlock": "0x3", "toBlock": "0x3"})) == 1
    for first in ("0x0", "0x1", "0x2"):
        answer = rpc.refused("eth_getLogs", {"fromBlock": first, "toBlock": "latest"})
        assert answer == (-32000, "pruned history unavailable")
    assert rpc.call("eth_getLogs", {"fromBlock": "0x0", "toBlock": "0x0"}) == []


def test_a_block_that_is_not_known_has_no_content(node: Node) -> None:
    with pytest.raises(LookupError):
        Reader(node.chain).content(bytes(32))


def test_a_range_has_a_greatest_length(filled: Rpc) -> None:
    rpc = Rpc(filled.node, Limits(log_range=3))
    assert rpc.call("eth_getLogs", {"fromBlock": "0x1", "toBlock": "0x3"})
    assert rpc.call("eth_getLogs", {"fromBlock": "0x2", "toBlock": "0x4"})
    assert rpc.refused("eth_getLogs", ALL) == (-32005, "block range too large: 5 blocks, at most 3")


def test_an_answer_has_a_greatest_number_of_logs(filled: Rpc) -> None:
    number = len(all_logs(filled))
    assert len(Rpc(filled.node, Limits(log_results=number)).call("eth_getLogs", ALL)) == number
    few = Rpc(filled.node, Limits(log_results=number - 1))
    assert few.refused("eth_getLogs", ALL) == (-32005, f"query returned more than {number - 1} results")


def test_a_filter_for_logs(rpc: Rpc) -> None:
    every = rpc.call("eth_newFilter", {})
    some = rpc.call("eth_newFilter", {"address": hexed(VVV), "topics": [None, None, word(MINTER)]})
    later = rpc.call("eth_newFilter", {"fromBlock": "0x2", "toBlock": "0x2"})
    rpc.send(transfer(STAKER, 0, 1))
    rpc.send(transfer(STAKER, 1, 2, MINTER))
    rpc.send(transfer(STAKER, 2, 3))
    logs = rpc.call("eth_getLogs", ALL)
    assert rpc.call("eth_getFilterChanges", every) == logs
    assert rpc.call("eth_getFilterChanges", every) == []
    assert rpc.call("eth_getFilterChanges", some) == logs[1:2]
    assert rpc.call("eth_getFilterChanges", later) == logs[1:2]
    assert rpc.call("eth_getFilterLogs", later) == logs[1:2]
    assert rpc.call("eth_getFilterLogs", every) == logs[2:]


def test_a_filter_sees_what_is_undone(rpc: Rpc) -> None:
    rpc.send(transfer(STAKER, 0, 1))
    snapshot = rpc.call("evm_snapshot")
    every = rpc.call("eth_newFilter", {})
    blocks = rpc.call("eth_newBlockFilter")
    rpc.send(transfer(STAKER, 1, 2))
    rpc.send(transfer(STAKER, 2, 3))
    brought = rpc.call("eth_getFilterChanges", every)
    assert rpc.call("evm_revert", snapshot)
    taken_back = rpc.call("eth_getFilterChanges", every)
    assert taken_back == [log | {"removed": True} for log in reversed(brought)]
    rpc.send(transfer(STAKER, 1, 4))
    hashes = rpc.call("eth_getFilterChanges", blocks)
    assert len(hashes) == 3
    assert hashes[-1] == rpc.call("eth_getBlockByNumber", "latest")["hash"]


def test_a_filter_for_transactions_that_wait(rpc: Rpc) -> None:
    waiting = rpc.call("eth_newPendingTransactionFilter")
    sent = [rpc.send(transfer(STAKER, 1, 1)), rpc.send(transfer(STAKER, 0, 1))]
    assert rpc.call("eth_getFilterChanges", waiting) == sent
    assert rpc.call("eth_getFilterChanges", waiting) == []


def test_filters_that_are_not_there(rpc: Rpc) -> None:
    for method in ("eth_getFilterChanges", "eth_getFilterLogs"):
        assert rpc.refused(method, "0x1") == (-32000, "filter not found")
    assert rpc.call("eth_uninstallFilter", "0x1") is False
    blocks = rpc.call("eth_newBlockFilter")
    assert rpc.refused("eth_getFilterLogs", blocks) == (-32000, "filter not found")
    assert rpc.call("eth_uninstallFilter", blocks) is True
    assert rpc.call("eth_uninstallFilter", blocks) is False
    assert rpc.refused("eth_getFilterChanges", blocks) == (-32000, "filter not found")
    assert rpc.refused("eth_newFilter", {"blockHash": UNKNOWN})[0] == -32602


def test_there_are_as_many_filters_as_are_allowed(node: Node) -> None:
    rpc = Rpc(node, Limits(filters=2))
    first = rpc.call("eth_newBlockFilter")
    rpc.call("eth_newFilter", {})
    assert rpc.refused("eth_newPendingTransactionFilter") == (-32005, "too many filters: at most 2")
    rpc.call("eth_uninstallFilter", first)
    rpc.call("eth_newPendingTransactionFilter")


def test_a_filter_that_is_full_is_gone(node: Node) -> None:
    rpc = Rpc(node, Limits(filter_results=2))
    blocks, logs = rpc.call("eth_newBlockFilter"), rpc.call("eth_newFilter", {"address": hexed(DIEM)})
    for _ in range(3):
        rpc.call("evm_mine")
    assert rpc.refused("eth_getFilterChanges", blocks) == (-32000, "filter not found")
    assert rpc.call("eth_getFilterChanges", logs) == []


def test_a_filter_that_nobody_polls_is_gone(node: Node) -> None:
    now = 0.0
    filters = Filters(Reader(node.chain), Limits(filter_seconds=10), lambda: now)
    idle = filters.add(Kind.BLOCKS)
    polled = filters.add(Kind.LOGS, LogQuery(LogFilter()))
    now = 9.0
    assert filters.changes(polled) == []
    now = 11.0
    assert filters.changes(polled) == []
    assert len(filters) == 1
    assert not filters.remove(idle)


def test_logs_give_way_and_are_of_one_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.rpc.dispatch.YIELD_SECONDS", -1)
    monkeypatch.setattr("ledger.rpc.dispatch.ENCODED_AT_ONCE", 1)
    rpc = Rpc(new_node())
    for nonce in range(4):
        rpc.send(transfer(STAKER, nonce, 1))
    expected = rpc.call("eth_getLogs", ALL)
    assert len(expected) == 4
    done: list[str] = []

    async def asked(method: str, *parameters: Any) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})
        answer = await rpc.service.dispatcher.answer(rpc.service.context, body)
        done.append(method)
        return json.loads(answer or "")["result"]

    async def all_at_once() -> list[Any]:
        asking = [asked("eth_getLogs", ALL), asked("eth_getLogs", ALL), asked("evm_mine"), asked("eth_blockNumber")]
        return list(await asyncio.gather(*asking))

    first, second, _, number = asyncio.run(all_at_once())
    assert done == ["evm_mine", "eth_blockNumber", "eth_getLogs", "eth_getLogs"]
    assert (first, second, number) == (expected, expected, "0x5")
