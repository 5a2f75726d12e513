"""The store on disk: LevelDB, with every checksum looked at. The only module which knows plyvel."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, Protocol

import plyvel

from ledger.store.folder import damaged, locked, prepare
from ledger.store.interface import Changes, StoreError, end_of

WRITE_BUFFER_SIZE: Final = 16 << 20
"""Bytes that are written to the log before LevelDB sorts them into a table."""

_CACHE_SIZE: Final = 64 << 20
_BLOOM_BITS: Final = 10


class _Cursor(Protocol):
    """plyvel's raw iterator, a class without a public name; its plain one ends in silence at what cannot be read."""

    def seek(self, key: bytes, /) -> None: ...
    def seek_to_last(self) -> None: ...
    def valid(self) -> bool: ...
    def key(self) -> bytes: ...
    def item(self) -> tuple[bytes, bytes]: ...
    def next(self) -> None: ...
    def prev(self) -> None: ...
    def close(self) -> None: ...


class LevelStore:
    """A `Store` in a folder of its own.

    Raises
    ------
    StoreError : the folder does not exist and is not to be created, holds other files, or cannot be read and written.
    StoreLocked : the store is open, here or in another process.
    StoreDamaged : its files are not as LevelDB wrote them. Damage in a table is found only when the table is read.
    """

    def __init__(self, folder: Path, *, create: bool = False, write_buffer_size: int = WRITE_BUFFER_SIZE) -> None:
        self.folder: Final = folder
        self._failure: str | None = None
        prepare(folder, create=create)
        self._lock: Final = locked(folder)
        try:
            self._db = plyvel.DB(
                os.fspath(folder),
                create_if_missing=create,
                compression=None,
                paranoid_checks=True,
                write_buffer_size=write_buffer_size,
                lru_cache_size=_CACHE_SIZE,
                bloom_filter_bits=_BLOOM_BITS,
            )
        except plyvel.Error as error:
            self._lock.close()
            raise _ours(folder, error) from error

    def get(self, key: bytes) -> bytes | None:
        """As in `Store`."""
        try:
            value: bytes | None = self._db.get(key, verify_checksums=True)
        except (plyvel.Error, RuntimeError) as error:
            raise _ours(self.folder, error) from error
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
        except RuntimeError as error:
            raise _ours(self.folder, error) from error
        except plyvel.Error as error:
            # LevelDB would go on writing behind half a record, and find nothing behind it when it is next opened.
            ours = _ours(self.folder, error)
            self._failure = _cause(error)
            raise ours from error

    def items(self, prefix: bytes, start: bytes = b"", reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """As in `Store`."""
        try:
            cursor = self._db.raw_iterator(verify_checksums=True)
        except RuntimeError as error:
            raise _ours(self.folder, error) from error
        walk = _backward(cursor, prefix, start) if reverse else _forward(cursor, prefix, start)
        return self._guarded(cursor, walk)

    def close(self) -> None:
        """As in `Store`; what `items` has not yet given is lost."""
        self._db.close()
        self._lock.close()

    def _guarded(self, cursor: _Cursor, walk: Iterator[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
        with closing(cursor):
            try:
                yield from walk
            except (plyvel.Error, RuntimeError) as error:
                raise _ours(self.folder, error) from error


def salvaged(folder: Path, copy: Path) -> LevelStore:
    """Copy a damaged store and open what LevelDB can still read of it; nobody may have it open meanwhile.

    Values may be older than the last ones, deleted keys may be there again, and after a flipped bit so may be a value
    that nobody wrote: only what proves itself, as a block does by its hash, is to be taken from it.

    Raises
    ------
    StoreDamaged : nothing of it can be read.
    OSError : it cannot be copied.
    """
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("LOCK"))
    try:
        plyvel.repair_db(os.fspath(copy), paranoid_checks=True)
    except plyvel.Error as error:
        raise damaged(folder, _cause(error)) from error
    return LevelStore(copy)


def _forward(cursor: _Cursor, prefix: bytes, start: bytes) -> Iterator[tuple[bytes, bytes]]:
    cursor.seek(max(prefix, start))
    while cursor.valid():
        key, value = cursor.item()
        if not key.startswith(prefix):
            return
        yield key, value
        cursor.next()


def _backward(cursor: _Cursor, prefix: bytes, start: bytes) -> Iterator[tuple[bytes, bytes]]:
    end = end_of(prefix)
    if start and (end is None or start < end):
        _seek_last(cursor, start)
        if cursor.valid() and cursor.key() > start:
            cursor.prev()
    else:
        _seek_last(cursor, end)
        if cursor.valid() and end is not None and cursor.key() >= end:
            cursor.prev()
    while cursor.valid():
        key, value = cursor.item()
        if not key.startswith(prefix):
            return
        yield key, value
        cursor.prev()


def _seek_last(cursor: _Cursor, key: bytes | None) -> None:
    """Go to the first key from `key` on, or to the last of all if there is none."""
    if key is not None:
        cursor.seek(key)
        if cursor.valid():
            return
    cursor.seek_to_last()


def _cause(error: Exception) -> str:
    text = error.args[-1] if error.args else error
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)


def _ours(folder: Path, error: Exception) -> StoreError:
    """Say in our words what LevelDB or plyvel says."""
    if isinstance(error, RuntimeError):
        return StoreError(f"{folder}: the store is closed")
    cause = _cause(error)
    is_missing = cause.startswith("NotFound") or "Input/output error" in cause
    if isinstance(error, plyvel.CorruptionError) or is_missing:
        return damaged(folder, cause)
    return StoreError(f"{folder}: {cause}")
