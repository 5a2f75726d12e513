"""The data folder of a node: the store, the file of the genesis, and the sequencer's key."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from ledger.chain import Chain
from ledger.chain.opening import stored_genesis
from ledger.genesis import Genesis
from ledger.store import LevelStore, Store, StoreError


class Opened(NamedTuple):
    """A chain and the store that it is kept in, which nobody else writes to."""

    chain: Chain
    store: Store


class DataFolder:
    """Where things are in a data folder."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self.store: Final = path / "store"
        self.genesis: Final = path / "genesis.json"
        """For another node to begin with; this one keeps its genesis in the store."""
        self.key: Final = path / "sequencer.pem"

    def has_chain(self) -> bool:
        """Whether there is a store."""
        return self.store.exists()

    def begin(self, genesis: Genesis) -> Opened:
        """Begin a chain, or open one that has this genesis.

        Raises
        ------
        StoreError : the folder cannot be made or read; StoreLocked : another process has it open; StoreMismatch : it
            has another chain.
        """
        store = LevelStore(self.store, create=True)
        try:
            chain = Chain(store, genesis)
            self.write_genesis(genesis)
        except BaseException:
            store.close()
            raise
        return Opened(chain, store)

    def open(self) -> Opened:
        """Open the chain that is there.

        Raises
        ------
        StoreError : there is none, or it cannot be read; StoreLocked : another process has it open; StoreDamaged.
        """
        if not self.has_chain():
            raise StoreError(f"{self.path}: no data folder of a node; make one with: diem node init")
        store = LevelStore(self.store)
        try:
            return Opened(Chain(store, self._stored_genesis(store)), store)
        except BaseException:
            store.close()
            raise

    def _stored_genesis(self, store: Store) -> Genesis:
        genesis = stored_genesis(store)
        if genesis is None:
            raise StoreError(f"{self.path}: the store has no chain yet; begin one with: diem node init")
        return genesis

    def write_genesis(self, genesis: Genesis) -> None:
        """Write the file of the genesis; StoreError if it cannot be."""
        try:
            self.genesis.write_text(genesis.to_json(), encoding="utf-8")
        except OSError as error:
            raise StoreError(f"{self.genesis}: cannot be written: {error.strerror}") from error

    def fill(self, put: Callable[[Store], None]) -> None:
        """Make a store that is there only when all has been put into it.

        Raises
        ------
        StoreError : there is one already, or it cannot be written.
        Exception : as from ``put``; there is no store then.
        """
        if self.has_chain():
            raise StoreError(f"{self.path}: has a chain already, expected a new folder")
        partial = self.path / "store.partial"
        shutil.rmtree(partial, ignore_errors=True)
        store = LevelStore(partial, create=True)
        try:
            put(store)
            store.close()
            partial.rename(self.store)
        finally:
            store.close()
            shutil.rmtree(partial, ignore_errors=True)

    def size(self) -> int:
        """Bytes of the store's files."""
        try:
            return sum(path.stat().st_size for path in self.store.iterdir())
        except OSError:  # LevelDB deletes a file while they are counted
            return 0
