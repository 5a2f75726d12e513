"""The state at the head in a file, with which another node can begin.

The file is a row of RLP items: the list of `MAGIC`, the version, chain id and hash of the genesis, the RLP of the
head's block and of its receipts, and how many accounts and words follow; then (address, nonce, balance) of each
account, and (address, slot, word) of each word.
The head's state root commits to all of these, and its seal to the root. Whose seal it has to be, the genesis says,
which is not in the file: whoever makes a snapshot could put there what he likes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, NamedTuple

from ledger.blocks import Block, BlockError, decode_block, verify_block
from ledger.chain import Chain
from ledger.chain.records import Batch, Outcome, adopted, decode_receipts, encode_receipts, validated
from ledger.changes import Changes, encode_word_bytes
from ledger.commitment import EMPTY_CODE_HASH, StateCommitment
from ledger.genesis import Genesis
from ledger.node.records import RecordError, fields, items, read_item
from ledger.receipts import encode_receipt, receipts_root
from ledger.recursive_length_prefix import encode_bytes, encode_int, encode_list
from ledger.state import AccountState
from ledger.store import Store, schema
from ledger.transactions import TransactionError, decode_transaction
from spec.hashing import keccak256
from spec.messages import Address, Receipt

MAGIC: Final = b"diem snapshot"
VERSION: Final = 1
BATCH: Final = 10_000
"""Accounts or words that are written at once."""

Progress = Callable[[int, int], None]
"""Told (done, of how many) from time to time."""


class SnapshotError(ValueError):
    """The snapshot is refused; the message says why."""


class Preamble(NamedTuple):
    """What a snapshot says first."""

    genesis: Genesis
    head: Block
    receipts: tuple[Receipt, ...]
    """Of the head."""
    accounts: int
    words: int


def write_snapshot(chain: Chain, store: Store, file: BinaryIO, progress: Progress = lambda *_: None) -> Preamble:
    """Write the state at the head of a chain, kept in a store; OSError if the file cannot be written."""
    head = chain.block(chain.head.hash)
    if head is None:
        raise SnapshotError("the store has no block at its head")
    accounts = sum(1 for _ in store.items(schema.ACCOUNT))
    words = sum(1 for _ in store.items(schema.WORD))
    preamble = Preamble(chain.genesis, head, chain.receipts(head.header.hash), accounts, words)
    file.write(_encode(preamble))
    for done, item in enumerate(_state(store), 1):
        file.write(item)
        progress(done, accounts + words)
    return preamble


def read_preamble(file: BinaryIO, genesis: Genesis) -> Preamble:
    """Read what a snapshot says first, and check the head: its seal, by the sequencer of the genesis, and its receipts.

    Raises
    ------
    SnapshotError : the file begins otherwise; it is of another genesis; the head is none, or does not hold.
    """
    try:
        magic, version, chain_id, genesis_hash, head, receipts, accounts, words = fields(read_item(file) or b"", 8)
    except RecordError as error:
        raise SnapshotError(f"no snapshot: {error}") from None
    if magic != MAGIC:
        raise SnapshotError(f"no snapshot: it begins with {magic[:40]!r}, expected {MAGIC!r}")
    if _int(version) != VERSION:
        raise SnapshotError(f"a snapshot of version {_int(version)}, expected {VERSION}")
    if _int(chain_id) != genesis.chain_id:
        raise SnapshotError(f"of the chain with id {_int(chain_id)}, expected {genesis.chain_id}")
    if genesis_hash != genesis.hash:
        raise SnapshotError(f"of the genesis 0x{genesis_hash.hex()}, expected 0x{genesis.hash.hex()}")
    try:
        preamble = Preamble(genesis, decode_block(head), _receipts(receipts), _int(accounts), _int(words))
        _check_head(preamble)
    except (BlockError, TransactionError) as error:
        raise SnapshotError(f"head: {error}") from None
    return preamble


def restore(preamble: Preamble, file: BinaryIO, store: Store, progress: Progress = lambda *_: None) -> None:
    """Put the rest of a snapshot into an empty store, and make it that of a chain which begins with the snapshot.

    The tries are built in memory.

    Raises
    ------
    SnapshotError : the first account or word that is cut off, none, or not in its place; there are fewer or more than
        the snapshot promises; they do not have the head's state root. The store is to be thrown away then.
    StoreError : it could not be written.
    """
    Chain(store, preamble.genesis)
    store.write({key: None for letter in (schema.ACCOUNT, schema.WORD) for key, _ in store.items(letter)})
    state = _State(preamble.genesis)
    batch: dict[bytes, bytes | None] = {}
    total = preamble.accounts + preamble.words
    done, last = 0, b""
    for done, (key, value) in enumerate(_entries(file, preamble.accounts), 1):
        if done > total or key <= last:
            raise SnapshotError(f"entry {done}: not in its place, or more than the {total} promised")
        last = key
        batch[key] = value
        state.put(key, value)
        if len(batch) >= BATCH:
            store.write(batch)
            batch = {}
        progress(done, total)
    if done < total:
        raise SnapshotError(f"found {done} accounts and words, expected {total}")
    commitment = state.commitment()
    root = commitment.state_root()
    if root != preamble.head.header.state_root:
        raise SnapshotError(f"state root: found 0x{root.hex()}, expected 0x{preamble.head.header.state_root.hex()}")
    store.write(batch | _head(preamble, commitment.commit()))


class _State:
    """The commitment to accounts and words that come one after another, all accounts first."""

    def __init__(self, genesis: Genesis) -> None:
        self._commitment: Final = StateCommitment()
        self._code_hashes: Final = {address: keccak256(account.code) for address, account in genesis.accounts.items()}
        self._words: Final = defaultdict[Address, dict[int, int]](dict)

    def put(self, key: bytes, value: bytes) -> None:
        """Take what the store has under a key."""
        address = schema.address_of(key)
        if key.startswith(schema.ACCOUNT):
            account, code_hash = AccountState.decode(value), self._code_hashes.get(address, EMPTY_CODE_HASH)
            self._commitment.set_account(address, account.nonce, account.balance, code_hash)
        else:
            self._words[address][schema.slot_of(key)] = _int(value)

    def commitment(self) -> StateCommitment:
        """The commitment to all; SnapshotError if words are nobody's."""
        for address, words in self._words.items():
            try:
                self._commitment.set_storage(address, words)
            except LookupError:
                raise SnapshotError(f"words of 0x{address.hex()}, which is no account") from None
        self._words.clear()
        return self._commitment


