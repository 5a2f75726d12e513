"""Transactions that wait to be in a block: which are taken, in what order they leave, and who goes when it is full."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Final, NamedTuple, NoReturn, Protocol

from ledger.execution import UNSPECIFIED
from ledger.state import AccountState
from ledger.transactions import Transaction, TransactionError, TransactionErrorCode, decode_transaction
from spec.hashing import keccak256
from spec.messages import Address

PRICE_BUMP: Final = 10
"""Per cent by which both fees of a replacement have to be higher; what Ethereum's nodes ask for."""


class Accounts(Protocol):
    """The state at the head, as far as a mempool looks at it."""

    def account(self, address: Address, /) -> AccountState:
        """The account at an address."""


@dataclass(frozen=True)
class PoolLimits:
    """How much a mempool holds."""

    nonces: int = 1024
    """How many nonces of one sender, from that at the head on, may be in the pool; so also its transactions."""

    transactions: int = 4096
    """Of all senders."""

    size: int = 32 * 1024 * 1024
    """Bytes of all transactions."""


class _Entry(NamedTuple):
    arrival: int
    transaction: Transaction


@dataclass
class _Queue:
    """What waits of one sender."""

    nonce: int
    """The sender's at the head."""

    entries: dict[int, _Entry] = field(default_factory=dict)
    """By nonce, in no order."""

    def first_gap(self) -> int:
        """The first nonce, from that at the head on, of which there is no transaction."""
        return next(nonce for nonce in count(self.nonce) if nonce not in self.entries)


