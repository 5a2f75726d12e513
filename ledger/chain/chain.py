"""The chain: every block that is known to be right, and those of them that are adopted, up to the head."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from ledger.blocks import Block, BlockError, BlockErrorCode, Header, decode_block, seal
from ledger.chain.branch import Branch
from ledger.chain.log_index import blocks_with
from ledger.chain.opening import NodesOf, create, open_head
from ledger.chain.records import Batch, Outcome, adopted, decode_receipts, undone, validated
from ledger.chain.waiting import Validated, Waiting
from ledger.changes import Changes
from ledger.checked import CheckedBlock, check_block
from ledger.commitment import EMPTY_CODE_HASH, StateCommitment
from ledger.execution import Execution
from ledger.genesis import Genesis
from ledger.keys import SequencerKey
from ledger.state import HeadState, StateReader, TrieState
from ledger.store import Store, schema
from ledger.transactions import Transaction
from spec.hashing import keccak256
from spec.messages import Address, Receipt

UNDO_DEPTH: Final = 1024
"""How many blocks below the highest head adopted so far a reorganisation can go back."""

MOST_IN_MEMORY: Final = 1 << 20
"""Accounts and words kept in memory, before all are let go and read anew."""


class ChainError(ValueError):
    """What is asked of the chain cannot be done; the message says what and why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a transaction is in the chain up to the head."""

    block_hash: bytes
    number: int
    """Of the block."""
    index: int
    """Of the transaction in it, from 0."""


class HeadChange(NamedTuple):
    """How the head moved."""

    undone: tuple[Header, ...]
    """From the old head down."""
    adopted: tuple[Header, ...]
    """Up to the new head."""


class Chain:
    """A chain over a store, which nobody else writes to meanwhile.

    Any error of the store leaves the store as it was, and the chain goes on from what is stored.
    """

    def __init__(self, store: Store, genesis: Genesis) -> None:
        """Open the chain of a genesis, or begin it in an empty store.

        Raises
        ------
        StoreMismatch : the store has another schema, chain id or genesis.
        StoreDamaged : what it needs is not there.
        """
        self.genesis: Final = genesis
        self.chain_id: Final = genesis.chain_id
        self._store: Final = store
        self._nodes: Final = NodesOf(store)
        self._codes: Final = {address: account.code for address, account in genesis.accounts.items() if account.code}
        self._code_hashes: Final = {address: keccak256(code) for address, code in self._codes.items()}
        self._listeners: list[Callable[[HeadChange], None]] = []
        if store.get(schema.head()) is None:
            create(store, genesis)
        self._branch = self._reopened()
        self._waiting: Final = Waiting()
        self._ahead: Branch | None = None
        """From the last block that was validated on; it may read the head's state, so it ends when the head moves."""

    @property
    def head(self) -> Header:
        """The header of the last block adopted."""
        return self._branch.parent

    def listen(self, callback: Callable[[HeadChange], None]) -> None:
        """Have ``callback`` told of every move of the head, once it is stored."""
        self._listeners.append(callback)

    # ------------------------------------------------------------------------------------------------ what there is

    def block(self, block_hash: bytes) -> Block | None:
        """The block with this hash, adopted or not."""
        rlp = self._store.get(schema.block(block_hash))
        return None if rlp is None else decode_block(rlp)

    def header(self, block_hash: bytes) -> Header | None:
        """The header of the block with this hash, adopted or not."""
        if block_hash == self.head.hash:
            return self.head
        block = self.block(block_hash)
        return None if block is None else block.header

    def hash_at(self, number: int) -> bytes | None:
        """The hash of the adopted block with this number."""
        return self._store.get(schema.canonical(number)) if number <= self.head.number else None

    def is_adopted(self, header: Header) -> bool:
        """Whether a block is part of the chain up to the head."""
        return self.hash_at(header.number) == header.hash

    def receipts(self, block_hash: bytes) -> tuple[Receipt, ...]:
        """The receipts of a known block's transactions, without the calls' output; LookupError if it is not known."""
        rlp = self._store.get(schema.receipts(block_hash))
        if rlp is None:
            raise LookupError(f"no block 0x{block_hash.hex()}")
        return decode_receipts(rlp)

    def place_of(self, transaction_hash: bytes) -> Place | None:
        """Where a transaction is in the chain up to the head."""
        stored = self._store.get(schema.transaction(transaction_hash))
        if stored is None:
            return None
        number, index = int.from_bytes(stored[:8], "big"), int.from_bytes(stored[8:], "big")
        return Place(self._store.get(schema.canonical(number)) or b"", number, index)

    def code(self, address: Address) -> bytes:
        """The code of an account; it never changes."""
        return self._codes.get(address, b"")

    def code_hash(self, address: Address) -> bytes:
        """The hash of an account's code."""
        return self._code_hashes.get(address, EMPTY_CODE_HASH)

    def blocks_with(
        self, addresses: Sequence[Address], topics: Sequence[Sequence[bytes]], first: int, last: int
    ) -> Iterator[int]:
        """Yield the numbers of adopted blocks that may have such a log; see `log_index.blocks_with`."""
        return blocks_with(self._store, addresses, topics, first, min(last, self.head.number))

    # ------------------------------------------------------------------------------------------------ states

    def commitment(self, header: Header) -> StateCommitment:
        """The commitment to the state after a known block, for proofs."""
        return StateCommitment(self._nodes, header.state_root)

    def state(self, header: Header) -> StateReader:
        """The state after a known block."""
        if header.hash == self.head.hash:
            return HeadState(self._store)
        return TrieState(self.commitment(header))

    def execution(self, header: Header) -> Execution:
        """A state after a known block to try calls and transactions on; nothing of it is kept.

        That of the head is shared, with what it has read: only `Execution.call` may be used on it; see `trial`.
        """
        if header.hash == self.head.hash:
            self._let_go()
            return self._branch.execution
        return Execution(self.state(header), self.chain_id)

    @contextmanager
    def trial(self) -> Iterator[Execution]:
        """The head's state, with what it has read, to try transactions on; what they change is undone in the end."""
        execution = self.execution(self.head)
        try:
            yield execution
        finally:
            execution.roll_back()

    # ------------------------------------------------------------------------------------------------ new blocks

    def propose(self, transactions: Sequence[Transaction], timestamp: int, key: SequencerKey) -> Block:
        """Return a sealed block of these transactions on the head; it is not stored.

        Raises
        ------
        BlockError : TIME_RUNS_BACKWARDS : before the head's ``timestamp`` (s); WRONG_BENEFICIARY : not the chain's key.
        TransactionError : of the first transaction that cannot be carried out.
        """
        header = self._branch.build(transactions, timestamp)
        return Block(seal(header, key), tuple(transaction.raw for transaction in transactions))

    def validate(self, block: Block | CheckedBlock) -> None:
        """Check a block on its parent's branch and store it; the head stays. A known block is fine already.

        Raises
        ------
        BlockError : nothing is stored; as from `check_block`, unless it was checked; UNKNOWN_PARENT; as from
            `Branch.check`.
        """
        header = _unchecked(block).header
        if self._store.get(schema.block(header.hash)) is not None:
            return
        checked = self._checked(block)
        branch, self._ahead = self._branch_after(header.parent_hash), None
        outcome = branch.check(checked)
        self._store.write(validated(checked.block, outcome))
        self._waiting.put(Validated(checked.block, outcome.receipts, outcome.changes))
        if branch.execution.size() <= MOST_IN_MEMORY:
            self._ahead = branch

    def adopt(self, block_hash: bytes) -> None:
        """Make a known block the head: undo the chain down to where it branched off, and do the branch, in one batch.

        Raises
        ------
        ChainError : nothing has changed: the block is not known; the reorganisation would go too deep.
        """
        target = self.header(block_hash)
        if target is None:
            raise ChainError(f"block 0x{block_hash.hex()} is not known, so it cannot become the head")
        branch = self._not_adopted(target)
        fork = target.number - len(branch)
        old = [self._adopted_block(number) for number in range(self.head.number, fork, -1)]
        batch: Batch = {}
        for block in old:
            batch |= undone(block, self.receipts(block.header.hash), self._changes(block))
        for block in branch:
            batch |= adopted(*self._validated(block))
        batch[schema.head()] = block_hash
        self._write_head(batch, tuple(block.header for block in old), tuple(block.header for block in branch))

    def extend(self, block: Block | CheckedBlock) -> None:
        """Validate a block on the head and adopt it, in one batch.

        Raises
        ------
        BlockError : nothing has changed; as from `validate`, UNKNOWN_PARENT : the parent is not the head.
        """
        checked = self._checked(block)
        header = checked.block.header
        if header.parent_hash != self.head.hash:
            raise _unknown_parent(header.parent_hash, f"the head, 0x{self.head.hash.hex()}")
        self._extended(checked.block, self._branch.check(checked))

    def make(self, transactions: Sequence[Transaction], timestamp: int, key: SequencerKey) -> Block:
        """Propose a block and extend the chain by it, carried out only once; errors as of both."""
        block, outcome = self._branch.make(transactions, timestamp, key)
        self._extended(block, outcome)
        return block

    # ------------------------------------------------------------------------------------------------ inside

    def _extended(self, block: Block, outcome: Outcome) -> None:
        """Store a block that the head's branch has moved on to."""
        try:
            self._store.write(self._extension(block, outcome))
        except BaseException:
            self._branch = self._reopened()
            raise
        self._ahead = None
        self._waiting.let_go(block.header.number)
        self._let_go()
        self._tell(HeadChange((), (block.header,)))

    def _checked(self, block: Block | CheckedBlock) -> CheckedBlock:
        return block if isinstance(block, CheckedBlock) else check_block(block, self.chain_id, self.genesis.sequencer)

    def _extension(self, block: Block, outcome: Outcome) -> Batch:
        batch = validated(block, outcome) | adopted(block, outcome.receipts, outcome.changes)
        if block.header.number > UNDO_DEPTH and (old := self.hash_at(block.header.number - UNDO_DEPTH)):
            batch[schema.changes(old)] = None
        return batch

    def _not_adopted(self, header: Header) -> list[Block]:
        """Return the branch that ends in a block, without what of it is in the chain, oldest first."""
        branch: list[Block] = []
        while not self.is_adopted(header):
            branch.append(self._known(header.hash))
            header = self._known(header.parent_hash).header
        return branch[::-1]

    def _validated(self, block: Block) -> Validated:
        waiting = self._waiting.get(block.header.hash)
        return waiting or Validated(block, self.receipts(block.header.hash), self._changes(block))

    def _adopted_block(self, number: int) -> Block:
        return self._known(self.hash_at(number) or b"")

    def _known(self, block_hash: bytes) -> Block:
        waiting = self._waiting.get(block_hash)
        block = waiting.block if waiting else self.block(block_hash)
        if block is None:
            raise ChainError(f"block 0x{block_hash.hex()} is missing")
        return block

    def _changes(self, block: Block) -> Changes:
        rlp = self._store.get(schema.changes(block.header.hash))
        if rlp is None:
            raise ChainError(
                f"block {block.header.number} (0x{block.header.hash.hex()}) is too deep for a reorganisation: what it "
                f"changed is kept for {UNDO_DEPTH} blocks"
            )
        return Changes.decode(rlp)

    def _write_head(self, batch: Batch, old: tuple[Header, ...], new: tuple[Header, ...]) -> None:
        if old or new:
            self._store.write(batch)
            self._branch, self._ahead = self._reopened(), None
            self._waiting.let_go(self.head.number)
            self._tell(HeadChange(old, new))

    def _tell(self, change: HeadChange) -> None:
        for listener in self._listeners:
            listener(change)

    def _let_go(self) -> None:
        """Read the head's state anew if too much of it is in memory, be it by blocks or by calls."""
        if self._branch.execution.size() > MOST_IN_MEMORY:
            self._branch = self._reopened()

    def _reopened(self) -> Branch:
        return self._branch_at(open_head(self._store, self.genesis), HeadState(self._store))

    def _branch_after(self, parent_hash: bytes) -> Branch:
        """Return a branch from a known block on: that of the last block that was validated, if it is the one."""
        if self._ahead is not None and self._ahead.parent.hash == parent_hash:
            return self._ahead
        if parent_hash == self.head.hash:
            return self._branch_at(self.head, HeadState(self._store))
        parent = self.header(parent_hash)
        if parent is None:
            raise _unknown_parent(parent_hash, "a known block")
        return self._branch_at(parent)

    def _branch_at(self, parent: Header, reader: StateReader | None = None) -> Branch:
        # A branch changes forks of the commitment only, so the state may be read from the same one.
        commitment = self.commitment(parent)
        execution = Execution(reader or TrieState(commitment), self.chain_id)
        return Branch(parent, execution, commitment, self._code_hashes)


def _unchecked(block: Block | CheckedBlock) -> Block:
    return block.block if isinstance(block, CheckedBlock) else block


def _unknown_parent(found: bytes, expected: str) -> BlockError:
    return BlockError(BlockErrorCode.UNKNOWN_PARENT, "parentHash", f"0x{found.hex()}", expected)
