"""A small chain: the preset `minimal`, a sequencer, and three accounts whose keys are known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import pytest

from conformance.genesis_file import ledger_genesis
from ledger.blocks import Block
from ledger.chain import Chain
from ledger.genesis import Genesis
from ledger.keys import SequencerKey
from ledger.node.published import TEST_ACCOUNTS
from ledger.store import MemoryStore, Store
from ledger.transactions import Transaction, TransactionType, decode_transaction, sign_transaction
from spec.machine import CONTRACTS
from spec.messages import Address
from spec.parameters import load_preset

KEY: Final = SequencerKey.from_secret(b"\x46" * 32)
CHAIN_ID: Final = 8453

(STAKER, _STAKER_SECRET), (MINTER, _MINTER_SECRET) = TEST_ACCOUNTS[0], TEST_ACCOUNTS[2]
"""Two accounts of the preset."""
STRANGER: Final = SequencerKey.from_secret(b"\x11" * 32).address
"""An account with nothing but ether."""
NOBODY: Final = Address(b"\x99" * 20)
ETHER: Final = 10**18
UNIT: Final = 10**18

_SECRET_OF: Final = {STAKER: _STAKER_SECRET, MINTER: _MINTER_SECRET, STRANGER: b"\x11" * 32}


@cache
def genesis() -> Genesis:
    return ledger_genesis(load_preset("minimal"), KEY.address, {STAKER: 10 * ETHER, STRANGER: ETHER})


def calldata(name: str, *arguments: Any) -> tuple[Address, bytes]:
    """Return where a call goes, and its data: ``calldata("staking.stake", account, 1)``."""
    contract_name, function = name.split(".")
    contract = next(contract for contract in CONTRACTS.values() if contract.name == contract_name)
    return contract.address, contract.by_name[function].calldata(*arguments)


def signed(sender: Address, nonce: int, to: Address, data: bytes = b"", value: int = 0, **fields: Any) -> Transaction:
    fields = {"chain_id": CHAIN_ID, "gas_limit": 10**7, "kind": TransactionType.DYNAMIC_FEE} | fields
    raw = sign_transaction(_SECRET_OF[sender], nonce=nonce, to=to, data=data, value=value, **fields)
    return decode_transaction(raw, fields["chain_id"])


def call(sender: Address, nonce: int, name: str, *arguments: Any, value: int = 0) -> Transaction:
    to, data = calldata(name, *arguments)
    return signed(sender, nonce, to, data, value)


def transfer(sender: Address, nonce: int, amount: int, receiver: Address = NOBODY) -> Transaction:
    """Return a transfer of VVV."""
    return call(sender, nonce, "vvv.transfer", receiver, amount)


def mined(chain: Chain, *transactions: Transaction, after: int = 1) -> Block:
    """Return a block of these on the chain's head, ``after`` seconds later."""
    return chain.propose(transactions, chain.head.timestamp + after, KEY)


def extended(chain: Chain, blocks: int, start: int = 0) -> list[Block]:
    """Put blocks on a chain, each with one transfer by the staker, whose next nonce is ``start``."""
    made = []
    for nonce in range(start, start + blocks):
        made.append(mined(chain, transfer(STAKER, nonce, nonce + 1)))
        chain.extend(made[-1])
    return made


def content(store: Store) -> dict[bytes, bytes]:
    """Return everything in a store."""
    return dict(store.items(b""))


def new_chain(store: Store | None = None) -> Chain:
    return Chain(store or MemoryStore(), genesis())


def full_of(blocks: Sequence[Block]) -> Chain:
    chain = new_chain()
    for block in blocks:
        chain.extend(block)
    return chain


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def chain(store: Store) -> Chain:
    return new_chain(store)
