"""Blocks in a file: out of a chain, and into one.

The file is a row of RLP items. The first is the list of `MAGIC`, the version, the chain id, the hash of the genesis,
and number and hash of the last block; then come the blocks from 1 on. So nothing of it can be cut off, put in or
changed without being found.

Nothing of a file is adopted unless all of it is right: each block is validated on its branch first, and stored, and the
head moves only when the last one was the one that the file promised. Then it moves in steps, each of which is written
at once: if the process dies meanwhile, the head is a block of the file, and the same import goes on from there.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import BinaryIO, Final, NamedTuple

from ledger.ahead import checked_ahead
from ledger.blocks import Block, BlockError, decode_block
from ledger.chain import Chain, CheckedBlock
from ledger.checked import check_block
from ledger.node.records import RecordError, fields, items, read_item
from ledger.recursive_length_prefix import encode_bytes, encode_int, encode_list

MAGIC: Final = b"diem blocks"
VERSION: Final = 1
STEP: Final = 10_000
"""Blocks and transactions that are adopted in one batch, or a block more."""

Progress = Callable[[int, int], None]
"""Told (done, of how many) from time to time."""


class BlockFileError(ValueError):
    """The file is refused; the message says which block of it, and why."""


class Imported(NamedTuple):
    """What an import has come to."""

    blocks: int
    """In the file."""
    new: int
    """Of which the chain did not have this many."""
    before: int
    """Of which this many are from before the snapshot with which the chain began; they are not taken."""


class _Preamble(NamedTuple):
    chain_id: int
    genesis: bytes
    last: int
    last_hash: bytes

    def encode(self) -> bytes:
        return encode_list(
            (
                *(encode_bytes(MAGIC), encode_int(VERSION), encode_int(self.chain_id)),
                *(encode_bytes(self.genesis), encode_int(self.last), encode_bytes(self.last_hash)),
            )
        )


def export_blocks(chain: Chain, file: BinaryIO, progress: Progress = lambda *_: None) -> int:
    """Write the blocks from 1 to the head, and return how many.

    Raises
    ------
    BlockFileError : a block is not there, as in a store that began with a snapshot.
    OSError : the file cannot be written.
    """
    head = chain.head
    file.write(_Preamble(chain.chain_id, chain.genesis.hash, head.number, head.hash).encode())
    for number in range(1, head.number + 1):
        block = chain.block(chain.hash_at(number) or b"")
        if block is None:
            raise BlockFileError(f"block {number} is not in the store")
        file.write(block.encode())
        progress(number, head.number)
    return head.number


def import_blocks(chain: Chain, file: BinaryIO, progress: Progress = lambda *_: None) -> Imported:
    """Take the blocks of a file into a chain, all or none; those that it has already are compared.

    Of those before the snapshot with which the chain began, seals and links are checked: they lead to its first block.

    Raises
    ------
    BlockFileError : the file is not of this chain; or the first block that is cut off, not the next in order, not the
        chain's, or not right, with the reason; or there are fewer or more than the file promises.
    StoreError : a block could not be stored.
    """
    with _without_collector():
        return _imported(chain, file, progress)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Spare Python's collector of cycles to go through all of the state again and again: no block leaves a cycle."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _imported(chain: Chain, file: BinaryIO, progress: Progress) -> Imported:
    preamble = _preamble(chain, file)
    last_hash = chain.genesis.hash
    new, before, size = 0, 0, 0
    steps: list[bytes] = []
    with closing(checked_ahead(_encoded(file, preamble.last), chain.chain_id, chain.genesis.sequencer)) as blocks:
        for number, (encoded, checked) in enumerate(blocks, 1):
            block = checked.block if checked else _decoded(encoded, number)
            _check_link(block, number, last_hash)
            last_hash = block.header.hash
            if _is_before(chain, number):
                _check_alone(chain, block, checked)
                before += 1
            elif chain.hash_at(number) != last_hash:
                _take(chain, block, checked, number)
                new += 1
                size += 1 + len(block.transactions)
            if size >= STEP or (size and number == preamble.last):
                steps.append(last_hash)
                size = 0
            progress(number, preamble.last)
    if last_hash != preamble.last_hash:
        raise _refusal(preamble.last, f"found 0x{last_hash.hex()}, expected 0x{preamble.last_hash.hex()}")
    for block_hash in steps:
        chain.adopt(block_hash)
    return Imported(preamble.last, new, before)


def raw_blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the RLP of the blocks in a file, as far as there are any, unchecked.

    Raises
    ------
    BlockFileError : it is no file of blocks, or cut off within one.
    """
    _read_preamble(file)
    try:
        yield from items(file)
    except RecordError as error:
        raise BlockFileError(f"the file is cut off: {error}") from None


