"""The store on disk: LevelDB, with every checksum looked at. The only module which knows plyvel."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final, Protocol

import plyvel

from ledger.store.interface import Changes, StoreDamaged, StoreError, StoreLocked, end_of

REBUILD_COMMAND: Final = "diem node rebuild"
"""What brings back a damaged store."""

WRITE_BUFFER_SIZE: Final = 16 << 20
"""Bytes that are written to the log before LevelDB sorts them into a table."""

_CACHE_SIZE: Final = 64 << 20
_BLOOM_BITS: Final = 10

# What LevelDB leaves behind if it dies while it makes a store; nothing was written to it yet.
_STILLBORN: Final = frozenset({"LOCK", "LOG", "LOG.old", "MANIFEST-000001", "000001.dbtmp"})


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
        _prepare(folder, create=create)
        self._lock: Final = _locked(folder)
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


def _prepare(folder: Path, *, create: bool) -> None:
    try:
        if create and not folder.exists():
            folder.mkdir(parents=True)
            _sync(folder.parent)
        names = {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        raise StoreError(f"{folder}: no such folder, so no store") from None
    except OSError as error:
        raise StoreError(f"{folder}: cannot be opened as a store: {error.strerror}") from error
    if "CURRENT" in names:
        return
    if names <= _STILLBORN:
        if not create:
            raise StoreError(f"{folder}: is empty, expected a store")
    elif any(name.startswith("MANIFEST-") or name.endswith((".ldb", ".log")) for name in names):
        # LevelDB would take the folder for new, and delete what is in it.
        raise _damaged(folder, "its file CURRENT is missing")
    else:
        raise StoreError(f"{folder}: holds {min(names - _STILLBORN)}, expected a store or an empty folder")


def _locked(folder: Path) -> ExitStack:
    """Lock the folder until the result is closed; LevelDB's own lock is lost when the process opens it once more."""
    with ExitStack() as stack:
        descriptor = _opened(folder, stack)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreLocked(f"{folder}: the store is open already, here or in another process") from None
        return stack.pop_all()


def _sync(folder: Path) -> None:
    """Let the names in a folder survive a loss of power."""
    with ExitStack() as stack:
        os.fsync(_opened(folder, stack))


def _opened(folder: Path, stack: ExitStack) -> int:
    descriptor = os.open(folder, os.O_RDONLY)
    stack.callback(os.close, descriptor)
    return descriptor


def _cause(error: Exception) -> str:
    text = error.args[-1] if error.args else error
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)


def _damaged(folder: Path, cause: str) -> StoreDamaged:
    return StoreDamaged(f"{folder}: the store is damaged ({cause}); bring it back with: {REBUILD_COMMAND}")


def _ours(folder: Path, error: Exception) -> StoreError:
    """Say in our words what LevelDB or plyvel says."""
    if isinstance(error, RuntimeError):
        return StoreError(f"{folder}: the store is closed")
    cause = _cause(error)
    is_missing = cause.startswith("NotFound") or "Input/output error" in cause
    if isinstance(error, plyvel.CorruptionError) or is_missing:
        return _damaged(folder, cause)
    return StoreError(f"{folder}: {cause}")
