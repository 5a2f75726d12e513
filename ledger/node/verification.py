"""Whether a store says what its blocks say: all of them carried out anew, from the genesis, in memory."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import BinaryIO, Final, NamedTuple

from ledger.blocks import Block, BlockError
from ledger.chain import Chain
from ledger.node.snapshot import SnapshotError, read_preamble, restore
from ledger.store import MemoryStore, Store, schema

Progress = Callable[[int, int], None]
"""Told (done, of how many) from time to time."""

OF_THE_STATE: Final = {schema.ACCOUNT: "account", schema.WORD: "word"}
OF_THE_CHAIN: Final = {
    schema.CANONICAL: "the hash of block",
    schema.TRANSACTION: "the place of transaction",
    schema.LOG: "the log index at",
}
"""The kinds of keys, these and the state's, that are of the head's chain alone: there must be these and no others."""


class VerificationError(ValueError):
    """The store does not hold what its blocks come to; the message says where."""


class Verified(NamedTuple):
    """What was carried out and compared."""

    first: int
    """Number of the first block that was carried out."""
    blocks: int
    transactions: int
    entries: int
    """Accounts, words, hashes by number, places of transactions, and entries of the log index."""


def verify(
    chain: Chain, store: Store, snapshot: BinaryIO | None = None, progress: Progress = lambda *_: None
) -> Verified:
    """Carry out every block of a chain in memory, and compare each, its receipts, and all that the store has of it.

    A store that began with a snapshot is verified from there on, with the snapshot's file.

    Raises
    ------
    VerificationError : the first block that is not there or not right; the first entry of the store that is not what
        the blocks come to.
    SnapshotError : the snapshot is refused, or one is needed and none is given.
    StoreDamaged : something could not be read.
    """
    control, memory = _beginning(chain, snapshot)
    first, last = control.head.number + 1, chain.head.number
    if control.head.number > last or control.head.hash != chain.hash_at(control.head.number):
        raise VerificationError(f"the snapshot is of block {control.head.number}, which the chain does not have")
    transactions = 0
    for number in range(first, last + 1):
        block = _block(chain, number)
        try:
            control.extend(block)
        except BlockError as error:
            raise VerificationError(f"block {number}: {error}") from error
        if chain.receipts(block.header.hash) != control.receipts(block.header.hash):
            raise VerificationError(f"block {number}: the store has other receipts than the block comes to")
        transactions += len(block.transactions)
        progress(number - first + 1, last - first + 1)
    kinds = OF_THE_STATE if snapshot else OF_THE_STATE | OF_THE_CHAIN
    return Verified(first, last + 1 - first, transactions, sum(_compare(kind, store, memory) for kind in kinds))


def _beginning(chain: Chain, snapshot: BinaryIO | None) -> tuple[Chain, MemoryStore]:
    memory = MemoryStore()
    if snapshot is not None:
        preamble = read_preamble(snapshot, chain.genesis)
        restore(preamble, snapshot, memory)
    elif chain.head.number and chain.hash_at(1) is None:
        raise SnapshotError("the store began with a snapshot, whose file is needed (--snapshot)")
    return Chain(memory, chain.genesis), memory


def _block(chain: Chain, number: int) -> Block:
    block = chain.block(chain.hash_at(number) or b"")
    if block is None:
        raise VerificationError(f"block {number}: not in the store")
    return block


def _compare(kind: bytes, store: Store, control: Store) -> int:
    """Return how many entries of a kind there are, all of them alike."""
    entries = 0
    for found, expected in zip_longest(store.items(kind), control.items(kind)):
        if found != expected:
            key = min(entry[0] for entry in (found, expected) if entry)
            what = (OF_THE_STATE | OF_THE_CHAIN)[kind]
            raise VerificationError(
                f"{what} 0x{key[1:].hex()}: the store has {_shown(found, key)}, the blocks come to "
                f"{_shown(expected, key)}"
            )
        entries += 1
    return entries


def _shown(entry: tuple[bytes, bytes] | None, key: bytes) -> str:
    return "none" if entry is None or entry[0] != key else f"0x{entry[1].hex()}"
