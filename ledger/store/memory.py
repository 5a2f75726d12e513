"""A store which lasts as long as the process."""

from collections.abc import Iterator
from itertools import takewhile

from sortedcontainers import SortedDict

from ledger.store.interface import Changes, StoreError, end_of


class MemoryStore:
    """A `Store` in memory: for tests, and for chains that nobody keeps."""

    def __init__(self) -> None:
        self._values: SortedDict[bytes, bytes] = SortedDict()
        self._is_open = True

    def get(self, key: bytes) -> bytes | None:
        """As in `Store`."""
        self._check_open()
        value: bytes | None = self._values.get(key)
        return value

    def write(self, changes: Changes) -> None:
        """As in `Store`, without a disk."""
        self._check_open()
        for key, value in changes.items():
            if value is None:
                self._values.pop(key, None)
            else:
                self._values[key] = value

    def items(self, prefix: bytes, start: bytes = b"", reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """As in `Store`; all that comes is gathered first."""
        self._check_open()
        first, last = prefix, end_of(prefix)
        if reverse and start:
            last = start if last is None else min(last, start)
        elif start:
            first = max(first, start)
        keys = self._values.irange(first, last, reverse=reverse)
        if reverse:  # the end itself, which lies beyond the prefix, would come first
            keys = (key for key in keys if key.startswith(prefix))
        found = [(key, self._values[key]) for key in takewhile(lambda key: key.startswith(prefix), keys)]
        return iter(found)

    def close(self) -> None:
        """As in `Store`; nothing is left of it."""
        self._is_open = False
        self._values.clear()

    def _check_open(self) -> None:
        if not self._is_open:
            raise StoreError("the store in memory is closed")
