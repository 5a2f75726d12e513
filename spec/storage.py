"""Typed storage over 32-byte words, laid out as solc lays it out, with a journal.

A contract declares its variables once, with their slots. Every write goes to a word and is journaled, so the state of a
contract *is* its storage words: the same words, the same storage root as in any EVM. A variable that was never written
reads as zero, and a word that becomes zero is dropped, as in an EVM's storage trie.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeAlias, TypeVar

from spec.encoding import encode_word
from spec.hashing import keccak256
from spec.messages import Address, address_from_int
from spec.uint256 import MAX_UINT256, U256, ZERO

Change: TypeAlias = "tuple[Account, int, U256]"
"""One write: the contract, the slot, and the word that stood there before."""


class Words(dict[int, U256]):
    """Slot |-> word; zero words are absent."""

    def __missing__(self, slot: int) -> U256:
        return ZERO


class Account:
    """The storage words of one contract, and the journal shared by all contracts of a world."""

    def __init__(self, address: Address, journal: list[Change], words: Words) -> None:
        self.address = address
        self.journal = journal
        self.words = words

    def write(self, slot: int, word: U256) -> None:
        """Store a word and journal what it replaces."""
        words = self.words
        self.journal.append((self, slot, words[slot]))
        if word:
            words[slot] = word
        else:
            words.pop(slot, None)

    def restore(self, slot: int, word: U256) -> None:
        """Put back what a journaled write replaced."""
        if word:
            self.words[slot] = word
        else:
            self.words.pop(slot, None)


class Record:
    """Variables that lie together: a contract, a struct, or an ERC-7201 namespace, from ``base`` upwards."""

    def __init__(self, account: Account, base: int = 0) -> None:
        self.account = account
        self.base = base
        self.words = account.words

    @classmethod
    def offset_of(cls, name: str) -> int:
        """Return how many slots above the base a variable lies."""
        offset: int = vars(cls)[name].offset
        return offset


class Uint256Variable:
    """A ``uint256`` in a slot of its own, ``offset`` slots above the record's base."""

    def __init__(self, offset: int) -> None:
        self.offset = offset

    def __get__(self, record: Record, owner: object) -> U256:
        return record.words[record.base + self.offset]

    def __set__(self, record: Record, value: U256) -> None:
        record.account.write(record.base + self.offset, value)


class _Packed:
    """Some bytes of a slot, counted from the lowest."""

    def __init__(self, offset: int, size: int, lowest_byte: int = 0) -> None:
        self.offset = offset
        self.shift = 8 * lowest_byte
        self.mask = (1 << (8 * size)) - 1

    def read(self, record: Record) -> int:
        return (record.words[record.base + self.offset] >> self.shift) & self.mask

    def write(self, record: Record, value: int) -> None:
        slot = record.base + self.offset
        others = record.words[slot] & (MAX_UINT256 ^ (self.mask << self.shift))
        record.account.write(slot, U256(others | (value << self.shift)))


class AddressVariable(_Packed):
    """An ``address``: 20 bytes of a slot."""

    def __init__(self, offset: int, lowest_byte: int = 0) -> None:
        super().__init__(offset, 20, lowest_byte)

    def __get__(self, record: Record, owner: object) -> Address:
        return address_from_int(self.read(record))

    def __set__(self, record: Record, value: Address) -> None:
        self.write(record, int.from_bytes(value, "big"))


class BoolVariable(_Packed):
    """A ``bool``: one byte of a slot."""

    def __init__(self, offset: int, lowest_byte: int = 0) -> None:
        super().__init__(offset, 1, lowest_byte)

    def __get__(self, record: Record, owner: object) -> bool:
        return self.read(record) != 0

    def __set__(self, record: Record, value: bool) -> None:
        self.write(record, int(value))


class Uint64Variable(_Packed):
    """A ``uint64``: eight bytes of a slot."""

    def __init__(self, offset: int, lowest_byte: int = 0) -> None:
        super().__init__(offset, 8, lowest_byte)

    def __get__(self, record: Record, owner: object) -> int:
        return self.read(record)

    def __set__(self, record: Record, value: int) -> None:
        self.write(record, value)


class Bytes32Variable:
    """A ``bytes32`` in a slot of its own."""

    def __init__(self, offset: int) -> None:
        self.offset = offset

    def __get__(self, record: Record, owner: object) -> bytes:
        return encode_word(record.words[record.base + self.offset])

    def __set__(self, record: Record, value: bytes) -> None:
        record.account.write(record.base + self.offset, U256(int.from_bytes(value, "big")))


