"""The data folder: begun once, opened by one, and filled whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.chain import Chain
from ledger.genesis import Genesis
from ledger.node.folder import DataFolder
from ledger.store import (
    Changes,
    LevelStore,
    Store,
    StoreDamaged,
    StoreError,
    StoreLocked,
    StoreMismatch,
)
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
    with pytest.raises(
        StoreDamaged, match=r"^.*/store: the store is damaged \(it has no genesis\); bring it back with: "
    ):
        folder.open()
    assert folder.has_chain()


def test_emptied_store_is_no_chain_and_a_new_one_can_be_begun(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.begin(genesis()).store.close()
    for path in folder.store.iterdir():
        path.unlink()
    (folder.store / "LOCK").touch()  # as of a LevelDB to which nothing was written
    assert not folder.has_chain()
    with pytest.raises(StoreError, match="make one with: diem node init"):
        folder.open()
    folder.begin(genesis()).store.close()
    folder.open().store.close()


def test_store_that_a_rebuild_has_to_bring_back_is_not_begun_anew(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.begin(genesis()).store.close()
    folder.store.rename(tmp_path / "store.rebuilding")
    assert folder.has_chain()
    for attempt in (folder.open, lambda: folder.begin(genesis())):
        with pytest.raises(StoreDamaged, match="a rebuild of it was interrupted"):
            attempt()


def test_store_that_cannot_be_looked_into_is_said(tmp_path: Path) -> None:
    (tmp_path / "store").touch()
    with pytest.raises(StoreError, match=r"/store: cannot be read: Not a directory$"):
        DataFolder(tmp_path).open()
    with pytest.raises(StoreError, match=r"/store/x: cannot be made: Not a directory$"):
        DataFolder(tmp_path / "store" / "x").fill(genesis(), lambda _: None)


def test_chain_is_begun_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DataFolder(tmp_path)

    def full(store: LevelStore, _: Changes) -> None:
        raise StoreError(f"{store.folder}: No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(LevelStore, "write", full)
        with pytest.raises(StoreError, match="No space left on device"):
            folder.begin(genesis())
    assert list(tmp_path.iterdir()) == []
    folder.begin(genesis()).store.close()
    folder.open().store.close()


def test_chain_is_begun_by_one_only(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)

    def put(store: Store) -> None:
        with pytest.raises(StoreLocked):
            folder.begin(genesis())
        Chain(store, genesis())

    folder.fill(genesis(), put)
    folder.open().store.close()


def test_genesis_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.genesis.mkdir()
    with pytest.raises(StoreError, match="cannot be written: Is a directory"):
        folder.begin(genesis())
    assert not folder.has_chain()
    folder.genesis.rmdir()
    folder.begin(genesis()).store.close()


def test_is_filled_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")

    def fail(store: Store) -> None:
        store.write({b"k": b"v"})
        raise ValueError("not right")

    for _ in range(2):
        with pytest.raises(ValueError, match="not right"):
            folder.fill(genesis(), fail)
        assert not folder.has_chain()
    folder.fill(genesis(), lambda store: store.write({b"k": b"w"}))
    assert folder.has_chain()
    with pytest.raises(StoreError, match="has a chain already"):
        folder.fill(genesis(), fail)
    store = LevelStore(folder.store)
    assert dict(store.items(b"")) == {b"k": b"w"}
    store.close()
