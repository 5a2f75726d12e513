"""The data folder: begun once, opened by one, and filled whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.genesis import Genesis
from ledger.node.folder import DataFolder
from ledger.store import LevelStore, Store, StoreError, StoreLocked, StoreMismatch
from tests.ledger.node.conftest import genesis


def test_is_begun_and_opened_again(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "new" / "data")
    assert not folder.has_chain()
    assert folder.size() == 0
    begun = folder.begin(genesis())
    begun.store.close()
    assert folder.has_chain()
    assert folder.size() > 0
    opened = folder.open()
    assert opened.chain.head.hash == genesis().hash
    opened.store.close()
    folder.begin(genesis()).store.close()
    assert Genesis.from_json(folder.genesis.read_text(encoding="utf-8")).hash == genesis().hash


def test_is_opened_by_one_only(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    begun = folder.begin(genesis())
    for second in (folder.open, lambda: folder.begin(genesis())):
        with pytest.raises(StoreLocked, match=r"in use|open already"):
            second()
    begun.store.close()
    folder.open().store.close()


def test_another_genesis_is_refused_and_the_folder_let_go(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.begin(genesis()).store.close()
    other = Genesis(8453, 5, genesis().sequencer, 1, genesis().accounts)
    with pytest.raises(StoreMismatch):
        folder.begin(other)
    folder.open().store.close()


def test_folder_without_chain_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no data folder of a node; make one with: diem node init"):
        DataFolder(tmp_path).open()
    folder = DataFolder(tmp_path)
    LevelStore(folder.store, create=True).close()
    with pytest.raises(StoreError, match="the store has no chain yet"):
        folder.open()


def test_genesis_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.genesis.mkdir()
    with pytest.raises(StoreError, match="cannot be written: Is a directory"):
        folder.begin(genesis())


def test_is_filled_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")

    def fail(store: Store) -> None:
        store.write({b"k": b"v"})
        raise ValueError("not right")

    for _ in range(2):
        with pytest.raises(ValueError, match="not right"):
            folder.fill(fail)
        assert not folder.has_chain()
    folder.fill(lambda store: store.write({b"k": b"w"}))
    assert folder.has_chain()
    with pytest.raises(StoreError, match="has a chain already"):
        folder.fill(fail)
    store = LevelStore(folder.store)
    assert dict(store.items(b"")) == {b"k": b"w"}
    store.close()
