"""Time and head moved at will, and what becomes of transactions of blocks that are undone."""

from __future__ import annotations

import logging

import pytest

from ledger.node import Clock, ClockError, Node
from tests.ledger.node.conftest import (
    MINTER,
    STAKER,
    Wall,
    filled,
    new_node,
    signed,
)


def test_time_starts_at_the_genesis_and_is_moved(node: Node) -> None:
    start = node.chain.genesis.timestamp
    assert node.mine().header.timestamp == start
    assert node.increase_time(100) == node.clock.offset
    assert node.mine().header.timestamp == start + 100
    node.set_next_timestamp(start + 5000)
    assert node.next_timestamp() == start + 5000
    assert node.mine().header.timestamp == start + 5000
    assert node.mine(start + 6000).header.timestamp == start + 6000
    with pytest.raises(ClockError):
        node.mine(start)
    assert node.mine().header.timestamp == start + 6000


def test_time_of_a_chain_from_the_future_stands_still() -> None:
    node = new_node(clock=Clock(Wall(5.0)))
    assert [node.mine().header.timestamp for _ in range(2)] == [node.chain.genesis.timestamp] * 2


def test_reverts_to_a_snapshot(node: Node) -> None:
    filled(node, 2)
    waiting = node.submit(signed(STAKER, 2))
    node.submit(signed(STAKER, 4))
    head, time = node.chain.head, node.next_timestamp()
    first, second = node.snapshot(), node.snapshot()
    assert second > first
    node.increase_time(1000)
    mined = node.submit(signed(MINTER, 4))
    node.mine()
    node.set_next_timestamp(10**10)
    assert node.revert(second)
    assert (node.chain.head, node.next_timestamp()) == (head, time)
    # What had come since is gone, and what waited then waits again.
    assert node.mempool.get(mined) is None
    assert node.chain.place_of(mined) is None
    assert node.mempool.get(waiting) is not None
    assert len(node.mempool) == 2
    assert node.revert(first)
    assert not node.revert(first)
    assert not node.revert(second)
    assert not node.revert(99)
    node.mine()


def test_transactions_of_undone_blocks_wait_again(node: Node, caplog: pytest.LogCaptureFixture) -> None:
    node.mine()
    one = node.chain.head.hash
    for nonce in range(3):
        node.submit(signed(STAKER, nonce))
        node.mine()
    with caplog.at_level(logging.INFO, "diem.node"):
        node.chain.adopt(one)
    assert [transaction.nonce for transaction in node.mempool.ready()] == [0, 1, 2]
    assert [record.fields["number"] for record in caplog.records] == [4, 3, 2]  # type: ignore[attr-defined]
    assert 'diem_blocks_total{change="undone"} 3.0' in node.metrics.exposition().decode()
