"""Blocks in bytes whose order is lost: found by how a block begins, and believed for the sequencer's seal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from ledger.blocks import Block, BlockError, decode_block, verify_block
from spec.messages import Address

_BEGINNING: Final = re.compile(rb"(?=(?:\xf9..|\xfa...|\xfb....)\xf9\x02.\xa0)", re.DOTALL)
"""A list, in it first the list of a header, of 512 to 767 bytes, and in that first a hash."""


def carve(content: bytes, sequencer: Address) -> Iterator[Block]:
    """Yield the blocks that are whole and by the sequencer; the first one, which is by nobody, is not."""
    for match in _BEGINNING.finditer(content):
        at = match.start()
        body = at + 1 + content[at] - 0xF7
        with suppress(BlockError):
            block = decode_block(content[at : body + int.from_bytes(content[at + 1 : body], "big")])
            verify_block(block, sequencer)
            yield block
