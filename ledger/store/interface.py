"""What every store does, and how it says that it cannot."""

from collections.abc import Iterator, Mapping
from typing import Final, Protocol

Changes = Mapping[bytes, bytes | None]
"""Key |-> its new value; None deletes it."""


REBUILD_COMMAND: Final = "diem node rebuild"


class StoreError(Exception):
    """The store cannot be used; the message is one line which names it."""


class StoreDamaged(StoreError):
    """What was read is not what was written; the message names the command that brings the store back."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}; bring it back with: {REBUILD_COMMAND}")


class StoreLocked(StoreError):
    """Somebody else has the store open."""


class StoreMismatch(StoreError):
    """The store is of another schema, chain or genesis."""


class Store(Protocol):
    """Values by key, both bytes, in the order of the keys.

    Every method raises `StoreError` on a closed store, and `StoreDamaged` if what it reads fails its checksum.
    """

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, None if there is none."""
        ...

    def write(self, changes: Changes) -> None:
        """Make all changes or none, and return when they are on disk.

        After a `StoreError` nothing of them can be read; whether they are there when the store is next opened is open.
        The store then takes no further changes.
        """
        ...

    def items(self, prefix: bytes, start: bytes = b"", reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """Keys (whole) and values of all keys with a prefix, as they are at the time of this call.

        They come in the order of the keys, from the first; `start`, a whole key, leaves out what comes before it. In
        reverse they come from the last, and `start` leaves out what comes after it.
        """
        ...

    def close(self) -> None:
        """Let go of the store; a second time is nothing."""
        ...


def end_of(prefix: bytes) -> bytes | None:
    """The first key after all keys with a prefix, None if none can be after them."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes((stem[-1] + 1,)) if stem else None
