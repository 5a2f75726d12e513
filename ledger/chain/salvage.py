"""What can still be read of a damaged store: its genesis, its blocks, and which of them were its chain."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Final, NamedTuple

from ledger.blocks import Block, BlockError, decode_block
from ledger.chain.carving import carve
from ledger.chain.opening import stored_genesis
from ledger.genesis import Genesis, GenesisError
from ledger.receipts import transactions_root
from ledger.store import MemoryStore, Store, StoreDamaged, StoreError, StoreMismatch, schema
from ledger.store.level import salvaged, unreadable_tables


class Link(NamedTuple):
    """How a block hangs together with others."""

    number: int
    parent: bytes
    """The hash of its parent."""


class Salvage:
    """A damaged store, read from a copy of it that lives as long as ``stack``.

    Raises
    ------
    StoreError : its genesis cannot be read, and none is given.
    StoreMismatch : it has another genesis than the one that is given.
    OSError : it cannot be copied.
    """

    def __init__(self, folder: Path, given: Genesis | None, stack: ExitStack) -> None:
        copy = folder.with_name(folder.name + ".salvage")
        self._store: Final = _opened(folder, copy, stack)
        links = dict(filter(None, (_link(key, value) for key, value in self._items(schema.BLOCK))))
        self.genesis: Final = _chosen(folder, self._genesis(links), given)
        self._carved: Final = {
            block.header.hash: block
            for path in unreadable_tables(copy)
            for block in carve(path.read_bytes(), self.genesis.sequencer)
            if block.header.hash not in links
        }
        links |= {block_hash: _link_of(block) for block_hash, block in self._carved.items()}
        self.links: Final = dict(sorted(links.items(), key=lambda item: item[1]))
        """Hash of each block that is whole |-> its link, parents first."""

    def block(self, block_hash: bytes) -> Block:
        """Return one of the blocks of ``links``."""
        return self._carved.get(block_hash) or decode_block(self._store.get(schema.block(block_hash)) or b"")

    def head(self) -> bytes | None:
        """Return the hash of the head. After damage it may be one before it."""
        return self._get(schema.head())

    def adopted(self, number: int) -> bytes | None:
        """Return the hash of the block with this number in the head's chain. After damage it may be one before it."""
        return self._get(schema.canonical(number))

    def head_number(self) -> int | None:
        """Return the number of the head, as far as there is word of it."""
        numbers = [schema.number_of(key) for key, _ in self._items(schema.CANONICAL)]
        link = self.links.get(self.head() or b"")
        return max([*numbers, *([link.number] if link else [])], default=None)

    def _genesis(self, links: Mapping[bytes, Link]) -> Genesis | None:
        try:
            found = stored_genesis(self._store)
        except (GenesisError, StoreDamaged, UnicodeDecodeError):
            return None
        # Only its hash proves that the file is still the one that was written.
        return found if found is not None and found.hash in links else None

    def _get(self, key: bytes) -> bytes | None:
        with suppress(StoreDamaged):
            return self._store.get(key)
        return None

    def _items(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        with suppress(StoreDamaged):
            yield from self._store.items(prefix)


def _opened(folder: Path, copy: Path, stack: ExitStack) -> Store:
    shutil.rmtree(copy, ignore_errors=True)
    stack.callback(shutil.rmtree, copy, ignore_errors=True)
    try:
        return stack.enter_context(closing(salvaged(folder, copy)))
    except StoreDamaged:
        return MemoryStore()


def _chosen(folder: Path, found: Genesis | None, given: Genesis | None) -> Genesis:
    if found is not None and given is not None and found.hash != given.hash:
        raise StoreMismatch(f"{folder}: the store has the genesis 0x{found.hash.hex()}, expected 0x{given.hash.hex()}")
    chosen = found or given
    if chosen is None:
        raise StoreError(f"{folder}: no genesis can be read in the store, and no genesis file is given")
    return chosen


def _link(key: bytes, value: bytes) -> tuple[bytes, Link] | None:
    try:
        block = decode_block(value)
    except BlockError:
        return None
    header = block.header
    is_whole = schema.block(header.hash) == key and transactions_root(block.transactions) == header.transactions_root
    return (header.hash, _link_of(block)) if is_whole else None


def _link_of(block: Block) -> Link:
    return Link(block.header.number, block.header.parent_hash)
