"""Blocks that are validated and may soon be adopted, so that what they came to need not be read and decoded again."""

from __future__ import annotations

from typing import Final, NamedTuple

from ledger.blocks import Block
from ledger.changes import Changes
from spec.messages import Receipt

MOST_WAITING: Final = 1 << 15
"""Blocks, and transactions in them; there are some kilobytes of each."""


class Validated(NamedTuple):
    """A block, and what it came to."""

    block: Block
    receipts: tuple[Receipt, ...]
    changes: Changes


class Waiting:
    """The first blocks that were validated and not yet adopted, as many as there is room for; all are stored anyway."""

    def __init__(self) -> None:
        self._blocks: Final[dict[bytes, Validated]] = {}
        self._size = 0

    def get(self, block_hash: bytes) -> Validated | None:
        """Return a block, if it waits here."""
        return self._blocks.get(block_hash)

    def put(self, validated: Validated) -> None:
        """Keep a block, if there is room for it."""
        size = _size(validated)
        if self._size + size <= MOST_WAITING:
            self._blocks[validated.block.header.hash] = validated
            self._size += size

    def let_go(self, head: int) -> None:
        """Forget all blocks up to the number of the head: they are adopted, or of another branch."""
        for block_hash, validated in list(self._blocks.items()):
            if validated.block.header.number <= head:
                del self._blocks[block_hash]
                self._size -= _size(validated)


def _size(validated: Validated) -> int:
    return 1 + len(validated.receipts)
