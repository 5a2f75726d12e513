"""LevelDB as this ledger uses it, and what is wrong with it in our words. The only module which knows plyvel."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Protocol

from ledger.store.folder import damaged
from ledger.store.interface import StoreError, end_of

# plyvel has no wheels for Python 3.13, and its successor none for 3.11.
if sys.version_info >= (3, 13):
    import plyvel_next as plyvel
else:
    import plyvel

Database = Any
"""plyvel's DB, which has no types."""

FAILURES: Final = (plyvel.Error, RuntimeError)
"""What comes out of a database; `translated` makes it ours."""

_CACHE_SIZE: Final = 64 << 20
_BLOOM_BITS: Final = 10

# What LevelDB says where a file has not what it should have, other than by its own checksums.
_SIGNS_OF_DAMAGE: Final = ("NotFound", "Input/output error", ".ldb: Invalid argument")


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


def open_database(folder: Path, *, create: bool, write_buffer_size: int) -> Database:
    """Open LevelDB with every check it has; errors as of `LevelStore`."""
    try:
        return plyvel.DB(
            os.fspath(folder),
            create_if_missing=create,
            compression=None,
            paranoid_checks=True,
            write_buffer_size=write_buffer_size,
            lru_cache_size=_CACHE_SIZE,
            bloom_filter_bits=_BLOOM_BITS,
        )
    except plyvel.Error as error:
        raise translated(folder, error) from error


def repair_database(folder: Path) -> None:
    """Make of the files of a damaged database one that can be opened, without what cannot be read.

    Raises
    ------
    StoreError : it cannot be done, as on a full disk.
    """
    try:
        plyvel.repair_db(os.fspath(folder), paranoid_checks=True)
    except plyvel.Error as error:
        raise translated(folder, error) from error


def walk(database: Database, folder: Path, prefix: bytes, start: bytes, reverse: bool) -> Iterator[tuple[bytes, bytes]]:
    """Walk over a database as it is now; as `Store.items`."""
    try:
        # Made at once and not by a generator, for it is the database of this moment that it sees.
        cursor = database.raw_iterator(verify_checksums=True)
    except FAILURES as error:
        raise translated(folder, error) from error
    steps = _backward(cursor, prefix, start) if reverse else _forward(cursor, prefix, start)
    return _translating(folder, cursor, steps)


def translated(folder: Path, error: Exception) -> StoreError:
    """Say in our words what LevelDB or plyvel says."""
    if isinstance(error, RuntimeError):
        return StoreError(f"{folder}: the store is closed")
    said = cause(error)
    if isinstance(error, plyvel.CorruptionError) or any(sign in said for sign in _SIGNS_OF_DAMAGE):
        return damaged(folder, said)
    return StoreError(f"{folder}: {said}")


def cause(error: Exception) -> str:
    """Return what LevelDB said."""
    text = error.args[-1] if error.args else error
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)


def _translating(folder: Path, cursor: _Cursor, steps: Iterator[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    with closing(cursor):
        try:
            yield from steps
        except FAILURES as error:
            raise translated(folder, error) from error


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
