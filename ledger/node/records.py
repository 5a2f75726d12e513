"""Files of RLP items one after another: each says itself how long it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from ledger.recursive_length_prefix import MalformedRlpError, decode_bytes, split_list

LONGEST_ITEM: Final = 64 * 1024 * 1024
"""Bytes of an item; one that claims more is refused before anything of it is read."""


class RecordError(ValueError):
    """What stands at a place is no RLP item; the message says why."""


def read_item(file: BinaryIO) -> bytes | None:
    """The next item of a file, None at its end.

    Raises
    ------
    RecordError : the file ends within the item; it claims to be longer than any; it is no list.
    """
    first = file.read(1)
    if not first:
        return None
    kind = first[0]
    if kind < 0xC0:
        raise RecordError(f"found the byte 0x{kind:02x}, expected a list in RLP")
    if kind <= 0xF7:
        return first + _read(file, kind - 0xC0)
    size = _read(file, kind - 0xF7)
    length = int.from_bytes(size, "big")
    if length > LONGEST_ITEM:
        raise RecordError(f"found an item of {length} bytes, expected {LONGEST_ITEM} at most")
    return first + size + _read(file, length)


def items(file: BinaryIO) -> Iterator[bytes]:
    """The items of a file from here to its end; errors as of `read_item`."""
    while (item := read_item(file)) is not None:
        yield item


def fields(item: bytes, number: int) -> list[bytes]:
    """The byte strings of which an item is a list; RecordError if it is no list of so many."""
    try:
        found = [decode_bytes(part) for part in split_list(item)]
    except MalformedRlpError as error:
        raise RecordError(f"not in canonical RLP: {error}") from None
    if len(found) != number:
        raise RecordError(f"found {len(found)} fields, expected {number}")
    return found


def _read(file: BinaryIO, length: int) -> bytes:
    content = file.read(length)
    if len(content) < length:
        raise RecordError(f"the file ends {length - len(content)} bytes too early")
    return content
