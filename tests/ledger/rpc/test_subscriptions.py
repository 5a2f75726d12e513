"""What is sent to who has subscribed, without what carries it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ledger.node import Node
from ledger.rpc import Limits
from ledger.rpc.subscriptions import Subscriptions
from spec.addresses import VVV
from tests.ledger.rpc.conftest import MINTER, NOBODY, STAKER, Rpc, hexed, transfer


class Subscriber:
    """A connection, and what was sent to it."""

    def __init__(self, rpc: Rpc) -> None:
        self.rpc = rpc
        self.sent: list[str] = []
        context = rpc.service.context
        self.subscriptions = Subscriptions(context.reader, context.limits, self.sent.append)
        self.context = context.connected(self.subscriptions)
        rpc.service.events.add(self.subscriptions)

    def call(self, method: str, *parameters: Any) -> Any:
        return self.rpc.call(method, *parameters, context=self.context)

    def refused(self, *parameters: Any) -> tuple[int, str]:
        return self.rpc.refused("eth_subscribe", *parameters, context=self.context)

    def results(self, number: str) -> list[Any]:
        """Return what was sent for a subscription, and forget everything."""
        messages = [json.loads(text) for text in self.sent]
        self.sent.clear()
        for message in messages:
            assert set(message) == {"jsonrpc", "method", "params"}
            assert (message["jsonrpc"], message["method"]) == ("2.0", "eth_subscription")
        return [each["params"]["result"] for each in messages if each["params"]["subscription"] == number]


@pytest.fixture
def subscriber(rpc: Rpc) -> Subscriber:
    return Subscriber(rpc)


def test_new_heads(subscriber: Subscriber) -> None:
    heads = subscriber.call("eth_subscribe", "newHeads")
    for _ in range(2):
        subscriber.call("evm_mine")
    blocks = [subscriber.call("eth_getBlockByNumber", hex(at), False) for at in (1, 2)]
    for block in blocks:
        for name in ("transactions", "uncles", "size", "totalDifficulty"):
            del block[name]
    assert subscriber.results(heads) == blocks


def test_logs(subscriber: Subscriber) -> None:
    every = subscriber.call("eth_subscribe", "logs")
    some = subscriber.call("eth_subscribe", "logs", {"topics": [None, None, hexed(MINTER.rjust(32, b"\0"))]})
    subscriber.call("eth_sendRawTransaction", hexed(transfer(STAKER, 0, 1)))
    subscriber.call("eth_sendRawTransaction", hexed(transfer(STAKER, 1, 1, MINTER)))
    logs = subscriber.call("eth_getLogs", {"fromBlock": "0x1", "toBlock": "0x2"})
    sent = list(subscriber.sent)
    assert subscriber.results(every) == logs
    subscriber.sent += sent
    assert subscriber.results(some) == logs[1:]


def test_logs_that_are_undone(subscriber: Subscriber) -> None:
    snapshot = subscriber.call("evm_snapshot")
    logs = subscriber.call("eth_subscribe", "logs", {"address": hexed(VVV)})
    heads = subscriber.call("eth_subscribe", "newHeads", None)
    subscriber.call("eth_sendRawTransaction", hexed(transfer(STAKER, 0, 1)))
    brought = subscriber.results(logs)
    assert subscriber.call("evm_revert", snapshot) is True
    sent = list(subscriber.sent)
    assert subscriber.results(logs) == [log | {"removed": True} for log in brought]
    subscriber.sent += sent
    assert subscriber.results(heads) == []


def test_a_branch_that_replaces_another(subscriber: Subscriber) -> None:
    chain = subscriber.rpc.node.chain
    snapshot = subscriber.call("evm_snapshot")
    for nonce in range(2):
        subscriber.call("eth_sendRawTransaction", hexed(transfer(STAKER, nonce, 1)))
    branch = chain.head.hash
    subscriber.call("evm_revert", snapshot)
    subscriber.call("eth_sendRawTransaction", hexed(transfer(STAKER, 0, 9, MINTER)))
    logs = subscriber.call("eth_subscribe", "logs")
    heads = subscriber.call("eth_subscribe", "newHeads")
    chain.adopt(branch)
    sent = list(subscriber.sent)
    assert [head["number"] for head in subscriber.results(heads)] == ["0x1", "0x2"]
    subscriber.sent += sent
    seen = [(log["removed"], log["blockNumber"]) for log in subscriber.results(logs)]
    assert seen == [(True, "0x1"), (False, "0x1"), (False, "0x2")]


def test_transactions_that_wait(subscriber: Subscriber) -> None:
    hashes = subscriber.call("eth_subscribe", "newPendingTransactions")
    whole = subscriber.call("eth_subscribe", "newPendingTransactions", True)
    subscriber.call("eth_subscribe", "newPendingTransactions", False)
    sent = subscriber.call("eth_sendRawTransaction", hexed(transfer(STAKER, 1, 1)))
    shown = subscriber.call("eth_getTransactionByHash", sent)
    messages = list(subscriber.sent)
    assert len(messages) == 3
    assert subscriber.results(hashes) == [sent]
    subscriber.sent += messages
    assert subscriber.results(whole) == [shown]


def test_an_end(subscriber: Subscriber) -> None:
    heads = subscriber.call("eth_subscribe", "newHeads")
    assert subscriber.call("eth_unsubscribe", heads) is True
    assert subscriber.call("eth_unsubscribe", heads) is False
    subscriber.call("evm_mine")
    assert subscriber.sent == []


@pytest.mark.parametrize(
    "parameters",
    [
        ("heads",),
        ("NEWHEADS",),
        ("newHeads", {}),
        ("logs", []),
        ("logs", {"address": 1}),
        ("logs", {"blockHash": "0x1"}),
        ("logs", {"blockHash": "0x" + "77" * 32}),
        ("newPendingTransactions", {}),
        ("newPendingTransactions", "true"),
        (1,),
    ],
)
def test_what_cannot_be_subscribed_to(subscriber: Subscriber, parameters: tuple[Any, ...]) -> None:
    assert subscriber.refused(*parameters)[0] == -32602


def test_only_who_is_connected_can_subscribe(rpc: Rpc) -> None:
    for method, parameter in (("eth_subscribe", "newHeads"), ("eth_unsubscribe", "0x1")):
        code, message = rpc.refused(method, parameter)
        assert (code, message) == (-32601, "notifications not supported: subscribe over a WebSocket")


def test_there_are_as_many_subscriptions_as_are_allowed(node: Node) -> None:
    subscriber = Subscriber(Rpc(node, Limits(subscriptions=2)))
    first = subscriber.call("eth_subscribe", "newHeads")
    subscriber.call("eth_subscribe", "newHeads")
    assert subscriber.refused("newHeads") == (-32005, "too many subscriptions: at most 2")
    subscriber.call("eth_unsubscribe", first)
    subscriber.call("eth_subscribe", "newHeads")


def test_who_is_gone_is_told_nothing(subscriber: Subscriber) -> None:
    subscriber.call("eth_subscribe", "newHeads")
    subscriber.call("eth_subscribe", "newPendingTransactions")
    subscriber.rpc.service.events.remove(subscriber.subscriptions)
    subscriber.rpc.service.events.remove(subscriber.subscriptions)
    subscriber.call("eth_sendRawTransaction", hexed(transfer(STAKER, 0, 1, NOBODY)))
    assert subscriber.sent == []
