"""What goes into a block: of what waits, what can be carried out, and the gateway's records after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from ledger.execution import Execution
from ledger.node.gateway import Gateway, restaked
from ledger.transactions import Transaction, TransactionError, decode_transaction
from spec.messages import Log


@dataclass(frozen=True)
class BlockLimits:
    """How much of a mempool goes into a block; the gateway's records come on top."""

    transactions: int = 2000
    size: int = 4 * 1024 * 1024
    """Bytes of all transactions."""


class Refusal(NamedTuple):
    """A transaction which cannot be carried out, and why."""

    transaction: Transaction
    reason: TransactionError


class Selection(NamedTuple):
    """The transactions of a block in their order, and those that were tried in vain."""

    timestamp: int
    """Seconds since 1970."""

    transactions: list[Transaction]
    refusals: list[Refusal]


DEFAULT_LIMITS: Final = BlockLimits()


def select(
    execution: Execution,
    waiting: Iterable[Transaction],
    timestamp: int,
    gateway: Gateway | None = None,
    limits: BlockLimits = DEFAULT_LIMITS,
) -> Selection:
    """Carry out what waits, one after another at a time (s), until the block is full; the execution is used up by it.

    A gateway's records stand at the end, one for each account, with the nonces after the gateway's other transactions.
    """
    selection = Selection(timestamp, [], [])
    logs: list[Log] = []
    size = 0
    for transaction in waiting:
        size += len(transaction.raw)
        if len(selection.transactions) == limits.transactions or size > limits.size:
            break
        try:
            receipt = execution.transact(transaction, timestamp)
        except TransactionError as reason:
            selection.refusals.append(Refusal(transaction, reason))
            continue
        selection.transactions.append(transaction)
        logs += receipt.logs
    if gateway is not None:
        nonce = execution.account(gateway.address).nonce
        for place, account in enumerate(restaked(logs)):
            raw = gateway.record(account, nonce + place)
            selection.transactions.append(decode_transaction(raw, gateway.chain_id))
    return selection
