"""Whether a store holds together: what stands in it once for reading fast against what stands in it for proving."""

from __future__ import annotations

from collections.abc import Callable

from ledger.blocks import Block, BlockError, decode_block, verify_block
from ledger.chain.chain import UNDO_DEPTH, Chain
from ledger.chain.records import Batch, decode_receipts
from ledger.changes import Changes
from ledger.commitment import StateCommitment
from ledger.recursive_length_prefix import MalformedRlpError
from ledger.state import AccountState
from ledger.store import Store, StoreDamaged, schema


def check(chain: Chain, store: Store, progress: Callable[[int], None] = lambda _: None, first: int = 0) -> None:
    """Read the whole chain and the whole state at its head, and check that everything fits together.

    The chain is read from block ``first`` on. ``progress`` is told the number of the next one. Nothing is carried out
    again.

    Raises
    ------
    StoreDamaged : in this order: a block of the chain is not there, not the one with its hash, or not by the
        sequencer; its receipts are not there; the accounts and words at the head do not have the head's state root;
        a node of its tries is not there; the undo record of a block that can be undone is not there, or does not lead
        from the state before the block to the one after it.
    """
    for number in range(first, chain.head.number + 1):
        _check_block(chain, store, number)
        progress(number + 1)
    commitment = _commitment_of_flat_state(chain, store)
    if commitment.state_root() != chain.head.state_root:
        raise StoreDamaged(
            f"the state at the head, block {chain.head.number}, has the root 0x{commitment.state_root().hex()}, not "
            f"the block's, 0x{chain.head.state_root.hex()}"
        )
    for node_hash, rlp in commitment.commit().items():
        if store.get(schema.node(node_hash)) != rlp:
            raise StoreDamaged(f"the node 0x{node_hash.hex()} of the state at the head is missing or another")
    _check_undo_records(chain, store, first)


def first_undoable(store: Store) -> int:
    """Return the number of the first block whose undo record cannot have been dropped.

    How deep that is depends on how high the head has ever been: no higher than the highest block of any branch.

    Raises
    ------
    StoreDamaged : a block cannot be read.
    """
    try:
        highest = max((decode_block(rlp).header.number for _, rlp in store.items(schema.BLOCK)), default=0)
    except BlockError as error:
        raise StoreDamaged(f"a block cannot be read: {error}") from error
    return max(1, highest - UNDO_DEPTH + 1)


def _check_block(chain: Chain, store: Store, number: int) -> None:
    block_hash = chain.hash_at(number)
    if block_hash is None:
        raise StoreDamaged(f"there is no block {number}, and the head is block {chain.head.number}")
    try:
        block = decode_block(store.get(schema.block(block_hash)) or b"")
        if block.header.hash != block_hash or block.header.number != number:
            raise StoreDamaged(f"block {number} is not the one with the hash 0x{block_hash.hex()}")
        if number:
            _check_place(chain, block)
        receipts = decode_receipts(store.get(schema.receipts(block_hash)) or b"")
    except (BlockError, MalformedRlpError) as error:
        raise StoreDamaged(f"block {number} cannot be read: {error}") from error
    if len(receipts) != len(block.transactions):
        raise StoreDamaged(f"block {number} has {len(block.transactions)} transactions and {len(receipts)} receipts")


def _check_place(chain: Chain, block: Block) -> None:
    verify_block(block, chain.genesis.sequencer)
    if block.header.parent_hash != chain.hash_at(block.header.number - 1):
        raise StoreDamaged(f"block {block.header.number} is not on top of block {block.header.number - 1}")


def _check_undo_records(chain: Chain, store: Store, first: int) -> None:
    """Undo the blocks, from the head down, as far as this must be possible; nothing is written."""
    state: Batch = {}
    for number in range(chain.head.number, max(first, first_undoable(store)) - 1, -1):
        changes = _changes(chain, store, number)
        for key, value in changes.done().items():
            if (state[key] if key in state else store.get(key)) != value:
                raise StoreDamaged(f"the undo record of block {number} is of another state than the one after it")
        state |= changes.undone()


def _changes(chain: Chain, store: Store, number: int) -> Changes:
    try:
        return Changes.decode(store.get(schema.changes(chain.hash_at(number) or b"")) or b"")
    except ValueError as error:
        raise StoreDamaged(f"the undo record of block {number} cannot be read: {error}") from error


def _commitment_of_flat_state(chain: Chain, store: Store) -> StateCommitment:
    commitment = StateCommitment()
    try:
        for key, value in store.items(schema.ACCOUNT):
            address, account = schema.address_of(key), AccountState.decode(value)
            commitment.set_account(address, account.nonce, account.balance, chain.code_hash(address))
        for key, value in store.items(schema.WORD):
            commitment.set_storage(schema.address_of(key), {schema.slot_of(key): int.from_bytes(value, "big")})
    except (LookupError, MalformedRlpError, OverflowError, ValueError) as error:
        raise StoreDamaged(f"the state at the head cannot be read: {error}") from error
    return commitment