def _receipts(rlp: bytes) -> tuple[Receipt, ...]:
    try:
        receipts = decode_receipts(rlp)
    except ValueError as error:
        raise SnapshotError(f"head: receipts that are none: {error}") from None
    if encode_receipts(receipts) != rlp:
        raise SnapshotError("head: receipts in another encoding than theirs")
    return receipts


def _check_head(preamble: Preamble) -> None:
    head, genesis = preamble.head, preamble.genesis
    if head.header != genesis.header:
        verify_block(head, genesis.sequencer)
    kinds = [decode_transaction(raw, genesis.chain_id).type for raw in head.transactions]
    if len(kinds) != len(preamble.receipts):
        raise SnapshotError(f"head: {len(preamble.receipts)} receipts, expected {len(kinds)}")
    root = receipts_root(map(encode_receipt, kinds, preamble.receipts))
    if root != head.header.receipts_root:
        raise SnapshotError(f"head: receipts of root 0x{root.hex()}, expected 0x{head.header.receipts_root.hex()}")


def _head(preamble: Preamble, nodes: dict[bytes, bytes]) -> Batch:
    """What makes a store with the state that of a chain; without what the block changed, so that it is never undone."""
    unchanged = Changes({}, {})
    batch = validated(preamble.head, Outcome(preamble.receipts, unchanged, nodes))
    batch |= adopted(preamble.head, preamble.receipts, unchanged)
    return batch | {schema.changes(preamble.head.header.hash): None}


def _encode(preamble: Preamble) -> bytes:
    return encode_list(
        (
            *(encode_bytes(MAGIC), encode_int(VERSION)),
            *(encode_int(preamble.genesis.chain_id), encode_bytes(preamble.genesis.hash)),
            *(encode_bytes(preamble.head.encode()), encode_bytes(encode_receipts(preamble.receipts))),
            *(encode_int(preamble.accounts), encode_int(preamble.words)),
        )
    )


def _state(store: Store) -> Iterator[bytes]:
    for key, value in store.items(schema.ACCOUNT):
        nonce, balance = AccountState.decode(value)
        yield encode_list((encode_bytes(schema.address_of(key)), encode_int(nonce), encode_int(balance)))
    for key, value in store.items(schema.WORD):
        slot, word = schema.slot_of(key), int.from_bytes(value, "big")
        yield encode_list((encode_bytes(schema.address_of(key)), encode_int(slot), encode_int(word)))


def _entries(file: BinaryIO, accounts: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys and values of the store for what is in a file, read as it is asked for."""
    place = 0
    try:
        for place, item in enumerate(items(file), 1):
            address, first, second = fields(item, 3)
            yield _entry(item, Address(address), _int(first), _int(second), is_account=place <= accounts)
    except RecordError as error:
        raise SnapshotError(f"entry {place + 1}: {error}") from None


def _entry(item: bytes, address: Address, first: int, second: int, *, is_account: bool) -> tuple[bytes, bytes]:
    canonical = encode_list((encode_bytes(address), encode_int(first), encode_int(second)))
    if len(address) != 20 or item != canonical:
        raise RecordError("expected an address and two numbers in canonical RLP")
    if is_account:
        if not (first or second):
            raise RecordError(f"an empty account, 0x{address.hex()}")
        return schema.account(address), AccountState(first, second).encode()
    word = encode_word_bytes(second)
    if word is None or max(first, second) >= 2**256:
        raise RecordError(f"a word of 0x{address.hex()} which is none")
    return schema.word(address, first), word


def _int(content: bytes) -> int:
    return int.from_bytes(content, "big")
