"""The two encodings of trie nodes: RLP and hex-prefix (yellow paper, appendices B and C).

RLP is written out here because a trie needs little of it and needs it fast. A node refers to its children by their
encoded items, so a list is joined from, and split into, items which stay encoded.

A path is a string of nibbles, one per byte (0..15), closed by TERMINATOR if it leads to a value. Thanks to the
terminator no key's path is a prefix of another's, so the trie has no special case for keys of unequal length.
"""

from binascii import hexlify, unhexlify
from collections.abc import Iterable

TERMINATOR = 16
"""The nibble past the last one of a key; the index of the value among the items of a branch."""

_FROM_HEX = bytes.maketrans(b"0123456789abcdef", bytes(range(16)))
_TO_HEX = bytes.maketrans(bytes(range(16)), b"0123456789abcdef")
_CLOSE = bytes([TERMINATOR])


class MalformedRlpError(ValueError):
    """Bytes which are not the canonical RLP of what they are meant to encode."""


def key_path(key: bytes) -> bytes:
    """The path of a key: two nibbles per byte, high one first, and the terminator."""
    return hexlify(key).translate(_FROM_HEX) + _CLOSE


def hex_prefix(path: bytes) -> bytes:
    """Pack a non-empty path two nibbles per byte, behind a nibble flagging leaf (2) and odd length (1)."""
    flag = 0
    if path[-1] == TERMINATOR:
        flag, path = 2, path[:-1]
    head = bytes((flag + 1,)) if len(path) % 2 else bytes((flag, 0))
    return unhexlify((head + path).translate(_TO_HEX))


def unpack_hex_prefix(packed: bytes) -> bytes:
    """The path packed by `hex_prefix`; MalformedRlpError if there is none. Flags are not checked for canonicity."""
    nibbles = hexlify(packed).translate(_FROM_HEX)
    flag = nibbles[0] if nibbles else 0
    path = nibbles[1 if flag & 1 else 2 :] + (_CLOSE if flag & 2 else b"")
    if not path:
        raise MalformedRlpError("a node of two items needs a path")
    return path


def encode_bytes(data: bytes) -> bytes:
    """RLP of a byte string."""
    if len(data) == 1 and data[0] < 0x80:
        return data
    return _header(0x80, len(data)) + data


def encode_int(number: int) -> bytes:
    """RLP of a non-negative integer: of its shortest big-endian bytes. OverflowError if it is negative."""
    return encode_bytes(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def encode_list(items: Iterable[bytes]) -> bytes:
    """RLP of a list, from its already encoded items."""
    payload = b"".join(items)
    return _header(0xC0, len(payload)) + payload


def split_list(rlp: bytes) -> list[bytes]:
    """The still encoded items of an RLP list; MalformedRlpError if they do not fill it exactly.

    Overlong headers are let through: a reader wanting canonical input encodes what it read and compares.
    """
    if not rlp or rlp[0] < 0xC0:
        raise MalformedRlpError("not an RLP list")
    start, end = _payload(rlp, 0)
    items = []
    while start < end <= len(rlp):
        stop = _payload(rlp, start)[1]
        items.append(rlp[start:stop])
        start = stop
    if not start == end == len(rlp):
        raise MalformedRlpError("the items of an RLP list do not fill it")
    return items


def decode_bytes(item: bytes) -> bytes:
    """The byte string encoded by one item of `split_list`; MalformedRlpError if it is a list."""
    if item[0] >= 0xC0:
        raise MalformedRlpError("an RLP list where a byte string is due")
    return item[_payload(item, 0)[0] :]


def _header(kind: int, length: int) -> bytes:
    if length < 56:
        return bytes((kind + length,))
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((kind + 55 + len(size),)) + size


def _payload(data: bytes, start: int) -> tuple[int, int]:
    """Where the payload of the item at `start` begins and ends, by its header."""
    first = data[start]
    if first < 0x80:
        return start, start + 1
    length = first - (0x80 if first < 0xC0 else 0xC0)
    start += 1
    if length > 55:
        size = length - 55
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    return start, start + length
