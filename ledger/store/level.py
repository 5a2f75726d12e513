"""The store on disk: LevelDB in a folder, guarded where LevelDB alone would lose what was acknowledged."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from ledger.store import schema
from ledger.store.database import FAILURES, cause, open_database, repair_database, translated, walk
from ledger.store.folder import copy_list, copy_store, damaged, drop, dropped, locked, prepare
from ledger.store.interface import Changes, StoreError

WRITE_BUFFER_SIZE: Final = 16 << 20
"""Bytes that are written to the log before LevelDB sorts them into a table."""


class LevelStore:
    """A `Store` in a folder of its own; of a salvage only what proves itself can be believed, see `salvaged`.

    Raises
    ------
    StoreError : the folder does not exist and is not to be created, holds other files, or cannot be read and written.
    StoreLocked : the store is open, here or in another process.
    StoreDamaged : its files are not as LevelDB wrote them. Damage in a table is found only when the table is read.
    """

    def __init__(
        self,
        folder: Path,
        *,
        create: bool = False,
        write_buffer_size: int = WRITE_BUFFER_SIZE,
        is_salvage: bool = False,
    ) -> None:
        self.folder: Final = folder
        self._failure: str | None = None
        prepare(folder, create=create)
        with ExitStack() as opened:
            opened.enter_context(locked(folder))
            if not is_salvage:
                _guard(folder)
            self._db = open_database(folder, create=create, write_buffer_size=write_buffer_size)
            opened.callback(self._db.close)
            if not is_salvage and dropped(folder).exists():
                self._check_dropped()
            self._opened: Final = opened.pop_all()

    def get(self, key: bytes) -> bytes | None:
        """As in `Store`."""
        try:
            value: bytes | None = self._db.get(key, verify_checksums=True)
        except FAILURES as error:
            raise translated(self.folder, error) from error
        return value

    def write(self, changes: Changes) -> None:
        """As in `Store`."""
        if self._failure is not None:
            raise StoreError(f"{self.folder}: takes no changes since one failed: {self._failure}")
        try:
            with self._db.write_batch(transaction=True, sync=True) as batch:
                for key, value in changes.items():
                    if value is None:
                        batch.delete(key)
                    else:
                        batch.put(key, value)
        except FAILURES as error:
            # LevelDB would go on writing behind half a record, and find nothing behind it when it is next opened.
            self._failure = cause(error)
            raise translated(self.folder, error) from error

    def items(self, prefix: bytes, start: bytes = b"", reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """As in `Store`."""
        return walk(self._db, self.folder, prefix, start, reverse)

    def close(self) -> None:
        """As in `Store`; what `items` has not yet given is lost."""
        self._opened.close()

    def _check_dropped(self) -> None:
        """Check that nothing is only in the tables that LevelDB does not know."""
        with _scratch(self.folder / "checking") as copy, closing(salvaged(dropped(self.folder), copy)) as tables:
            for kind in schema.FOR_EVER:
                if any(self.get(key) is None for key, _ in tables.items(kind)):
                    raise damaged(self.folder, "its list of tables lacks some")
        shutil.rmtree(dropped(self.folder))


def _guard(folder: Path) -> None:
    """Keep LevelDB from deleting or overwriting the tables that it does not know."""
    try:
        drop(folder, _unknown_tables(folder))
    except OSError as error:
        raise StoreError(f"{folder}: cannot be opened as a store: {error}") from error


def _unknown_tables(folder: Path) -> list[Path]:
    """Return the tables which LevelDB's list lacks.

    Some are left over if a process dies while it sorts tables, and then all of them is in others. But if the list is
    damaged, others are too.
    """
    if not (folder / "CURRENT").exists():
        return []
    with _scratch(folder / "listing") as copy:
        copy_list(folder, copy)
        try:
            open_database(copy, create=False, write_buffer_size=WRITE_BUFFER_SIZE).close()
        except StoreError:
            return []  # nor will the folder itself be opened
        return [table for table in folder.glob("*.ldb") if not (copy / table.name).exists()]


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder that is not yet there, and is not there any more afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def salvaged(folder: Path, copy: Path) -> LevelStore:
    """Copy a damaged store and open what LevelDB can still read of it; nobody may have it open meanwhile.

    Values may be older than the last ones, deleted keys may be there again, and after a flipped bit so may be a value
    that nobody wrote: only what proves itself, as a block does by its hash, is to be taken from it.

    Raises
    ------
    StoreError : LevelDB cannot make anything of the copy.
    OSError : it cannot be copied.
    """
    copy_store(folder, copy)
    repair_database(copy)
    return LevelStore(copy, is_salvage=True)


def unreadable_tables(copy: Path) -> list[Path]:
    """Return those tables of a copy made by `salvaged` of which LevelDB could not read all."""
    return sorted((copy / "lost").glob("*.ldb"))