class ShortStringVariable:
    """A ``string`` of at most 31 bytes of UTF-8: its bytes on the left, twice its length in the lowest byte."""

    def __init__(self, offset: int) -> None:
        self.offset = offset

    def __get__(self, record: Record, owner: object) -> str:
        word = encode_word(record.words[record.base + self.offset])
        return word[: word[31] // 2].decode()

    def __set__(self, record: Record, value: str) -> None:
        content = value.encode()
        if len(content) > 31:
            raise ValueError(f"{value!r} is longer than the 31 bytes of a short string")
        word = content.ljust(31, b"\0") + bytes([2 * len(content)])
        record.account.write(record.base + self.offset, U256(int.from_bytes(word, "big")))


Key = TypeVar("Key", Address, bytes)
Entry = TypeVar("Entry")
Struct = TypeVar("Struct", bound=Record)


class _Slots(dict[Key, int]):
    """Key |-> slot of a mapping at ``base``, computed once per key."""

    def __init__(self, base: int) -> None:
        self.base = encode_word(base)

    def __missing__(self, key: Key) -> int:
        slot = int.from_bytes(keccak256(encode_word(key) + self.base), "big")
        self[key] = slot
        return slot


class Uint256Mapping(Generic[Key]):
    """``mapping(key => uint256)`` at ``offset`` slots above the record's base."""

    def __init__(self, record: Record, offset: int) -> None:
        self.account = record.account
        self.words = record.words
        self.slots: _Slots[Key] = _Slots(record.base + offset)

    def __getitem__(self, key: Key) -> U256:
        return self.words[self.slots[key]]

    def __setitem__(self, key: Key, value: U256) -> None:
        self.account.write(self.slots[key], value)

    def __iter__(self) -> Iterator[Key]:
        """Iterate over the keys that were looked at, in that order; all others hold zero."""
        return iter(tuple(self.slots))

    def total(self) -> int:
        """Return the sum over the keys that were looked at, which need not be a uint256."""
        return sum(map(int, filter(None, map(self.words.get, self.slots.values()))))


class BoolMapping(Generic[Key]):
    """``mapping(key => bool)`` at ``offset`` slots above the record's base."""

    def __init__(self, record: Record, offset: int) -> None:
        self.account = record.account
        self.slots: _Slots[Key] = _Slots(record.base + offset)

    def __getitem__(self, key: Key) -> bool:
        return self.account.words[self.slots[key]] != 0

    def __setitem__(self, key: Key, value: bool) -> None:
        self.account.write(self.slots[key], U256(int(value)))


class RecordMapping(Generic[Key, Struct]):
    """``mapping(key => struct)``, or a mapping of mappings, at ``offset`` slots above the record's base."""

    def __init__(self, record: Record, offset: int, struct: type[Struct]) -> None:
        self.account = record.account
        self.struct = struct
        self.slots: _Slots[Key] = _Slots(record.base + offset)
        self._records: dict[Key, Struct] = {}

    def __getitem__(self, key: Key) -> Struct:
        record = self._records.get(key)
        if record is None:
            record = self._records[key] = self.struct(self.account, self.slots[key])
        return record

    def __iter__(self) -> Iterator[Key]:
        """Iterate over the keys that were looked at, in that order; all others hold zero."""
        return iter(tuple(self.slots))


class Uint256Table(Record):
    """``mapping(address => uint256)`` as the value of another mapping: ``table.of[key]``."""

    def __init__(self, account: Account, base: int) -> None:
        super().__init__(account, base)
        self.of: Uint256Mapping[Address] = Uint256Mapping(self, 0)


class Uint256Array:
    """``uint256[length]`` in consecutive slots from ``offset`` above the record's base."""

    def __init__(self, record: Record, offset: int, length: int) -> None:
        self.account = record.account
        self.words = record.words
        self.base = record.base + offset
        self.length = length

    def __getitem__(self, index: int) -> U256:
        if not 0 <= index < self.length:
            raise IndexError(f"index {index} is outside an array of {self.length}")
        return self.words[self.base + index]

    def __iter__(self) -> Iterator[U256]:
        return map(self.words.__getitem__, range(self.base, self.base + self.length))

    def replace(self, values: tuple[U256, ...]) -> None:
        """Store ``values``, one for each element."""
        for slot, value in enumerate(values, self.base):
            self.account.write(slot, value)


def erc7201(namespace: str) -> int:
    """Return a namespace's base slot (ERC-7201): keccak256(keccak256(namespace) - 1), its lowest byte cleared."""
    inner = int.from_bytes(keccak256(namespace.encode()), "big") - 1
    return int.from_bytes(keccak256(encode_word(inner)), "big") & ~0xFF
