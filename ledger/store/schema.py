"""The key schema of the store: a letter for the kind, then what it is looked up by. All integers are big-endian.

======  ==================================  ==========================================================  =============
letter  key behind the letter (bytes)       value                                                       changes
======  ==================================  ==========================================================  =============
``m``   name                                what the store is of, see `meta`                              never
``h``   nothing                             hash of the head                                            at each head
``b``   block hash (32)                     RLP of the block                                            never
``n``   number (8)                          hash of the block with it in the head's chain               at each head
``r``   block hash (32)                     RLP of the receipts of its transactions                     never
``u``   block hash (32)                     undo record: accounts and words before and after the block  dropped
``t``   transaction hash (32)               number (8) and place (4) of it in the head's chain          at each head
``a``   address (20)                        RLP of nonce and balance (wei) at the head                  at each head
``s``   address (20), slot (32)             the word there at the head, without leading zeros           at each head
``d``   node hash (32)                      RLP of a trie node                                          never
``l``   position (1), value (32), number    nothing: the block with this number in the head's chain     at each head
        (8)                                 has a log with the value there
======  ==================================  ==========================================================  =============

In the key of a log, position 0 is the address which emitted it, behind 12 zero bytes, and 1 to 4 are its topics.
What never changes is kept for ever, on every branch; the codes are in the genesis file. An undo record is dropped when
it is too deep to be undone. What changes at each head is of the head's chain alone; an account or a word which is not
there is zero.
"""

from typing import Final

from spec.messages import Address

META: Final = b"m"
HEAD: Final = b"h"
BLOCK: Final = b"b"
CANONICAL: Final = b"n"
RECEIPTS: Final = b"r"
CHANGES: Final = b"u"
TRANSACTION: Final = b"t"
ACCOUNT: Final = b"a"
WORD: Final = b"s"
NODE: Final = b"d"
LOG: Final = b"l"

FOR_EVER: Final = (META, BLOCK, RECEIPTS, NODE)
"""The kinds of keys that are never changed nor deleted."""

EMITTER: Final = 0
"""The position of a log's address; topic i (from 0) has position i + 1."""


def meta(name: str) -> bytes:
    """The key of what a store says of itself: "schema", "chain id", "genesis" (its hash) or "genesis file"."""
    return META + name.encode()


def head() -> bytes:
    """The key of the head's hash."""
    return HEAD


def block(block_hash: bytes) -> bytes:
    """The key of a block."""
    return BLOCK + block_hash


def canonical(number: int) -> bytes:
    """The key of the hash of a block in the head's chain."""
    return CANONICAL + number.to_bytes(8, "big")


def receipts(block_hash: bytes) -> bytes:
    """The key of a block's receipts."""
    return RECEIPTS + block_hash


def changes(block_hash: bytes) -> bytes:
    """The key of a block's undo record."""
    return CHANGES + block_hash


def transaction(transaction_hash: bytes) -> bytes:
    """The key of a transaction's place."""
    return TRANSACTION + transaction_hash


def account(address: Address) -> bytes:
    """The key of an account at the head."""
    return ACCOUNT + address


def word(address: Address, slot: int) -> bytes:
    """The key of a word at the head."""
    return WORD + address + slot.to_bytes(32, "big")


def node(node_hash: bytes) -> bytes:
    """The key of a trie node."""
    return NODE + node_hash


def logs(position: int, value: bytes) -> bytes:
    """What the keys of the logs with a value (20 or 32 bytes) at a position begin with."""
    return LOG + bytes((position,)) + value.rjust(32, b"\0")


def log(position: int, value: bytes, number: int) -> bytes:
    """The key which says that a block of the head's chain has a log with a value at a position."""
    return logs(position, value) + number.to_bytes(8, "big")


def number_of(key: bytes) -> int:
    """The number at the end of the key of a log or of a canonical hash."""
    return int.from_bytes(key[-8:], "big")


def address_of(key: bytes) -> Address:
    """The address in the key of an account or of a word."""
    return Address(key[1:21])


def slot_of(key: bytes) -> int:
    """The slot in the key of a word."""
    return int.from_bytes(key[21:], "big")
