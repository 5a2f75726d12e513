"""A node: a chain, the transactions that wait for it, and, if it has the sequencer's key, the making of blocks."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

from ledger.blocks import Block
from ledger.chain import Chain, CheckedBlock, HeadChange
from ledger.keys import SequencerKey
from ledger.node.clock import Clock
from ledger.node.gateway import Gateway
from ledger.node.logs import event
from ledger.node.mempool import Mempool, PoolLimits
from ledger.node.metrics import Metrics
from ledger.node.selection import BlockLimits, Selection, select
from ledger.store import StoreError
from ledger.transactions import Transaction, TransactionError, TransactionErrorCode

_T = TypeVar("_T")


class NotSequencerError(Exception):
    """The node has not the sequencer's key, so it makes no blocks."""


class KeyMismatchError(ValueError):
    """The key is not that of the chain's sequencer; the message says whose it is."""


class Syncing(NamedTuple):
    """How far a node has come that follows another."""

    start: int
    """Number of the head when it began to catch up."""
    current: int
    highest: int


class _Snapshot(NamedTuple):
    head: bytes
    offset: int
    waiting: tuple[bytes, ...]


class Node:
    """A chain, a mempool, and a clock.

    A node with the sequencer's key makes blocks, at once for each transaction if it is ``instant``; a node without it
    takes transactions for whoever ``forward`` sends them to.
    """

    def __init__(
        self,
        chain: Chain,
        *,
        key: SequencerKey | None = None,
        clock: Clock | None = None,
        dev: bool = False,
        instant: bool = False,
        gateway: Gateway | None = None,
        pool_limits: PoolLimits | None = None,
        block_limits: BlockLimits | None = None,
        store_bytes: Callable[[], int] = lambda: 0,
        forward: Callable[[Transaction], None] = lambda _: None,
    ) -> None:
        """Make a node over an open chain; KeyMismatchError if the key is not that of the chain's sequencer."""
        if key is not None and key.address != chain.genesis.sequencer:
            sequencer = f"0x{chain.genesis.sequencer.hex()}"
            raise KeyMismatchError(f"the key is of 0x{key.address.hex()}, expected that of the sequencer, {sequencer}")
        self.chain: Final = chain
        self.clock: Final = clock or Clock()
        self.dev: Final = dev
        """Whether time and head may be moved at will."""
        self.instant: Final = instant and key is not None
        self.mempool: Final = Mempool(chain.chain_id, lambda: chain.state(chain.head), pool_limits)
        self.metrics: Final = Metrics(lambda: chain.head.number, lambda: len(self.mempool), store_bytes)
        self.syncing: Syncing | None = None
        """How far it has come; None while it is not behind."""
        self.trouble: str | None = None
        """Why the node does not do what it should, in one line; None while it does."""
        self.unreadable: str | None = None
        """Why a client could not be told what is in the store, in one line; None if there was no such client."""
        self.failure: str | None = None
        """Why the node cannot go on, in one line; None while it can."""
        self._when_failed: Callable[[], None] = lambda: None
        self._key: Final = key
        self._gateway: Final = gateway
        self._block_limits: Final = block_limits or BlockLimits()
        self._forward: Final = forward
        self._head_since = time.monotonic()
        self._snapshots: Final[dict[int, _Snapshot]] = {}
        self._snapshots_made = 0
        chain.listen(self._head_changed)

    @property
    def makes_blocks(self) -> bool:
        """Whether the node has the sequencer's key."""
        return self._key is not None

    def submit(self, raw: bytes) -> bytes:
        """Take a transaction, and return its hash (32 bytes).

        On an instant node its block is there on return, unless it waits behind a gap. Otherwise it is in the mempool
        only, which is not kept when the node stops without having made a block.

        Raises
        ------
        StoreError : the store takes nothing any more, so that no block will ever have it.
        TransactionError : as from `Mempool.add`.
        """
        if self.failure is not None:
            raise StoreError(self.failure)
        try:
            transaction = self.mempool.add(raw)
        except TransactionError as error:
            self.metrics.transaction("refused")
            event(logging.DEBUG, "transaction refused", reason=str(error))
            raise
        self.metrics.transaction("submitted")
        event(logging.DEBUG, "transaction taken", hash=transaction.hash, sender=transaction.sender)
        if self.instant:
            self.mine_waiting()
        elif not self.makes_blocks:
            self._forward(transaction)
        return transaction.hash

    def next_timestamp(self) -> int:
        """The time (s) that a block would have now."""
        return self.clock.next_after(self.chain.head.timestamp)

    def mine(self, timestamp: int | None = None) -> Block:
        """Make and adopt the next block, of what waits and can be carried out; of nothing if there is nothing.

        With a time (s), the block has this one, and time goes on from it. What can never be carried out any more is let
        go of, and hinders no block.

        Raises
        ------
        NotSequencerError : there is no key.
        ClockError : the time is before the head's.
        StoreError : the block could not be written; the head is the same as before.
        """
        if timestamp is not None:
            self.set_next_timestamp(timestamp)
        return self._make(self._select())

    def mine_waiting(self) -> int:
        """Make blocks until nothing that waits could be in one, and none that is empty; return how many."""
        made = 0
        while next(self.mempool.ready(), None) is not None:
            selection = self._select()
            if selection.transactions:
                self._make(selection)
                made += 1
        return made

    def extend(self, block: Block | CheckedBlock) -> None:
        """Validate a block on the head and adopt it; errors as of `Chain.extend`."""
        self._timed(lambda: self.chain.extend(block))

    def on_failure(self, callback: Callable[[], None]) -> None:
        """Have ``callback`` called when the node cannot go on, because its store takes nothing any more."""
        self._when_failed = callback

    def store_failed(self, reason: str) -> None:
        """Take down that the store did not do what a client asked for, and log it once."""
        if self.failure is None and self.unreadable != reason:
            self.unreadable = reason
            event(logging.ERROR, "store unreadable", reason=reason)

    def drop(self, transaction: Transaction, reason: str) -> None:
        """Let go of a transaction that waits, and say why."""
        self.mempool.remove(transaction.hash)
        self.metrics.transaction("dropped")
        event(logging.WARNING, "transaction dropped", hash=transaction.hash, sender=transaction.sender, reason=reason)

    def increase_time(self, seconds: int) -> int:
        """Let time go forward, and return by how many seconds it is ahead of the wall clock; ClockError if not so."""
        self.clock.advance(seconds, self.chain.head.timestamp)
        return self.clock.offset

    def set_next_timestamp(self, timestamp: int) -> None:
        """Give a time (s) to the next block; ClockError if it is before the head's."""
        self.clock.set_next(timestamp, self.chain.head.timestamp)

    def snapshot(self) -> int:
        """Remember head, time and mempool, and return the number to come back by."""
        self._snapshots_made += 1
        waiting = tuple(transaction.raw for transaction in self.mempool)
        self._snapshots[self._snapshots_made] = _Snapshot(self.chain.head.hash, self.clock.offset, waiting)
        return self._snapshots_made

    def revert(self, number: int) -> bool:
        """Come back to a snapshot, and forget it and all later ones; False if there is none of this number.

        Raises
        ------
        ChainError : it lies further back than a chain can be undone; nothing has changed.
        """
        snapshot = self._snapshots.get(number)
        if snapshot is None:
            return False
        if snapshot.head != self.chain.head.hash:
            self.chain.adopt(snapshot.head)
        for later in [made for made in self._snapshots if made >= number]:
            del self._snapshots[later]
        self.clock.restore(snapshot.offset)
        self.mempool.clear()
        for raw in snapshot.waiting:
            self.mempool.add(raw)
        return True

    def head_age(self) -> float:
        """Seconds since the head changed, or since the node started."""
        return time.monotonic() - self._head_since

    def _select(self) -> Selection:
        with self.chain.trial() as execution:
            waiting = self.mempool.ready()
            selection = select(execution, waiting, self.next_timestamp(), self._gateway, self._block_limits)
        for transaction, reason in selection.refusals:
            # What follows one that is let go of waits behind a gap now.
            if reason.code is not TransactionErrorCode.NONCE_TOO_HIGH:
                self.drop(transaction, str(reason))
        return selection

    def _make(self, selection: Selection) -> Block:
        if self._key is None:
            raise NotSequencerError("this node has not the sequencer's key, so it makes no blocks")
        key = self._key
        self.clock.used(selection.timestamp)
        return self._timed(lambda: self.chain.make(selection.transactions, selection.timestamp, key))

    def _timed(self, extend: Callable[[], _T]) -> _T:
        """Move the head, and note how long it took, or that the store takes nothing any more."""
        began = time.perf_counter()
        try:
            extended = extend()
        except StoreError as error:
            self._fail(str(error))
            raise
        self.metrics.block_seconds(time.perf_counter() - began)
        return extended

    def _fail(self, reason: str) -> None:
        if self.failure is not None:
            return
        self.failure = self.trouble = reason
        event(logging.CRITICAL, "store failed", reason=reason)
        self._when_failed()

    def _head_changed(self, change: HeadChange) -> None:
        self._head_since = time.monotonic()
        self.metrics.blocks(undone=len(change.undone), adopted=len(change.adopted))
        for header in change.undone:
            event(logging.WARNING, "block undone", number=header.number, hash=header.hash)
        blocks = [self._block(header.hash) for header in change.adopted]
        for block in blocks:
            self._note(block)
        undone = [raw for header in reversed(change.undone) for raw in self._block(header.hash).transactions]
        mined = (raw for block in blocks for raw in block.transactions)
        for transaction in self.mempool.head_changed(undone, mined):
            self.drop(transaction, "another transaction has used its nonce")

    def _note(self, block: Block) -> None:
        header = block.header
        succeeded = sum(receipt.status for receipt in self.chain.receipts(header.hash))
        failed = len(block.transactions) - succeeded
        self.metrics.transaction("succeeded", succeeded)
        self.metrics.transaction("failed", failed)
        fields = {"number": header.number, "hash": header.hash, "timestamp": header.timestamp}
        event(logging.INFO, "block", **fields, transactions=len(block.transactions), failed=failed)

    def _block(self, block_hash: bytes) -> Block:
        block = self.chain.block(block_hash)
        if block is None:
            raise LookupError(f"block 0x{block_hash.hex()} of the chain is not in the store")
        return block
