"""The bloom filter of logs: which addresses and topics may be in them, in 2048 bits (yellow paper, 4.3.1).

It has no false negatives: who looks for an event skips every receipt and block whose bloom does not contain it.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from spec.hashing import keccak256
from spec.messages import Log

BLOOM_SIZE: Final = 256
"""Bytes of a bloom."""

EMPTY_BLOOM: Final = bytes(BLOOM_SIZE)


def logs_bloom(logs: Iterable[Log]) -> bytes:
    """The bloom (256 bytes) of the addresses and topics of some logs."""
    bits = 0
    for entry in {entry for log in logs for entry in (log.address, *log.topics)}:
        bits |= _bits(entry)
    return bits.to_bytes(BLOOM_SIZE, "big")


def add(bloom: bytes, entry: bytes) -> bytes:
    """The bloom (256 bytes) which also contains an entry, an address or a topic."""
    return (int.from_bytes(bloom, "big") | _bits(entry)).to_bytes(BLOOM_SIZE, "big")


def contains(bloom: bytes, entry: bytes) -> bool:
    """Whether an address or a topic may have been added to a bloom (256 bytes); if not, it certainly was not."""
    bits = _bits(entry)
    return int.from_bytes(bloom, "big") & bits == bits


# The same contracts, events and accounts come again and again.
@lru_cache(maxsize=1 << 14)
def _bits(entry: bytes) -> int:
    """The up to three bits of an entry: the low 11 bits of each of the first three pairs of bytes of its hash."""
    digest = keccak256(entry)
    bits = 0
    for at in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[at : at + 2], "big") & 2047)
    return bits
