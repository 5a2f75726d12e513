"""What a block shows by itself, whatever it stands on."""

from __future__ import annotations

from typing import NamedTuple

from ledger.blocks import Block, BlockError, BlockErrorCode, verify_block
from ledger.transactions import Transaction, TransactionError, decode_transaction
from spec.messages import Address


class CheckedBlock(NamedTuple):
    """A block in which nothing is wrong as far as it alone shows, with its transactions decoded."""

    block: Block
    transactions: tuple[Transaction, ...]


def check_block(block: Block, chain_id: int, sequencer: Address) -> CheckedBlock:
    """Check a block of a chain, and decode its transactions.

    Raises
    ------
    BlockError : as from `verify_block`; then BAD_TRANSACTION : the first that cannot be decoded.
    """
    verify_block(block, sequencer)
    transactions = []
    for index, raw in enumerate(block.transactions):
        try:
            transactions.append(decode_transaction(raw, chain_id))
        except TransactionError as error:
            raise bad_transaction(index, error) from error
    return CheckedBlock(block, tuple(transactions))


def bad_transaction(index: int, error: TransactionError) -> BlockError:
    """Return the error of a block whose transaction at ``index`` (from 0) cannot be carried out."""
    return BlockError(BlockErrorCode.BAD_TRANSACTION, f"transactions[{index}]", error, "one that can be carried out")
