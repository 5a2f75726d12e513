"""What a store on disk refuses, and that no damage to its files is read as if it were data."""

import os
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from ledger.store import LevelStore, StoreDamaged, StoreError, StoreLocked, schema
from ledger.store.database import FAILURES
from ledger.store.level import salvaged


def value_of(row: int) -> bytes:
    return Random(row).randbytes(200)  # noqa: S311


def filled(folder: Path, rows: int = 1000) -> Path:
    """Make a store in `folder` whose tables, not only its log, have data."""
    with closing(LevelStore(folder, create=True, write_buffer_size=1 << 16)) as store:
        for at in range(0, rows, 10):
            store.write({row.to_bytes(4, "big"): value_of(row) for row in range(at, at + 10)})
    with closing(LevelStore(folder)):  # which makes a table of the log
        pass
    return folder


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_folder_is_only_made_when_asked(tmp_path: Path) -> None:
    folder = tmp_path / "none"
    with pytest.raises(StoreError, match=f"^{folder}: no such folder, so no store$"):
        LevelStore(folder)
    assert not folder.exists()
    folder.mkdir()
    with pytest.raises(StoreError, match=f"^{folder}: is empty, expected a store$"):
        LevelStore(folder)
    assert not list(folder.iterdir())


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(StoreError, match=r"holds letter\.txt, expected a store or an empty folder"):
        LevelStore(tmp_path, create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_file_is_no_store(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for folder in (file, file / "below"):
        with pytest.raises(StoreError, match="cannot be opened as a store: Not a directory"):
            LevelStore(folder, create=True)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    folder = filled(tmp_path / "store")
    (folder / "LOCK").unlink()
    (folder / "LOCK").mkdir()  # what even root cannot open for writing
    with pytest.raises(StoreError, match="LOCK: Is a directory") as refused:
        LevelStore(folder)
    assert not isinstance(refused.value, StoreDamaged | StoreLocked)


def test_a_store_that_died_while_it_was_made_is_made_again(tmp_path: Path) -> None:
    for name in ("LOCK", "LOG", "MANIFEST-000001", "000001.dbtmp"):
        (tmp_path / name).write_bytes(b"half")
    with closing(LevelStore(tmp_path, create=True)) as store:
        store.write({b"k": b"1"})
        assert store.get(b"k") == b"1"


def test_a_store_is_opened_once(tmp_path: Path) -> None:
    with closing(LevelStore(tmp_path, create=True)):
        with pytest.raises(StoreLocked, match=f"^{tmp_path}: the store is open already"):
            LevelStore(tmp_path)
        elsewhere = "import sys, pathlib, ledger.store as s\ns.LevelStore(pathlib.Path(sys.argv[1]))"
        answer = subprocess.run(
            [sys.executable, "-c", elsewhere, tmp_path], capture_output=True, text=True, check=False
        )
        assert f"StoreLocked: {tmp_path}: the store is open already" in answer.stderr
    LevelStore(tmp_path).close()


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    folder = filled(tmp_path / "store")
    with largest_file(0), pytest.raises(StoreError, match=f"^{folder}: cannot be opened as a store: .*File too large"):
        LevelStore(folder)
    LevelStore(folder).close()


def test_writes_end_with_the_first_that_fails(tmp_path: Path) -> None:
    store = LevelStore(tmp_path, create=True)
    store.write({b"kept": b"1"})
    with largest_file(4096), pytest.raises(StoreError, match=r"\.log: File too large"):
        store.write({b"lost": bytes(100_000)})
    assert store.get(b"lost") is None
    with pytest.raises(StoreError, match=r"takes no changes since one failed: .*File too large"):
        store.write({b"after": b"2"})
    assert store.get(b"kept") == b"1"
    store.close()
    with closing(LevelStore(tmp_path)) as again:
        assert list(again.items(b"")) == [(b"kept", b"1")]
        again.write({b"after": b"2"})


def test_a_flipped_bit_in_a_table_is_found_by_all_that_read_it(tmp_path: Path) -> None:
    folder = filled(tmp_path / "store")
    for path in folder.glob("*.ldb"):
        flip(path, path.stat().st_size // 3)
    damage: list[str] = []
    with closing(LevelStore(folder)) as store:
        for row in range(1000):
            try:
                assert store.get(row.to_bytes(4, "big")) == value_of(row)
            except StoreDamaged as error:
                damage.append(str(error))
        for reverse in (False, True):
            with pytest.raises(StoreDamaged):
                list(store.items(b"", reverse=reverse))
    (message,) = set(damage)
    assert message.startswith(f"{folder}: the store is damaged (Corruption: ")
    assert message.endswith("; bring it back with: diem node rebuild")


@pytest.mark.parametrize("reverse", [False, True])
def test_a_walk_does_not_end_before_what_cannot_be_read(tmp_path: Path, reverse: bool) -> None:
    folder = filled(tmp_path / "store")
    # Of the last block of the walk, because nothing comes behind it that could be missed instead.
    last = value_of(0 if reverse else 999)
    (table,) = (path for path in folder.glob("*.ldb") if last in path.read_bytes())
    flip(table, table.read_bytes().index(last) + 100)
    with closing(LevelStore(folder)) as store:
        walk = store.items(b"", reverse=reverse)
        assert len(list(islice(walk, 900))) == 900
        with pytest.raises(StoreDamaged):
            list(walk)


@pytest.mark.parametrize("pattern", ["*.ldb", "MANIFEST-*", "CURRENT"])
def test_a_missing_file_is_damage(tmp_path: Path, pattern: str) -> None:
    folder = filled(tmp_path / "store")
    next(folder.glob(pattern)).unlink()
    before = {path.name for path in folder.glob("*.ldb")}
    with pytest.raises(StoreDamaged, match="diem node rebuild"):
        LevelStore(folder, create=True)
    assert {path.name for path in folder.glob("*.ldb")} == before


def test_a_flipped_bit_in_a_synced_batch_of_the_log_is_damage(tmp_path: Path) -> None:
    with closing(LevelStore(tmp_path, create=True)) as store:
        for row in range(3):
            store.write({bytes([row]): bytes(1000)})
    (log,) = tmp_path.glob("*.log")
    flip(log, 1500)
    with pytest.raises(StoreDamaged, match="checksum mismatch"):
        LevelStore(tmp_path)


def test_a_walk_over_a_store_that_is_closed_meanwhile_ends_with_an_error(tmp_path: Path) -> None:
    store = LevelStore(tmp_path, create=True)
    store.write({b"a": b"", b"b": b""})
    walk = store.items(b"")
    next(walk)
    store.close()
    with pytest.raises(StoreError, match="closed"):
        next(walk)


def immutable(folder: Path) -> Path:
    """Make a store with tables and a log, of keys that are never deleted."""
    with closing(LevelStore(folder, create=True, write_buffer_size=1 << 16)) as store:
        for row in range(0, 1000, 10):
            store.write({schema.block(value_of(at)): value_of(at) for at in range(row, row + 10)})
    return folder


def test_a_list_of_tables_that_is_cut_off_loses_no_table(tmp_path: Path) -> None:
    image = immutable(tmp_path / "store")
    (manifest,) = image.glob("MANIFEST-*")
    opened, refused = 0, Counter[str]()
    size = manifest.stat().st_size
    for cut in (*range(0, size, size // 30), *range(size - 30, size)):
        folder = tmp_path / "cut"
        shutil.copytree(image, folder)
        os.truncate(folder / manifest.name, cut)
        for _ in range(2):
            try:
                with closing(LevelStore(folder)) as store:
                    assert len(list(store.items(schema.BLOCK))) == 1000
                    opened += 1
            except StoreDamaged as damage:
                refused[str(damage).partition("(")[2][:17]] += 1
        with closing(salvaged(folder, tmp_path / "copy")) as store:
            assert len(list(store.items(schema.BLOCK))) == 1000
        shutil.rmtree(tmp_path / "copy")
        shutil.rmtree(folder)
    # Of some cuts LevelDB alone would find nothing amiss.
    assert refused["its list of table"]
    assert refused.total() > opened


def test_tables_that_are_left_over_are_dropped_if_nothing_is_lost_with_them(tmp_path: Path) -> None:
    image = immutable(tmp_path / "store")
    (table, *_) = sorted(image.glob("*.ldb"))
    shutil.copy(table, image / "000099.ldb")
    (image / "000098.ldb").write_bytes(table.read_bytes()[:1000])
    for _ in range(2):
        with closing(LevelStore(image)) as store:
            assert len(list(store.items(schema.BLOCK))) == 1000
            assert not (image / "000098.ldb").exists()
            assert not (image / "000099.ldb").exists()
            assert not list(image.glob("*/"))


def test_a_copy_that_cannot_be_repaired_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, copy = filled(tmp_path / "store"), tmp_path / "copy"

    def full(*_: object, **__: object) -> None:
        raise FAILURES[0](b"IO error: No space left on device")

    monkeypatch.setattr("ledger.store.database.plyvel.repair_db", full)
    with pytest.raises(StoreError, match=f"^{copy}: IO error: No space left on device$"):
        salvaged(folder, copy)
