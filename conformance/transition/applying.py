"""Transactions carried out on an alloc, one after the other; those that are refused change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from conformance.transition.alloc import Alloc, AllocState, changed
from conformance.transition.environment import Environment
from conformance.transition.transactions import Encoded
from ledger.execution import Execution
from ledger.genesis import Genesis
from ledger.transactions import Transaction, TransactionError, decode_transaction
from spec.messages import Receipt


class Outcome(NamedTuple):
    """What the transactions came to."""

    alloc: Alloc
    """After them."""

    state_root: bytes
    """32 bytes, of the alloc."""

    transactions: tuple[Transaction, ...]
    """Those that are in the block."""

    receipts: tuple[Receipt, ...]
    """One of each of them."""

    rejected: tuple[tuple[int, TransactionError], ...]
    """The others: their places among those given (from 0), and why."""


def carry_out(alloc: Alloc, environment: Environment, chain_id: int, given: Sequence[Encoded]) -> Outcome:
    """Return what comes of transactions in a block; one that cannot be in a block is left out."""
    execution = Execution(AllocState(alloc), chain_id)
    transactions: list[Transaction] = []
    receipts: list[Receipt] = []
    rejected: list[tuple[int, TransactionError]] = []
    for index, encoded in enumerate(given):
        try:
            transaction = _decoded(encoded, chain_id)
            receipts.append(execution.transact(transaction, environment.timestamp))
            transactions.append(transaction)
        except TransactionError as error:
            rejected.append((index, error))
    after = changed(alloc, execution.changes())
    return Outcome(
        after, _state_root(after, environment, chain_id), tuple(transactions), tuple(receipts), tuple(rejected)
    )


def _decoded(encoded: Encoded, chain_id: int) -> Transaction:
    if isinstance(encoded, TransactionError):
        raise encoded
    return decode_transaction(encoded, chain_id)


def _state_root(alloc: Alloc, environment: Environment, chain_id: int) -> bytes:
    # The state of a chain that would begin with these accounts.
    genesis = Genesis(chain_id, environment.timestamp, environment.coinbase, environment.gas_limit, alloc)
    return genesis.commitment().state_root()
