"""A state to carry out blocks on, with the commitment to it, moving on from block to block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from ledger.blocks import Block, BlockError, BlockErrorCode, Header, seal
from ledger.bloom import logs_bloom
from ledger.chain.records import Outcome
from ledger.changes import Changes
from ledger.checked import CheckedBlock, bad_transaction
from ledger.commitment import StateCommitment
from ledger.execution import Execution
from ledger.keys import SequencerKey
from ledger.receipts import encode_receipt, receipts_root, transactions_root
from ledger.transactions import Transaction, TransactionError
from spec.messages import Address, Receipt


class Branch:
    """The state after ``parent``."""

    def __init__(
        self, parent: Header, execution: Execution, commitment: StateCommitment, code_hashes: Mapping[Address, bytes]
    ) -> None:
        self.parent = parent
        self.execution: Final = execution
        self.commitment = commitment
        self._code_hashes: Final = code_hashes
        self._index = 0
        """Of the transaction that is being carried out."""

    def build(self, transactions: Sequence[Transaction], timestamp: int) -> Header:
        """Return the header, yet to be sealed, of a block of these transactions; the branch stays where it is.

        Raises
        ------
        BlockError : TIME_RUNS_BACKWARDS.
        TransactionError : of the first transaction that cannot be carried out.
        """
        header = self._begun(transactions, timestamp)
        try:
            after = self._carry_out(transactions, timestamp)
        finally:
            self.execution.roll_back()
        return after.commit_in(header, transactions)

    def make(self, transactions: Sequence[Transaction], timestamp: int, key: SequencerKey) -> tuple[Block, Outcome]:
        """Return the sealed block of these transactions, and move on to it; errors as from `build` and `seal`."""
        header = self._begun(transactions, timestamp)
        try:
            after = self._carry_out(transactions, timestamp)
            sealed = seal(after.commit_in(header, transactions), key)
        except BaseException:  # the store may fail too
            self.execution.roll_back()
            raise
        return Block(sealed, tuple(transaction.raw for transaction in transactions)), self._moved_on(sealed, after)

    def check(self, checked: CheckedBlock) -> Outcome:
        """Carry out a block, compare with its header, and move on to it.

        Raises
        ------
        BlockError : the branch stays where it is; in this order: WRONG_NUMBER, WRONG_GAS_LIMIT, TIME_RUNS_BACKWARDS :
            against the parent; BAD_TRANSACTION : the first that cannot be carried out; WRONG_RECEIPTS, WRONG_BLOOM,
            WRONG_STATE.
        """
        block, transactions = checked
        _check_against_parent(block.header, self.parent)
        try:
            after = self._carry_out(transactions, block.header.timestamp)
            _check_commitments(block.header, after.commit_in(block.header, transactions))
        except TransactionError as error:
            self.execution.roll_back()
            raise bad_transaction(self._index, error) from error
        except BaseException:  # the store may fail too
            self.execution.roll_back()
            raise
        return self._moved_on(block.header, after)

    def _begun(self, transactions: Sequence[Transaction], timestamp: int) -> Header:
        """Return the header of a block that is yet to be carried out."""
        header = replace(
            self.parent,
            parent_hash=self.parent.hash,
            number=self.parent.number + 1,
            timestamp=timestamp,
            transactions_root=transactions_root(transaction.raw for transaction in transactions),
        )
        _check_against_parent(header, self.parent)
        return header

    def _moved_on(self, header: Header, after: _After) -> Outcome:
        self.execution.settle()
        self.parent, self.commitment = header, after.commitment
        return Outcome(after.receipts, after.changes, after.commitment.commit())

    def _carry_out(self, transactions: Sequence[Transaction], timestamp: int) -> _After:
        receipts = []
        for self._index, transaction in enumerate(transactions):
            receipts.append(self.execution.transact(transaction, timestamp))
        changes = self.execution.changes()
        commitment = self.commitment.fork()
        changes.commit_to(commitment, self._code_hashes)
        return _After(tuple(receipts), changes, commitment)


class _After(NamedTuple):
    """What a block's transactions came to."""

    receipts: tuple[Receipt, ...]
    changes: Changes
    commitment: StateCommitment

    def commit_in(self, header: Header, transactions: Sequence[Transaction]) -> Header:
        """Return a header with what it has to commit to."""
        encoded = [
            encode_receipt(transaction.type, receipt)
            for transaction, receipt in zip(transactions, self.receipts, strict=True)
        ]
        return replace(
            header,
            receipts_root=receipts_root(encoded),
            logs_bloom=logs_bloom([log for receipt in self.receipts for log in receipt.logs]),
            state_root=self.commitment.state_root(),
        )


def _check_against_parent(header: Header, parent: Header) -> None:
    if header.number != parent.number + 1:
        raise BlockError(BlockErrorCode.WRONG_NUMBER, "number", header.number, parent.number + 1)
    if header.gas_limit != parent.gas_limit:
        raise BlockError(BlockErrorCode.WRONG_GAS_LIMIT, "gasLimit", header.gas_limit, parent.gas_limit)
    if header.timestamp < parent.timestamp:
        expected = f"at least the parent's, {parent.timestamp}"
        raise BlockError(BlockErrorCode.TIME_RUNS_BACKWARDS, "timestamp", header.timestamp, expected)


def _check_commitments(header: Header, found: Header) -> None:
    for code, field, theirs, ours in (
        (BlockErrorCode.WRONG_RECEIPTS, "receiptsRoot", header.receipts_root, found.receipts_root),
        (BlockErrorCode.WRONG_BLOOM, "logsBloom", header.logs_bloom, found.logs_bloom),
        (BlockErrorCode.WRONG_STATE, "stateRoot", header.state_root, found.state_root),
    ):
        if theirs != ours:
            raise BlockError(code, field, f"0x{theirs.hex()}", f"0x{ours.hex()}")
