"""What the methods read of a chain, with the few blocks that are asked for again and again kept decoded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.blocks import Block, Header
from ledger.rpc.encoding import Json, Position, log_json
from ledger.rpc.errors import REFUSED, RpcError, header_not_found
from ledger.rpc.log_filter import LogFilter
from ledger.rpc.parameters import BlockRef
from ledger.transactions import Transaction, decode_transaction
from spec.hashing import keccak256
from spec.messages import Receipt

if TYPE_CHECKING:
    from ledger.chain import Chain

KEPT_BLOCKS: Final = 4
KEPT_HEADERS: Final = 1024
KEPT_TRANSACTIONS: Final = 1024


class Content(NamedTuple):
    """A block with its receipts."""

    block: Block
    receipts: tuple[Receipt, ...]

    first_logs: tuple[int, ...]
    """Of each transaction the place of its first log among those of the block."""

    def logs(self, wanted: LogFilter, *, removed: bool = False) -> Iterator[Json]:
        """Yield the logs that a filter lets through; ``removed`` if the block was undone."""
        transactions = zip(self.block.transactions, self.receipts, self.first_logs, strict=True)
        for at, (raw, receipt, first) in enumerate(transactions):
            for index, log in enumerate(receipt.logs, first):
                if wanted.matches(log):
                    position = Position(self.block.header, at)
                    yield log_json(position, keccak256(raw), index, log, removed=removed)


class Reader:
    """Blocks, transactions and logs of a chain."""

    def __init__(self, chain: Chain) -> None:
        self.chain: Final = chain
        # What is not there raises, so that it is asked for anew the next time.
        self.content = lru_cache(KEPT_BLOCKS)(self._content)
        """The content of a known block, by its hash; LookupError if there is none."""
        self._kept_header = lru_cache(KEPT_HEADERS)(self._header)
        self.transaction = lru_cache(KEPT_TRANSACTIONS)(self._transaction)
        """The transaction with this encoding, which is in a block."""

    def header(self, ref: BlockRef) -> Header | None:
        """The header that is meant, None if there is no such block.

        Raises
        ------
        RpcError : REFUSED : the block has to be canonical and is not.
        """
        if ref.hash is None:
            if ref.number is None:
                return self.chain.head
            block_hash = self.chain.hash_at(ref.number)
        else:
            block_hash = ref.hash
        if block_hash is None:
            return None
        try:
            header = self._kept_header(block_hash)
        except LookupError:
            return None
        if ref.must_be_canonical and not self.chain.is_adopted(header):
            raise RpcError(REFUSED, "hash is not currently canonical")
        return header

    def state_header(self, ref: BlockRef) -> Header:
        """The header of the block after which the state is asked for; RpcError (REFUSED) if there is no such block."""
        header = self.header(ref)
        if header is None:
            raise header_not_found()
        return header

    def transactions(self, block: Block) -> list[Transaction]:
        """The transactions of a block."""
        return [self.transaction(raw) for raw in block.transactions]

    def _header(self, block_hash: bytes) -> Header:
        header = self.chain.header(block_hash)
        if header is None:
            raise LookupError
        return header

    def _content(self, block_hash: bytes) -> Content:
        block = self.chain.block(block_hash)
        if block is None:
            raise LookupError
        receipts = self.chain.receipts(block_hash)
        counts = accumulate((len(receipt.logs) for receipt in receipts), initial=0)
        return Content(block, receipts, tuple(counts)[:-1])

    def _transaction(self, raw: bytes) -> Transaction:
        return decode_transaction(raw, self.chain.chain_id)
