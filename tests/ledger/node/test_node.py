"""A node: what is submitted, what becomes of it in blocks, and what the node says of itself."""

from __future__ import annotations

import logging

import pytest

from ledger.chain import Chain
from ledger.keys import SequencerKey
from ledger.node import BlockLimits, Node, NotSequencerError, PoolLimits
from ledger.node.health import health
from ledger.store import MemoryStore, Store, StoreError
from ledger.transactions import Transaction, TransactionError, decode_transaction
from spec.hashing import keccak256
from tests.ledger.node.conftest import (
    CHAIN_ID,
    NOBODY,
    STAKER,
    address,
    calling,
    counted,
    decoded,
    filled,
    genesis,
    new_node,
    signed,
)


def test_key_must_be_the_sequencers() -> None:
    with pytest.raises(ValueError, match="expected that of the sequencer"):
        new_node(key=SequencerKey.from_secret(b"\x01" * 32))


def test_submitted_transaction_waits_for_a_block(node: Node) -> None:
    raw = signed(STAKER, 0, value=5)
    transaction_hash = node.submit(raw)
    assert transaction_hash == keccak256(raw)
    assert node.mempool.get(transaction_hash) is not None
    block = node.mine()
    assert block.transactions == (raw,)
    assert node.chain.head == block.header
    assert len(node.mempool) == 0
    assert node.chain.state(node.chain.head).account(NOBODY).balance == 5


def test_instant_node_makes_a_block_for_each() -> None:
    node = new_node(instant=True)
    node.submit(signed(STAKER, 1))
    assert node.chain.head.number == 0
    node.submit(signed(STAKER, 0))
    assert node.chain.head.number == 1
    assert len(decoded(node, node.chain.head.hash)) == 2
    assert node.mine_waiting() == 0
    assert node.chain.head.number == 1


def test_refused_transaction_changes_nothing(node: Node) -> None:
    with pytest.raises(TransactionError):
        node.submit(b"")
    assert (len(node.mempool), counted(node, "refused"), counted(node, "submitted")) == (0, 1, 0)


def test_node_without_key_hands_on_and_makes_no_blocks() -> None:
    handed: list[Transaction] = []
    node = new_node(key=None, instant=True, forward=handed.append)
    assert not node.makes_blocks
    assert node.submit(signed(STAKER, 0)) == handed[0].hash
    assert len(node.mempool) == 1
    with pytest.raises(NotSequencerError):
        node.mine()
    assert node.chain.head.number == 0


def test_blocks_of_nothing_are_empty(node: Node) -> None:
    assert node.mine().transactions == ()
    assert node.mine_waiting() == 0
    assert node.chain.head.number == 1


def test_refused_calls_are_in_blocks(node: Node) -> None:
    node.submit(calling(STAKER, 0, "vvv.transfer", NOBODY, 10**30))
    head = node.mine().header.hash
    assert [receipt.status for receipt in node.chain.receipts(head)] == [False]
    assert (counted(node, "failed"), counted(node, "succeeded")) == (1, 0)


def test_what_can_no_longer_be_carried_out_is_dropped_and_hinders_nothing(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    poor = 3
    balance = node.chain.state(node.chain.head).account(address(poor)).balance
    node.submit(signed(poor, 0, value=balance))
    node.submit(signed(poor, 1))
    node.submit(signed(STAKER, 0))
    # The balance goes in a block that another node has made.
    other = new_node()
    other.submit(signed(poor, 0, value=balance // 2))
    node.extend(other.mine())
    assert len(node.mempool) == 2  # the nonce is used
    node.mempool.add(signed(poor, 2, value=balance - balance // 2))
    spender = new_node()
    spender.extend(node.chain.block(node.chain.head.hash))  # type: ignore[arg-type]
    spender.submit(signed(poor, 1, value=balance - balance // 2))
    node.extend(spender.mine())
    with caplog.at_level(logging.WARNING, "diem.node"):
        block = node.mine()
    assert [transaction.sender for transaction in decoded(node, block.header.hash)] == [address(STAKER)]
    assert [record.getMessage() for record in caplog.records] == ["transaction dropped"] * 3
    assert counted(node, "dropped") == 3
    assert len(node.mempool) == 0


def test_what_follows_a_dropped_transaction_waits_behind_the_gap(node: Node) -> None:
    node.mempool.add(signed(STAKER, 1))
    dropped = decode_transaction(signed(STAKER, 0, value=10**30), CHAIN_ID)
    node.mempool._put(dropped)
    assert node.mine_waiting() == 0
    assert [transaction.nonce for transaction in node.mempool] == [1]


def test_blocks_are_limited() -> None:
    node = new_node(block_limits=BlockLimits(transactions=2))
    for nonce in range(5):
        node.submit(signed(STAKER, nonce))
    assert node.mine_waiting() == 3
    assert len(decoded(node, node.chain.hash_at(1) or b"")) == 2
    assert len(decoded(node, node.chain.hash_at(3) or b"")) == 1


def test_blocks_are_limited_in_bytes() -> None:
    raw = signed(STAKER, 0)
    node = new_node(block_limits=BlockLimits(size=2 * len(raw)), pool_limits=PoolLimits(nonces=3))
    for nonce in range(3):
        node.submit(signed(STAKER, nonce))
    assert len(node.mine().transactions) == 2


def test_block_can_be_executed_by_another(node: Node) -> None:
    filled(node)
    other = Chain(MemoryStore(), genesis())
    for number in range(1, node.chain.head.number + 1):
        block = node.chain.block(node.chain.hash_at(number) or b"")
        assert block is not None
        other.extend(block)
    assert other.head == node.chain.head


class FullStore(MemoryStore):
    """A store on a disk that is full from some moment on."""

    is_full = False

    def write(self, changes: object) -> None:
        if self.is_full:
            raise StoreError("disk: No space left on device")
        super().write(changes)  # type: ignore[arg-type]


def test_node_says_when_its_store_fails() -> None:
    store = FullStore()
    node = new_node(store)
    told: list[bool] = []
    node.on_failure(lambda: told.append(True))
    node.submit(signed(STAKER, 0))
    store.is_full = True
    with pytest.raises(StoreError):
        node.mine()
    assert (node.failure, told) == ("disk: No space left on device", [True])
    ok, content = health(node)
    assert not ok
    assert (content["status"], content["reason"]) == ("failing", "disk: No space left on device")
    assert node.chain.head.number == 0
    assert len(node.mempool) == 1
    # No transaction is taken that no block will have, and it is said once only.
    with pytest.raises(StoreError, match="No space left on device"):
        node.submit(signed(STAKER, 1))
    with pytest.raises(StoreError):
        node.mine()
    assert told == [True]
    assert len(node.mempool) == 1


def test_health_says_where_the_head_is(node: Node, store: Store) -> None:
    node.mine()
    node.submit(signed(STAKER, 0))
    ok, content = health(node)
    assert ok
    age = content["head"].pop("age_seconds")
    assert 0 <= age < 60
    assert content == {
        "status": "ok",
        "head": {
            "number": 1,
            "hash": f"0x{node.chain.head.hash.hex()}",
            "timestamp": node.chain.genesis.timestamp,
        },
        "syncing": None,
        "mempool": 1,
    }


def test_missing_block_is_said(node: Node, store: Store) -> None:
    block = node.mine()
    store.write({b"b" + block.header.hash: None})
    with pytest.raises(LookupError, match="not in the store"):
        node._block(block.header.hash)
