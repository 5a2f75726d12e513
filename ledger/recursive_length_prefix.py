"""RLP, the encoding of trie nodes, transactions, receipts and blocks (yellow paper, appendix B).

It is written out here because the ledger needs little of it, needs it fast, and has to say exactly what is wrong with
bytes from elsewhere. A trie node refers to its children by their encoded items, and what a sender signs is a part of
the list that is sent; so a list is joined from, and split into, items which stay encoded.

Of anything there is one encoding: lengths and integers have no more bytes than they need, and nothing is left over.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_LONGEST_SHORT: Final = 55
"""Bytes of a payload whose length the first byte of the header still holds."""

# Nearly all that is encoded is short: its header is looked up.
_STRING_HEADERS: Final = [bytes((0x80 + length,)) for length in range(_LONGEST_SHORT + 1)]
_LIST_HEADERS: Final = [bytes((0xC0 + length,)) for length in range(_LONGEST_SHORT + 1)]


class MalformedRlpError(ValueError):
    """Bytes which are not the canonical RLP of what they are meant to encode; its subclasses say why, where they can.

    `item` is the place (from 0) of the faulty item in the list which was split, None if the fault is elsewhere.
    """

    def __init__(self, fault: str, item: int | None = None) -> None:
        super().__init__(fault if item is None else f"item {item}: {fault}")
        self.fault = fault
        self.item = item


class TruncatedRlpError(MalformedRlpError):
    """There are fewer bytes than the header says."""


class TrailingRlpError(MalformedRlpError):
    """There are more bytes than the header says."""


class OverlongRlpError(MalformedRlpError):
    """A length or an integer has more bytes than it needs."""


def encode_bytes(data: bytes) -> bytes:
    """RLP of a byte string."""
    size = len(data)
    if size > _LONGEST_SHORT:
        return _long_header(0xB7, size) + data
    if size == 1 and data < b"\x80":
        return data
    return _STRING_HEADERS[size] + data


def encode_int(number: int) -> bytes:
    """RLP of a non-negative integer: of its shortest big-endian bytes. OverflowError if it is negative."""
    return encode_bytes(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def encode_list(items: Iterable[bytes]) -> bytes:
    """RLP of a list, from its already encoded items."""
    payload = b"".join(items)
    size = len(payload)
    return (_LIST_HEADERS[size] if size <= _LONGEST_SHORT else _long_header(0xF7, size)) + payload


def split_list(rlp: bytes) -> list[bytes]:
    """The still encoded items of an RLP list; what is inside of its byte strings and inner lists is not looked at.

    Raises
    ------
    MalformedRlpError : if it is no list.
    OverlongRlpError, TruncatedRlpError, TrailingRlpError : if it is not one list exactly.
    OverlongRlpError, TruncatedRlpError : for the first item whose header is longer than needed or which ends outside.
    """
    if not rlp or rlp[0] < 0xC0:
        raise MalformedRlpError("not an RLP list")
    start, end = _payload(rlp, 0)
    size = len(rlp)
    if end > size:
        raise TruncatedRlpError(f"an RLP list of {end} bytes, of which there are {size}")
    if end < size:
        raise TrailingRlpError(f"{size - end} bytes after an RLP list of {end}")
    items: list[bytes] = []
    while start < end:
        first = rlp[start]
        if 0x81 < first < 0xB8:
            stop = start + first - 0x7F
        elif first <= 0x80:
            stop = start + 1
        else:  # a header that may be longer than needed
            stop = _end_of(rlp, start, len(items))
        if stop > end:
            raise TruncatedRlpError(f"an item ending {stop - end} bytes after its RLP list", len(items))
        items.append(rlp[start:stop])
        start = stop
    return items


def decode_bytes(item: bytes) -> bytes:
    """The byte string encoded by one item of `split_list`; MalformedRlpError if it is a list."""
    first = item[0]
    if first >= 0xC0:
        raise MalformedRlpError("an RLP list where a byte string is due")
    if first < 0x80:
        return item
    return item[1:] if first < 0xB8 else item[first - 0xB6 :]


def decode_int(item: bytes) -> int:
    """The integer encoded by one item of `split_list`.

    Raises
    ------
    MalformedRlpError : if it is a list.
    OverlongRlpError : if it has a leading zero byte.
    """
    data = decode_bytes(item)
    if data and not data[0]:
        raise OverlongRlpError("an integer with a leading zero byte")
    return int.from_bytes(data, "big")


@lru_cache(maxsize=1 << 12)
def _long_header(kind: int, length: int) -> bytes:
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((kind + len(size),)) + size


def _end_of(rlp: bytes, start: int, item: int) -> int:
    try:
        return _payload(rlp, start)[1]
    except OverlongRlpError as error:
        raise OverlongRlpError(error.fault, item) from None


def _payload(data: bytes, start: int) -> tuple[int, int]:
    """Where the payload of the item with a header at `start` begins and ends; OverlongRlpError if that is too long."""
    first = data[start]
    length = first - (0x80 if first < 0xC0 else 0xC0)
    start += 1
    if length > 55:
        size = data[start : start + length - 55]
        start += length - 55
        length = int.from_bytes(size, "big")
        # Of a size which is itself cut off, nothing is known but that the item ends outside.
        if start <= len(data) and (length < 56 or not size[0]):
            raise OverlongRlpError("a length in more bytes than it needs")
    elif length == 1 and first < 0xC0 and start < len(data) and data[start] < 0x80:
        raise OverlongRlpError("a byte with a header it does not need")
    return start, start + length
