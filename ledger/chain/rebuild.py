"""A store made anew from the blocks of a damaged one: each is carried out again, from the genesis on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.blocks import Block, BlockError, Header, decode_block
from ledger.chain.chain import Chain, ChainError
from ledger.chain.check import check
from ledger.chain.salvage import Salvage
from ledger.genesis import Genesis
from ledger.store import LevelStore, Store, StoreError
from ledger.store.folder import holds_store, locked, next_to, sync_names

_ASIDE: Final = ".damaged-"

Progress = Callable[[int], None]
"""Told how many blocks have been carried out."""


@dataclass(frozen=True)
class Rebuilt:
    """What has come of a damaged store."""

    head: Header
    """The last block of the new store's chain."""

    damaged_head: int | None
    """Number of the last block of the damaged store's chain, as far as it could be read."""

    left_out: int
    """Blocks that could be read, but no other block leads to them."""

    refusal: str | None
    """Why one of the further blocks was not taken, nor any after it."""

    set_aside: Path
    """Where the damaged store is now."""


def rebuild(
    folder: Path,
    blocks: Iterable[bytes] = (),
    *,
    genesis: Genesis | None = None,
    begin: Callable[[Store], None] = lambda _: None,
    progress: Progress = lambda _: None,
) -> Rebuilt:
    """Put a new store with all readable blocks of a damaged one in its ``folder``, and keep that one beside it.

    After its blocks come further ``blocks``: RLP, in order, from any number on. A store that did not begin with the
    genesis is begun by ``begin``.

    Raises
    ------
    StoreError : in this order, and the damaged store is still where it was: it is not there, or in use; no genesis is
        given and none can be read; one of its blocks is refused; none of them follows what the new store begins with;
        a file cannot be read or written.
    StoreMismatch : it is the store of another genesis than the one that is given.
    """
    try:
        with ExitStack() as stack:
            _take_back(folder)
            stack.enter_context(locked(folder))
            salvage = Salvage(folder, genesis, stack)
            new = next_to(folder)
            shutil.rmtree(new, ignore_errors=True)
            stack.callback(shutil.rmtree, new, ignore_errors=True)
            with closing(LevelStore(new, create=True)) as store:
                begin(store)
                work = _Work(Chain(store, salvage.genesis), salvage, progress)
                refusal = work.carry_out(blocks)
                if work.is_in_vain():
                    raise StoreError(f"{folder}: blocks can be read, but not block {work.first}, and so none after it")
                check(work.chain, store, first=work.first)
            set_aside = _swap(folder, new)
            return Rebuilt(work.chain.head, salvage.head_number(), work.left_out(), refusal, set_aside)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be rebuilt: {error}") from error


class _Work:
    """The carrying out of blocks on a new chain."""

    def __init__(self, chain: Chain, salvage: Salvage, progress: Progress) -> None:
        self.chain: Final = chain
        self.first: Final = chain.head.number + 1
        """Number of the first block that is to be carried out."""
        self._taken: Final = {chain.head.hash}
        self._salvage: Final = salvage
        self._progress: Final = progress

    def carry_out(self, blocks: Iterable[bytes]) -> str | None:
        """Carry out what was salvaged and further blocks, and say why one of these was refused."""
        self._take_salvaged()
        refusal = self._take_given(blocks)
        # They may have filled a gap.
        self._take_salvaged()
        return refusal

    def is_in_vain(self) -> bool:
        """Whether there were blocks, and none of them could be carried out."""
        return len(self._taken) == 1 and self.left_out() > 0

    def left_out(self) -> int:
        """Return how many blocks could be read and not carried out."""
        return len(self._salvage.links.keys() - self._taken - {self.chain.genesis.hash})

    def _take_salvaged(self) -> None:
        path = self._path()
        for block_hash, link in self._salvage.links.items():
            if link.parent in self._taken:
                try:
                    self._take(self._salvage.block(block_hash), adopt=block_hash in path)
                except BlockError as error:
                    raise StoreError(f"block {link.number} of the damaged store is refused: {error}") from error

    def _take_given(self, blocks: Iterable[bytes]) -> str | None:
        """Take further blocks up to one that is refused. If they are on another branch, the higher one is adopted."""
        tip, refusal = self.chain.head, None
        try:
            for block in map(decode_block, blocks):
                self._take(block, adopt=block.header.parent_hash == self.chain.head.hash)
                tip = block.header
        except BlockError as error:
            refusal = f"after block {tip.number}: {error}"
        try:
            if tip.number > self.chain.head.number:
                self.chain.adopt(tip.hash)
        except ChainError as error:
            refusal = str(error)
        return refusal

    def _take(self, block: Block, *, adopt: bool) -> None:
        """Carry out a block, unless it has been, and adopt it, whose parent is the head then."""
        block_hash = block.header.hash
        if block_hash not in self._taken:
            (self.chain.extend if adopt else self.chain.validate)(block)
            self._taken.add(block_hash)
            self._progress(len(self._taken) - 1)
        elif adopt:
            self.chain.adopt(block_hash)

    def _path(self) -> set[bytes]:
        """Return the blocks which lead from the head to that of the damaged store, or as far as they go."""
        base = tip = self.chain.head.hash
        links = self._salvage.links
        above = self._above(base)
        old_head = self._salvage.head()
        if old_head is not None and old_head in above:
            tip = old_head
        while (higher := self._salvage.adopted(self._number(tip) + 1)) in links and links[higher].parent == tip:
            tip = higher
        if old_head not in above:
            tip = max(self._above(tip), key=self._number)
        path = set()
        while tip != base:
            path.add(tip)
            tip = links[tip].parent
        return path

    def _above(self, base: bytes) -> set[bytes]:
        """Return the salvaged blocks that ``base`` leads to, and itself."""
        above = {base}
        for block_hash, link in self._salvage.links.items():
            if link.parent in above:
                above.add(block_hash)
        return above

    def _number(self, block_hash: bytes) -> int:
        link = self._salvage.links.get(block_hash)
        return link.number if link else self.chain.head.number


def _take_back(folder: Path) -> None:
    """Check that there is a store; if the last rebuild was interrupted as it took its place, put it back there."""
    if not folder.exists() and next_to(folder).exists() and (numbers := _numbers(folder)):
        _aside(folder, max(numbers)).rename(folder)
    if not folder.is_dir() or not holds_store(path.name for path in folder.iterdir()):
        raise StoreError(f"{folder}: expected a store that is damaged, found none at all")


def _swap(folder: Path, new: Path) -> Path:
    """Put the new store in the place of the old one, and return where that is then."""
    aside = _aside(folder, max(_numbers(folder), default=0) + 1)
    folder.rename(aside)
    new.rename(folder)
    sync_names(folder.parent)
    return aside


def _aside(folder: Path, number: int) -> Path:
    return folder.with_name(f"{folder.name}{_ASIDE}{number}")


def _numbers(folder: Path) -> list[int]:
    stem = folder.name + _ASIDE
    names = (path.name.removeprefix(stem) for path in folder.parent.iterdir() if path.name.startswith(stem))
    return [int(name) for name in names if name.isdecimal()]
