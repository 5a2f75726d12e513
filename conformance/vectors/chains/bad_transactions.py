"""Transactions that cannot be in a block, each with the one that a client takes it for which does not look closely."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Final

from conformance.vectors.chains.story import ALICE, BOB, CAROL, FUNDS, Story
from ledger.execution import PRECOMPILES
from ledger.recursive_length_prefix import encode_bytes, encode_int, encode_list, split_list
from ledger.secret_keys import sign
from ledger.transactions import (
    MAX_NONCE,
    MAX_SIZE,
    Transaction,
    TransactionErrorCode,
    TransactionType,
    signing_digest,
)
from spec.addresses import STAKING_IMPLEMENTATION
from spec.hashing import keccak256
from spec.messages import Address
from spec.signatures import CURVE_ORDER, recover

Bad = Callable[[Story], Sequence[Transaction]]
"""Story |-> transactions of a block, the last of which is bad: to be carried out as they stand, encoded as in `raw`."""

DYNAMIC: Final = ("chainId", "nonce", "priority", "fee", "gasLimit", "to", "value", "data", "accessList", "v", "r", "s")

_SHORT_KEY: Final = encode_bytes(bytes(31))


def _right(story: Story, nonce: int = 1, value: int = 5) -> Transaction:
    """Return a transaction that can be in the next block."""
    return story.decoded(story.transaction(BOB.secret, CAROL.address, value=value, nonce=nonce))


def _signed(story: Story, items: list[bytes]) -> bytes:
    """Return the encoding of fields without a signature, with the one that belongs to them."""
    digest = signing_digest(TransactionType.DYNAMIC_FEE, story.genesis.chain_id, items)
    return b"\x02" + encode_list([*items, *map(encode_int, sign(digest, BOB.secret))])


def _fields(**changed: bytes) -> Bad:
    """Return what signs a transaction with other encoded fields."""

    def bad(story: Story) -> Sequence[Transaction]:
        right = _right(story)
        items = split_list(right.raw[1:])
        for name, item in changed.items():
            items[DYNAMIC.index(name)] = item
        return [right._replace(raw=_signed(story, items[:-3]))]

    return bad


def _shown(change: Callable[[Transaction], bytes]) -> Bad:
    """Return what encodes a transaction otherwise."""

    def bad(story: Story) -> Sequence[Transaction]:
        right = _right(story)
        return [right._replace(raw=change(right))]

    return bad


def _without_access_list(right: Transaction) -> bytes:
    items = split_list(right.raw[1:])
    items.pop(DYNAMIC.index("accessList"))
    return b"\x02" + encode_list(items)


def _signature(v: int | None = None, r: int | None = None, s: Callable[[int], int] = lambda s: s) -> Bad:
    def change(right: Transaction) -> bytes:
        items = split_list(right.raw[1:])[:-3]
        numbers = (right.y_parity if v is None else v, right.r if r is None else r, s(right.s))
        return b"\x02" + encode_list([*items, *map(encode_int, numbers)])

    return _shown(change)


def _unprotected(parity: int) -> Bad:
    """Return what is signed for no chain, as before EIP-155, by a signature with this parity."""

    def bad(story: Story) -> Sequence[Transaction]:
        for value in count(5):
            right = _legacy(story, value)
            items = split_list(right.raw)[:6]
            signature = sign(keccak256(encode_list(items)), BOB.secret)
            if signature.y_parity == parity:
                break
        return [right._replace(raw=encode_list([*items, *map(encode_int, (27 + parity, *signature[1:]))]))]

    return bad


def _legacy(story: Story, value: int = 5) -> Transaction:
    return story.decoded(
        story.transaction(BOB.secret, CAROL.address, value=value, nonce=1, kind=TransactionType.LEGACY)
    )


def _legacy_field(place: int, number: int) -> Bad:
    """Return a legacy transaction with another number in one place; its signature is that of the right one."""

    def bad(story: Story) -> Sequence[Transaction]:
        right = _legacy(story)
        items = split_list(right.raw)
        items[place] = encode_int(number)
        return [right._replace(raw=encode_list(items))]

    return bad


def _r_of_no_point(story: Story) -> Sequence[Transaction]:
    right = _right(story)
    digest = bytes(32)
    r = next(r for r in count(1) if recover(digest, 27, r.to_bytes(32, "big"), right.s.to_bytes(32, "big")) is None)
    return _signature(r=r)(story)


def _high_s(story: Story) -> Sequence[Transaction]:
    right = _right(story)
    items = split_list(right.raw[1:])[:-3]
    numbers = (1 - right.y_parity, right.r, CURVE_ORDER - right.s)
    return [right._replace(raw=b"\x02" + encode_list([*items, *map(encode_int, numbers)]))]


def _nonce(nonce: int) -> Bad:
    """Return what has another nonce, and is carried out all the same."""

    def bad(story: Story) -> Sequence[Transaction]:
        return [_right(story, nonce)._replace(nonce=1)]

    return bad


def _twice_in_a_block(story: Story) -> Sequence[Transaction]:
    right = _right(story)
    return [right, right._replace(nonce=2)]


def _more_than_there_is(story: Story) -> Sequence[Transaction]:
    return [_right(story, value=FUNDS)._replace(value=0)]


def _behind_a_right_one(story: Story) -> Sequence[Transaction]:
    first = story.decoded(story.call(ALICE.secret, "vvv.transfer", CAROL.address, 10**18, nonce=1))
    return [first, _right(story, 2)._replace(nonce=1)]


def _to(address: Address) -> Bad:
    """Return what calls code that nobody has specified, and is carried out as a call of nobody."""

    def bad(story: Story) -> Sequence[Transaction]:
        called = story.decoded(story.transaction(BOB.secret, address, nonce=1))
        return [called._replace(to=CAROL.address)]

    return bad


BAD_TRANSACTIONS: Final[Mapping[str, tuple[TransactionErrorCode, Bad]]] = {
    "more-than-128-KiB": (TransactionErrorCode.OVERSIZED, _fields(data=encode_bytes(bytes(MAX_SIZE)))),
    "without-an-access-list": (
        TransactionErrorCode.MALFORMED,
        _shown(_without_access_list),
    ),
    "to-an-address-of-19-bytes": (TransactionErrorCode.MALFORMED, _fields(to=encode_bytes(CAROL.address[1:]))),
    "an-empty-list": (TransactionErrorCode.MALFORMED, _shown(lambda _: encode_list([]))),
    "access-list-with-an-address-alone": (
        TransactionErrorCode.MALFORMED,
        _fields(accessList=encode_list([encode_list([encode_bytes(CAROL.address)])])),
    ),
    "access-list-with-a-key-of-31-bytes": (
        TransactionErrorCode.MALFORMED,
        _fields(accessList=encode_list([encode_list([encode_bytes(CAROL.address), encode_list([_SHORT_KEY])])])),
    ),
    "value-with-a-leading-zero": (TransactionErrorCode.NOT_CANONICAL, _fields(value=b"\x82\x00\x05")),
    "a-byte-too-many": (TransactionErrorCode.TRAILING_BYTES, _shown(lambda right: right.raw + b"\0")),
    "nonce-that-has-no-successor": (TransactionErrorCode.OUT_OF_RANGE, _fields(nonce=encode_int(MAX_NONCE + 1))),
    "value-beyond-256-bits": (TransactionErrorCode.OUT_OF_RANGE, _fields(value=encode_int(2**256))),
    "gas-limit-beyond-64-bits": (TransactionErrorCode.OUT_OF_RANGE, _fields(gasLimit=encode_int(2**64))),
    "fee-beyond-256-bits": (TransactionErrorCode.OUT_OF_RANGE, _fields(fee=encode_int(2**256))),
    "priority-fee-beyond-256-bits": (TransactionErrorCode.OUT_OF_RANGE, _fields(priority=encode_int(2**256))),
    "chain-beyond-256-bits": (TransactionErrorCode.OUT_OF_RANGE, _fields(chainId=encode_int(2**256))),
    "gas-price-beyond-256-bits": (TransactionErrorCode.OUT_OF_RANGE, _legacy_field(1, 2**256)),
    "v-beyond-256-bits": (TransactionErrorCode.OUT_OF_RANGE, _legacy_field(6, 2**256)),
    "r-beyond-256-bits": (TransactionErrorCode.OUT_OF_RANGE, _signature(r=2**256)),
    "s-beyond-256-bits": (TransactionErrorCode.OUT_OF_RANGE, _signature(s=lambda _: 2**256)),
    "v-of-27": (TransactionErrorCode.UNPROTECTED, _unprotected(0)),
    "v-of-28": (TransactionErrorCode.UNPROTECTED, _unprotected(1)),
    "v-of-34": (TransactionErrorCode.BAD_SIGNATURE, _legacy_field(6, 34)),
    "v-of-35": (TransactionErrorCode.WRONG_CHAIN, _legacy_field(6, 35)),
    "signed-for-another-chain": (TransactionErrorCode.WRONG_CHAIN, _fields(chainId=encode_int(1))),
    "creation-of-a-contract": (TransactionErrorCode.CONTRACT_CREATION, _fields(to=encode_bytes(b""))),
    "priority-fee-above-the-fee": (TransactionErrorCode.FEE_ORDER, _fields(priority=encode_int(1))),
    "parity-of-2": (TransactionErrorCode.BAD_SIGNATURE, _signature(v=2)),
    "r-of-zero": (TransactionErrorCode.BAD_SIGNATURE, _signature(r=0)),
    "r-of-no-point": (TransactionErrorCode.BAD_SIGNATURE, _r_of_no_point),
    "s-of-the-order": (TransactionErrorCode.BAD_SIGNATURE, _signature(s=lambda _: CURVE_ORDER)),
    "signature-with-the-higher-s": (TransactionErrorCode.HIGH_S, _high_s),
    "a-nonce-twice": (TransactionErrorCode.NONCE_TOO_LOW, _nonce(0)),
    "a-nonce-twice-in-a-block": (TransactionErrorCode.NONCE_TOO_LOW, _twice_in_a_block),
    "a-nonce-left-out": (TransactionErrorCode.NONCE_TOO_HIGH, _nonce(2)),
    "behind-a-right-one": (TransactionErrorCode.NONCE_TOO_HIGH, _behind_a_right_one),
    "more-ether-than-there-is": (TransactionErrorCode.INSUFFICIENT_FUNDS, _more_than_there_is),
    "to-a-precompiled-contract": (TransactionErrorCode.UNSPECIFIED_CODE, _to(min(PRECOMPILES))),
    "to-the-implementation-behind-the-proxy": (TransactionErrorCode.UNSPECIFIED_CODE, _to(STAKING_IMPLEMENTATION)),
}
"""What is wrong |-> why a block with it is refused."""
