"""Whether a store says what its blocks say: all of them carried out anew, from the genesis, in memory."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import BinaryIO, Final, NamedTuple

from ledger.blocks import Block, BlockError
from ledger.chain import Chain
from ledger.chain.check import first_undoable
from ledger.node.snapshot import SnapshotError, read_preamble, restore
from ledger.store import Changes, MemoryStore, Store, schema

Progress = Callable[[int, int], None]
"""Told (done, of how many) from time to time."""

OF_THE_STATE: Final = {schema.ACCOUNT: "account", schema.WORD: "word"}
OF_THE_CHAIN: Final = {
    schema.CANONICAL: "the hash of block",
    schema.TRANSACTION: "the place of transaction",
    schema.LOG: "the log index at",
}
"""The kinds of keys, these and the state's, that are of the head's chain alone: there must be these and no others."""

_OF_BLOCKS: Final = {
    schema.BLOCK: "another block in its place",
    schema.RECEIPTS: "other receipts than the block comes to",
    schema.NODE: "not all of the trie nodes that the block comes to",
}
"""The kinds that are kept for ever, and what is said of one that is missing or another: side branches have them too."""


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

    Every key of the store is read besides, of whatever branch it is. A store that began with a snapshot is verified
    from there on, with the snapshot's file.

    Raises
    ------
    StoreDamaged : something could not be read, then or later.
    SnapshotError : the snapshot is refused, or one is needed and none is given.
    VerificationError : the first block that is not there or not right, or whose receipts or trie nodes are not; the
        first entry of the store, and then the first undo record, that is not what the blocks come to.
    """
    for _ in store.items(b""):  # whose checksum is verified
        pass
    memory = _Control(store)
    control = _beginning(chain, memory, snapshot)
    first, last = control.head.number + 1, chain.head.number
    transactions = 0
    for number in range(first, last + 1):
        block = _block(chain, number)
        try:
            control.extend(block)
        except (BlockError, _Difference) as error:
            raise VerificationError(f"block {number}: {error}") from error
        transactions += len(block.transactions)
        progress(number - first + 1, last - first + 1)
    # The beginning of a chain that is compared from a snapshot on is in the store, or it is not.
    compare_chain = _compare if snapshot is None else _contained
    entries = sum(_compare(kind, store, memory) for kind in OF_THE_STATE)
    entries += sum(compare_chain(kind, store, memory) for kind in OF_THE_CHAIN)
    _compare_undo_records(chain, store, memory, first)
    return Verified(first, last + 1 - first, transactions, entries)


class _Difference(ValueError):
    """What a block comes to is not in the store that is verified; the message says what."""


class _Control(MemoryStore):
    """A store in memory, but for what is kept for ever: the verified store has to have that, and it is read there.

    So it grows with the state and the index of a chain, and not with all that blocks have come to.
    """

    def __init__(self, verified: Store) -> None:
        super().__init__()
        self._verified: Final = verified

    def get(self, key: bytes) -> bytes | None:
        """As in `Store`."""
        return self._verified.get(key) if key[:1] in _OF_BLOCKS else super().get(key)

    def write(self, changes: Changes) -> None:
        """As in `Store`; _Difference if the store that is verified lacks some of it."""
        for key, value in changes.items():
            if key[:1] in _OF_BLOCKS and self._verified.get(key) != value:
                raise _Difference(f"the store has {_OF_BLOCKS[key[:1]]}")
        super().write({key: value for key, value in changes.items() if key[:1] not in _OF_BLOCKS})


def _beginning(chain: Chain, memory: _Control, snapshot: BinaryIO | None) -> Chain:
    """Return the chain that blocks are carried out on, up to the genesis or to the block of the snapshot."""
    try:
        if snapshot is not None:
            preamble = read_preamble(snapshot, chain.genesis)
            head = preamble.head.header
            if head.hash != chain.hash_at(head.number):
                raise VerificationError(f"the snapshot is of block {head.number}, which the chain does not have")
            restore(preamble, snapshot, memory)
        elif chain.head.number and chain.hash_at(1) is None:
            raise SnapshotError("the store began with a snapshot, whose file is needed (--snapshot)")
        return Chain(memory, chain.genesis)
    except _Difference as error:
        raise VerificationError(f"the beginning: {error}") from error


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
            raise _other(key, _value(found, key), _value(expected, key))
        entries += 1
    return entries


def _contained(kind: bytes, store: Store, control: Store) -> int:
    """Return how many entries of a kind the control has, all of them in the store."""
    entries = 0
    for key, expected in control.items(kind):
        found = store.get(key)
        if found != expected:
            raise _other(key, found, expected)
        entries += 1
    return entries


def _compare_undo_records(chain: Chain, store: Store, control: Store, first: int) -> None:
    """Compare what is needed to undo blocks from ``first`` on; the store may have more, as an import drops none."""
    for number in range(max(first, first_undoable(store)), chain.head.number + 1):
        key = schema.changes(chain.hash_at(number) or b"")
        if store.get(key) != control.get(key):
            raise VerificationError(f"block {number}: the store has no or another undo record")


def _other(key: bytes, found: bytes | None, expected: bytes | None) -> VerificationError:
    what = (OF_THE_STATE | OF_THE_CHAIN)[key[:1]]
    return VerificationError(
        f"{what} 0x{key[1:].hex()}: the store has {_shown(found)}, the blocks come to {_shown(expected)}"
    )


def _value(entry: tuple[bytes, bytes] | None, key: bytes) -> bytes | None:
    return None if entry is None or entry[0] != key else entry[1]


def _shown(value: bytes | None) -> str:
    return "none" if value is None else f"0x{value.hex()}"