class Mempool:
    """The transactions that wait.

    Those of one sender leave in the order of their nonces, without a gap; between senders, the one that arrived first
    goes first. A transaction with the sender and nonce of another replaces it if both its fees are higher by
    ``PRICE_BUMP`` per cent, and by 1 wei at least: from a fee of 0, 1 wei is enough. It then arrives anew.

    When the pool is full, what is furthest from being carried out makes room: first what waits behind a gap, then what
    is furthest ahead of its sender's nonce, of equals the last to arrive; and the newcomer is refused if none of these
    is further away than itself.
    """

    def __init__(self, chain_id: int, head: Callable[[], Accounts], limits: PoolLimits | None = None) -> None:
        """Make an empty pool for a chain, whose state at the head is what ``head`` returns."""
        self.limits: Final = limits or PoolLimits()
        self.size = 0
        """Bytes of all transactions."""
        self._chain_id: Final = chain_id
        self._head: Final = head
        self._arrivals: Final = count()
        self._by_hash: Final[dict[bytes, Transaction]] = {}
        self._queues: Final[dict[Address, _Queue]] = {}
        self._listeners: Final[list[Callable[[Transaction], None]]] = []

    def listen(self, callback: Callable[[Transaction], None]) -> None:
        """Have ``callback`` told of every transaction that is taken."""
        self._listeners.append(callback)

    def __len__(self) -> int:
        return len(self._by_hash)

    def __iter__(self) -> Iterator[Transaction]:
        """All transactions, by arrival."""
        entries = (entry for queue in self._queues.values() for entry in queue.entries.values())
        return iter([entry.transaction for entry in sorted(entries)])

    def get(self, transaction_hash: bytes) -> Transaction | None:
        """The transaction with a hash, None if it is not in the pool."""
        return self._by_hash.get(transaction_hash)

    def next_nonce(self, sender: Address) -> int:
        """The nonce which a sender's next transaction should have, after those that wait without a gap."""
        queue = self._queues.get(sender)
        return self._head().account(sender).nonce if queue is None else queue.first_gap()

    def is_ready(self, transaction: Transaction) -> bool:
        """Whether a transaction of the pool waits for no other of its sender that is not here."""
        return transaction.nonce < self._queues[transaction.sender].first_gap()

    def add(self, raw: bytes) -> Transaction:
        """Take a transaction.

        Raises
        ------
        TransactionError : it is not taken, and nothing has changed; in this order:

            1. ALREADY_KNOWN : it is in the pool.
            2. As from `decode_transaction`.
            3. NONCE_TOO_LOW; NONCE_TOO_HIGH : it is beyond the nonces which the pool holds of a sender.
            4. INSUFFICIENT_FUNDS : the sender's balance at the head is less than the values of all its transactions.
            5. UNSPECIFIED_CODE : of the address it calls.
            6. UNDERPRICED : it would replace one, and does not pay enough more.
            7. POOL_FULL : and none has to make room for this one.
        """
        known = self._by_hash.get(keccak256(raw))
        if known is not None:
            _refuse(TransactionErrorCode.ALREADY_KNOWN, "transaction", f"0x{known.hash.hex()}", "another")
        transaction = decode_transaction(raw, self._chain_id)
        sender = self._head().account(transaction.sender)
        queue = self._queues.get(transaction.sender) or _Queue(sender.nonce)
        replaced = queue.entries.get(transaction.nonce)
        self._check_nonce(transaction, sender)
        _check_funds(transaction, sender, queue)
        if transaction.to in UNSPECIFIED:
            expected = "a contract that is specified, or an account without code"
            _refuse(TransactionErrorCode.UNSPECIFIED_CODE, "to", f"0x{transaction.to.hex()}", expected)
        if replaced is not None:
            _check_fees(transaction, replaced.transaction)
        victims = self._victims(transaction, queue, replaced)
        for victim in victims:
            self.remove(victim.hash)
        self._put(transaction)
        for listener in self._listeners:
            listener(transaction)
        return transaction

    def remove(self, transaction_hash: bytes) -> None:
        """Let go of a transaction, if it is in the pool; those after it wait behind a gap."""
        transaction = self._by_hash.pop(transaction_hash, None)
        if transaction is None:
            return
        self.size -= len(transaction.raw)
        queue = self._queues[transaction.sender]
        del queue.entries[transaction.nonce]
        if not queue.entries:
            del self._queues[transaction.sender]

    def clear(self) -> None:
        """Let go of all."""
        self._by_hash.clear()
        self._queues.clear()
        self.size = 0

    def ready(self) -> Iterator[Transaction]:
        """What can be carried out on the head, in the order described above; the pool must not change meanwhile."""
        heads = [(entry.arrival, queue.nonce, queue) for queue in self._queues.values() if (entry := _at_head(queue))]
        # Arrivals differ, so that nonces and queues are never compared.
        heapify(heads)
        while heads:
            _, nonce, queue = heappop(heads)
            yield queue.entries[nonce].transaction
            following = queue.entries.get(nonce + 1)
            if following is not None:
                heappush(heads, (following.arrival, nonce + 1, queue))

    def head_changed(self, undone: Iterable[bytes], mined: Iterable[bytes]) -> list[Transaction]:
        """Follow a change of the head by transactions, encoded and in their order, of blocks undone and then adopted.

        What has been mined is let go of. So is what has a nonce that another has used: this is returned. What was
        undone and can be taken still is taken anew.
        """
        for raw in mined:
            self.remove(keccak256(raw))
        head = self._head()
        stale = []
        for sender, queue in self._queues.items():
            queue.nonce = head.account(sender).nonce
            stale += [entry.transaction for nonce, entry in queue.entries.items() if nonce < queue.nonce]
        for transaction in stale:
            self.remove(transaction.hash)
        for raw in undone:
            with suppress(TransactionError):
                self.add(raw)
        return stale

    def _put(self, transaction: Transaction) -> None:
        queue = self._queues.get(transaction.sender)
        if queue is None:
            queue = self._queues[transaction.sender] = _Queue(self._head().account(transaction.sender).nonce)
        replaced = queue.entries.get(transaction.nonce)
        if replaced is not None:
            self.size -= len(replaced.transaction.raw)
            del self._by_hash[replaced.transaction.hash]
        queue.entries[transaction.nonce] = _Entry(next(self._arrivals), transaction)
        self._by_hash[transaction.hash] = transaction
        self.size += len(transaction.raw)

    def _check_nonce(self, transaction: Transaction, sender: AccountState) -> None:
        if transaction.nonce < sender.nonce:
            expected = f"at least the sender's next, {sender.nonce}"
            _refuse(TransactionErrorCode.NONCE_TOO_LOW, "nonce", transaction.nonce, expected)
        last = sender.nonce + self.limits.nonces - 1
        if transaction.nonce > last:
            _refuse(
                TransactionErrorCode.NONCE_TOO_HIGH, "nonce", transaction.nonce, f"at most {last} until others came"
            )

    def _victims(self, newcomer: Transaction, queue: _Queue, replaced: _Entry | None) -> list[Transaction]:
        """Who has to make room; POOL_FULL if there are not enough."""
        transactions = len(self) + (replaced is None) - self.limits.transactions
        size = self.size + len(newcomer.raw) - (len(replaced.transaction.raw) if replaced else 0) - self.limits.size
        victims: list[Transaction] = []
        distance = (newcomer.nonce > queue.first_gap(), newcomer.nonce - queue.nonce)
        further = self._furthest(beyond=distance) if transactions > 0 or size > 0 else []
        while transactions > 0 or size > 0:
            if len(victims) == len(further):
                held = f"{len(self)} transactions of {self.size} bytes"
                _refuse(TransactionErrorCode.POOL_FULL, "transaction", held, "room, or one that has to wait longer")
            victim = further[len(victims)]
            victims.append(victim)
            transactions -= 1
            size -= len(victim.raw)
        return victims

    def _furthest(self, beyond: tuple[bool, int]) -> list[Transaction]:
        """What is further from being carried out than some distance (behind a gap, nonces ahead), furthest first."""
        found: list[tuple[tuple[bool, int], _Entry]] = []
        for queue in self._queues.values():
            gap = queue.first_gap()
            for nonce, entry in queue.entries.items():
                distance = (nonce > gap, nonce - queue.nonce)
                if distance > beyond:
                    found.append((distance, entry))
        found.sort(reverse=True)
        return [entry.transaction for _, entry in found]


def _at_head(queue: _Queue) -> _Entry | None:
    return queue.entries.get(queue.nonce)


def _check_funds(transaction: Transaction, sender: AccountState, queue: _Queue) -> None:
    others = sum(entry.transaction.value for nonce, entry in queue.entries.items() if nonce != transaction.nonce)
    if transaction.value + others > sender.balance:
        expected = f"at most the sender's balance, {sender.balance}, less {others} of others that wait"
        _refuse(TransactionErrorCode.INSUFFICIENT_FUNDS, "value", transaction.value, expected)


def _check_fees(transaction: Transaction, replaced: Transaction) -> None:
    for name, fee, old in (
        ("maxPriorityFeePerGas", transaction.max_priority_fee_per_gas, replaced.max_priority_fee_per_gas),
        ("maxFeePerGas", transaction.max_fee_per_gas, replaced.max_fee_per_gas),
    ):
        least = max(old + 1, -(-old * (100 + PRICE_BUMP) // 100))
        if fee < least:
            _refuse(
                TransactionErrorCode.UNDERPRICED, name, fee, f"at least {least}, to replace 0x{replaced.hash.hex()}"
            )


def _refuse(code: TransactionErrorCode, name: str, found: object, expected: object) -> NoReturn:
    raise TransactionError(code, name, found, expected)