def _preamble(chain: Chain, file: BinaryIO) -> _Preamble:
    found = _read_preamble(file)
    if found.chain_id != chain.chain_id:
        raise BlockFileError(f"blocks of the chain with id {found.chain_id}, expected {chain.chain_id}")
    if found.genesis != chain.genesis.hash:
        raise BlockFileError(f"blocks on the genesis 0x{found.genesis.hex()}, expected 0x{chain.genesis.hash.hex()}")
    return found


def _read_preamble(file: BinaryIO) -> _Preamble:
    try:
        item = read_item(file) or b""
        magic, version, chain_id, genesis, last, last_hash = fields(item, 6)
        found = _Preamble(_int(chain_id), genesis, _int(last), last_hash)
    except RecordError as error:
        raise BlockFileError(f"no file of blocks: {error}") from None
    if magic != MAGIC:
        raise BlockFileError(f"no file of blocks: it begins with {magic[:40]!r}, expected {MAGIC!r}")
    if _int(version) != VERSION:
        raise BlockFileError(f"a file of version {_int(version)}, expected {VERSION}")
    if found.encode() != item:
        raise BlockFileError("no file of blocks: its numbers are not in canonical RLP")
    return found


def _encoded(file: BinaryIO, last: int) -> Iterator[bytes]:
    for number in range(1, last + 1):
        try:
            item = read_item(file)
        except RecordError as error:
            raise _refusal(number, error) from error
        if item is None:
            raise _refusal(number, f"the file ends before it, but promises blocks up to {last}")
        yield item
    if file.read(1):
        raise _refusal(last, "more follows after it, though the file promises that it is the last")


def _decoded(encoded: bytes, number: int) -> Block:
    try:
        return decode_block(encoded)
    except BlockError as error:
        raise _refusal(number, error) from error


def _is_before(chain: Chain, number: int) -> bool:
    """Whether a block is from before the snapshot with which the chain began."""
    return number <= chain.head.number and chain.hash_at(number) is None


def _check_alone(chain: Chain, block: Block, checked: CheckedBlock | None) -> None:
    """Check what a block shows by itself, unless that has been done."""
    try:
        _ = checked or check_block(block, chain.chain_id, chain.genesis.sequencer)
    except BlockError as error:
        raise _refusal(block.header.number, error) from error


def _take(chain: Chain, block: Block, checked: CheckedBlock | None, number: int) -> None:
    if number <= chain.head.number:
        raise _refusal(number, f"found 0x{block.header.hash.hex()}, but the chain has another block there")
    try:
        chain.validate(checked or block)
    except BlockError as error:
        raise _refusal(number, error) from error


def _check_link(block: Block, number: int, parent: bytes) -> None:
    if block.header.number != number:
        raise _refusal(number, f"found block {block.header.number} in its place")
    if block.header.parent_hash != parent:
        raise _refusal(number, f"found the parent 0x{block.header.parent_hash.hex()}, expected 0x{parent.hex()}")


def _refusal(number: int, reason: object) -> BlockFileError:
    return BlockFileError(f"block {number}: {reason}")


def _int(content: bytes) -> int:
    return int.from_bytes(content, "big")
