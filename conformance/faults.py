"""Faults of stores: a process that dies at a write, a disk that fails, and what is on disk at such a moment."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from ledger.store import Changes, Store, StoreError


class Died(BaseException):
    """The process is no more; nothing may catch this."""


class FaultyStore:
    """A store whose write number ``at`` (from 0) fails: before anything of it is written, or after all of it is.

    If it dies nothing can be done with it any more. If it fails with a `StoreError`, the next write is fine.
    """

    def __init__(self, store: Store, at: int, *, after: bool, dies: bool) -> None:
        self._store: Final = store
        self._at = at
        self._after = after
        self._dies = dies
        self.has_failed = False

    def get(self, key: bytes) -> bytes | None:
        """As in `Store`."""
        self._check_alive()
        return self._store.get(key)

    def items(self, prefix: bytes, start: bytes = b"", reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """As in `Store`."""
        self._check_alive()
        return self._store.items(prefix, start, reverse)

    def write(self, changes: Changes) -> None:
        """As in `Store`, but for the one that fails."""
        self._check_alive()
        fails = self._at == 0
        self._at -= 1
        if not fails or self._after:
            self._store.write(changes)
        if fails:
            self.has_failed = True
            raise Died if self._dies else StoreError("the disk is full")

    def close(self) -> None:
        """As in `Store`."""
        self._store.close()

    def _check_alive(self) -> None:
        if self.has_failed and self._dies:
            raise Died


def until_death(work: Callable[[], None]) -> bool:
    """Work until all is done or death, and return whether it was death."""
    try:
        work()
    except Died:
        return True
    return False


def sizes(folder: Path) -> dict[str, int]:
    """Return the sizes of the files of a store, by name."""
    return {path.name: path.stat().st_size for path in folder.iterdir()}


def image(folder: Path, to: Path) -> Path:
    """Copy what a store has on disk at one moment, though it is open and LevelDB may be at work in the background."""
    while True:
        shutil.rmtree(to, ignore_errors=True)
        with suppress(FileNotFoundError, shutil.Error):
            before = sizes(folder)
            # Not the file LOCK: to read it would be to let go of the lock.
            shutil.copytree(folder, to, ignore=shutil.ignore_patterns("LOCK"))
            if sizes(folder) == before:
                return to
