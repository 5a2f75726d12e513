"""The data folder of a node: the store, the file of the genesis, and the sequencer's key."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from ledger.chain import Chain
from ledger.chain.opening import stored_genesis
from ledger.genesis import Genesis
from ledger.store import LevelStore, Store, StoreDamaged, StoreError
from ledger.store.folder import is_vacant, locked, sync_names


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
        """Whether there is a store, be it damaged; StoreError if that cannot be told."""
        try:
            return not is_vacant(self.store)
        except OSError as error:
            raise StoreError(f"{self.store}: cannot be read: {error.strerror}") from error

    def make(self, genesis: Genesis) -> None:
        """Make a store with a new chain; errors as of `fill`."""
        self.fill(genesis, lambda store: Chain(store, genesis))

    def begin(self, genesis: Genesis) -> Opened:
        """Begin a chain, or open one that has this genesis.

        Raises
        ------
        StoreError : the folder cannot be made or read; StoreLocked : another process has it open; StoreMismatch : it
            has another chain.
        """
        if not self.has_chain():
            self.make(genesis)
        return self._opened(genesis)

    def open(self) -> Opened:
        """Open the chain that is there.

        Raises
        ------
        StoreError : there is none, or it cannot be read; StoreLocked : another process has it open; StoreDamaged.
        """
        if not self.has_chain():
            raise StoreError(f"{self.path}: no data folder of a node; make one with: diem node init")
        return self._opened(None)

    def _opened(self, genesis: Genesis | None) -> Opened:
        store = LevelStore(self.store)
        try:
            return Opened(Chain(store, genesis or self._stored_genesis(store)), store)
        except BaseException:
            store.close()
            raise

    def _stored_genesis(self, store: Store) -> Genesis:
        genesis = stored_genesis(store)
        if genesis is None:  # and every store is made with one, see `fill`
            raise StoreDamaged(f"{self.store}: the store is damaged (it has no genesis)")
        return genesis

    def write_genesis(self, genesis: Genesis) -> None:
        """Write the file of the genesis; StoreError if it cannot be."""
        try:
            self.genesis.write_text(genesis.to_json(), encoding="utf-8")
        except OSError as error:
            raise StoreError(f"{self.genesis}: cannot be written: {error.strerror}") from error

    def fill(self, genesis: Genesis, put: Callable[[Store], object]) -> None:
        """Make a store, which is there only when all has been put into it and the file of the genesis is written.

        Raises
        ------
        StoreError : there is one already, or it cannot be made; StoreLocked : another process makes it.
        Exception : as from ``put``; there is no store then.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with locked(self.path):
                self._fill(genesis, put)
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be made: {error.strerror}") from error

    def _fill(self, genesis: Genesis, put: Callable[[Store], object]) -> None:
        if self.has_chain():
            raise StoreError(f"{self.path}: has a chain already, expected a new folder")
        partial = self.path / "store.partial"
        shutil.rmtree(partial, ignore_errors=True)
        try:
            with closing(LevelStore(partial, create=True)) as store:
                put(store)
            self.write_genesis(genesis)
            shutil.rmtree(self.store, ignore_errors=True)  # nothing was ever written to it
            partial.rename(self.store)
            sync_names(self.path)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def size(self) -> int:
        """Bytes of the store's files."""
        try:
            return sum(path.stat().st_size for path in self.store.iterdir())
        except OSError:  # LevelDB deletes a file while they are counted
            return 0
