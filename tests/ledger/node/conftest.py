"""A development chain of the preset `minimal`, nodes over it, and transactions of the published accounts."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import pytest

from conformance.cli.node.development import dev_genesis
from ledger.chain import Chain
from ledger.genesis import Genesis
from ledger.keys import SequencerKey
from ledger.node import Clock, Gateway, Node
from ledger.node.published import DEV_SEQUENCER, TEST_ACCOUNTS
from ledger.store import MemoryStore, Store
from ledger.transactions import Transaction, decode_transaction, sign_transaction
from spec.machine import CONTRACTS
from spec.messages import Address

KEY: Final = SequencerKey.from_secret(DEV_SEQUENCER.secret)
CHAIN_ID: Final = 8453
ETHER: Final = 10**18
UNIT: Final = 10**18
STAKER, SMALL_STAKER, MINTER, BUYER = 0, 1, 2, 5
"""Which of the published accounts the preset's are."""
GATEWAY: Final = 9
NOBODY: Final = Address(b"\x99" * 20)


@cache
def genesis() -> Genesis:
    return dev_genesis("minimal")


def address(account: int) -> Address:
    return TEST_ACCOUNTS[account].address


def signed(account: int, nonce: int, to: bytes = NOBODY, data: bytes = b"", value: int = 0, **fields: Any) -> bytes:
    fields = {"chain_id": CHAIN_ID} | fields
    return sign_transaction(TEST_ACCOUNTS[account].secret, nonce=nonce, to=to, data=data, value=value, **fields)


def calling(account: int, nonce: int, name: str, *arguments: Any, **fields: Any) -> bytes:
    """Return a transaction that calls a function: ``calling(STAKER, 0, "staking.stake", address, 1)``."""
    contract_name, function = name.split(".")
    contract = next(contract for contract in CONTRACTS.values() if contract.name == contract_name)
    return signed(account, nonce, contract.address, contract.by_name[function].calldata(*arguments), **fields)


class Wall:
    """A clock on the wall that a test sets."""

    def __init__(self, time: float = 1_800_000_000.75) -> None:
        self.time = time

    def __call__(self) -> float:
        return self.time


def new_node(store: Store | None = None, **options: Any) -> Node:
    chain = Chain(MemoryStore() if store is None else store, genesis())
    defaults: dict[str, Any] = {"key": KEY, "clock": Clock(Wall(), start=chain.head.timestamp), "dev": True}
    return Node(chain, **(defaults | options))


def gateway() -> Gateway:
    return Gateway(SequencerKey.from_secret(TEST_ACCOUNTS[GATEWAY].secret), CHAIN_ID)


def filled(node: Node, blocks: int = 5) -> Node:
    """Make blocks with transfers, stakes and refused calls in them; the head stakes DIEM."""
    for number in range(blocks):
        nonce = node.mempool.next_nonce(address(MINTER))
        node.submit(signed(STAKER, node.mempool.next_nonce(address(STAKER)), value=number + 1))
        node.submit(calling(MINTER, nonce, "diem.stake", number + 1))
        node.submit(calling(MINTER, nonce + 1, "vvv.transfer", NOBODY, 10**30))
        node.increase_time(7)
        node.mine()
    return node


def decoded(node: Node, block_hash: bytes) -> list[Transaction]:
    block = node.chain.block(block_hash)
    assert block is not None
    return [decode_transaction(raw, CHAIN_ID) for raw in block.transactions]


def counted(node: Node, status: str) -> float:
    line = f'diem_transactions_total{{status="{status}"}} '
    return next(
        float(text.removeprefix(line))
        for text in node.metrics.exposition().decode().splitlines()
        if text.startswith(line)
    )


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def node(store: Store) -> Node:
    return new_node(store)
