"""Paths in a trie, and their hex-prefix encoding (yellow paper, appendix C).

A path is a string of nibbles, one per byte (0..15), closed by TERMINATOR if it leads to a value. Thanks to the
terminator no key's path is a prefix of another's, so the trie has no special case for keys of unequal length.
"""

from binascii import hexlify, unhexlify

from ledger.recursive_length_prefix import MalformedRlpError

TERMINATOR = 16
"""The nibble past the last one of a key; the index of the value among the items of a branch."""

_FROM_HEX = bytes.maketrans(b"0123456789abcdef", bytes(range(16)))
_TO_HEX = bytes.maketrans(bytes(range(16)), b"0123456789abcdef")
_CLOSE = bytes([TERMINATOR])


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
    """The path packed by `hex_prefix`; MalformedRlpError if none is packed like this."""
    nibbles = hexlify(packed).translate(_FROM_HEX)
    flag = nibbles[0] if nibbles else 0
    path = nibbles[1 if flag & 1 else 2 :] + (_CLOSE if flag & 2 else b"")
    if not path:
        raise MalformedRlpError("a node of two items needs a path")
    if flag > 3 or (not flag & 1 and nibbles[1]):
        raise MalformedRlpError("a trie node is not encoded canonically")
    return path
