"""Blocks that are wrong in one thing only: all else in them, and the seal, is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from conformance.vectors.chains.story import KEY
from ledger.blocks import Block, BlockErrorCode
from ledger.bloom import BLOOM_SIZE
from ledger.keys import SequencerKey
from ledger.recursive_length_prefix import decode_bytes, encode_bytes, encode_int, encode_list, split_list
from spec.hashing import keccak256
from spec.signatures import CURVE_ORDER

FIELDS: Final = {
    name: place
    for place, name in enumerate(
        (
            *("parentHash", "ommersHash", "beneficiary", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"),
            *("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce"),
            "baseFeePerGas",
        )
    )
}
"""Field of a header |-> its place."""

SEAL: Final = frozenset({"extraData", "mixHash"})
"""The fields that hold it."""

ELSEWHERE: Final = keccak256(b"a hash of nothing that is known")
OTHER_KEY: Final = SequencerKey.from_secret(keccak256(b"the key of somebody who is not the sequencer"))

Alteration = Callable[[Block], bytes]
"""Block |-> RLP of what is no such block."""


def sealed(items: list[bytes], key: SequencerKey = KEY) -> list[bytes]:
    """Return the encoded fields of a header with the seal that belongs to them, whatever they are."""
    extra, mix = FIELDS["extraData"], FIELDS["mixHash"]
    unsealed = items.copy()
    unsealed[extra], unsealed[mix] = encode_bytes(b""), encode_bytes(bytes(32))
    signature = key.sign(keccak256(encode_list(unsealed)))
    unsealed[mix], unsealed[extra] = encode_bytes(signature[:32]), encode_bytes(signature[32:])
    return unsealed


def header(fields: Mapping[str, bytes], key: SequencerKey = KEY) -> Alteration:
    """Return what puts other encoded fields into the header and seals it anew; the seal's own fields stay as given."""

    def altered(block: Block) -> bytes:
        items = split_list(block.header.rlp)
        for name, item in fields.items():
            items[FIELDS[name]] = item
        items = sealed(items, key)
        for name in SEAL & fields.keys():
            items[FIELDS[name]] = fields[name]
        return _with_header(block, items)

    return altered


def _with_header(block: Block, items: list[bytes]) -> bytes:
    return encode_list([encode_list(items), *split_list(block.encode())[1:]])


def _body(transactions: bytes | None = None, ommers: bytes | None = None) -> Alteration:
    def altered(block: Block) -> bytes:
        items = split_list(block.encode())
        return encode_list([items[0], transactions or items[1], ommers or items[2]])

    return altered


def _shortened_header(block: Block) -> bytes:
    return _with_header(block, sealed(split_list(block.header.rlp))[:-1])


def _high_s(block: Block) -> bytes:
    s = CURVE_ORDER - int.from_bytes(block.header.extra_data, "big")
    items = split_list(block.header.rlp)
    items[FIELDS["extraData"]] = encode_bytes(s.to_bytes(32, "big"))
    return _with_header(block, items)


def _swapped_bloom(block: Block) -> bytes:
    bloom = bytes(BLOOM_SIZE) if any(block.header.logs_bloom) else b"\x01" * BLOOM_SIZE
    return header({"logsBloom": encode_bytes(bloom)})(block)


def _integer(field: str, change: Callable[[int], int]) -> Alteration:
    names = {"number": "number", "gasLimit": "gas_limit", "timestamp": "timestamp"}

    def altered(block: Block) -> bytes:
        return header({field: encode_int(change(getattr(block.header, names[field])))})(block)

    return altered


def _shortened(field: str) -> Alteration:
    """Return what takes the last byte from a field of the header."""

    def altered(block: Block) -> bytes:
        items = split_list(block.header.rlp)
        return header({field: encode_bytes(decode_bytes(items[FIELDS[field]])[:-1])})(block)

    return altered


_HASH: Final = encode_bytes(ELSEWHERE)

ALTERATIONS: Final[Mapping[str, tuple[BlockErrorCode, Alteration]]] = {
    "cut-short": (BlockErrorCode.TRUNCATED, lambda block: block.encode()[:-1]),
    "no-bytes": (BlockErrorCode.MALFORMED, lambda _: b""),
    "a-byte-too-many": (BlockErrorCode.TRAILING_BYTES, lambda block: block.encode() + b"\0"),
    "number-with-a-leading-zero": (
        BlockErrorCode.NOT_CANONICAL,
        lambda block: header({"number": b"\x82\x00" + bytes([block.header.number])})(block),
    ),
    "header-without-its-last-field": (BlockErrorCode.MALFORMED, _shortened_header),
    "parent-hash-of-31-bytes": (BlockErrorCode.MALFORMED, _shortened("parentHash")),
    "beneficiary-of-19-bytes": (BlockErrorCode.MALFORMED, _shortened("beneficiary")),
    "state-root-of-31-bytes": (BlockErrorCode.MALFORMED, _shortened("stateRoot")),
    "transactions-root-of-31-bytes": (BlockErrorCode.MALFORMED, _shortened("transactionsRoot")),
    "receipts-root-of-31-bytes": (BlockErrorCode.MALFORMED, _shortened("receiptsRoot")),
    "bloom-of-255-bytes": (BlockErrorCode.MALFORMED, _shortened("logsBloom")),
    "r-of-the-seal-of-31-bytes": (BlockErrorCode.MALFORMED, _shortened("mixHash")),
    "s-of-the-seal-of-31-bytes": (BlockErrorCode.MALFORMED, _shortened("extraData")),
    "a-byte-string-for-a-block": (BlockErrorCode.MALFORMED, lambda block: encode_bytes(block.encode())),
    "ommers-hash": (BlockErrorCode.WRONG_OMMERS, header({"ommersHash": _HASH})),
    "an-ommer": (BlockErrorCode.WRONG_OMMERS, lambda block: _body(ommers=encode_list([block.header.rlp]))(block)),
    "difficulty": (BlockErrorCode.NONZERO_WORK, header({"difficulty": encode_int(1)})),
    "proof-of-work-nonce": (BlockErrorCode.NONZERO_WORK, header({"nonce": encode_bytes(bytes(7) + b"\x01")})),
    "gas-used": (BlockErrorCode.NONZERO_GAS, header({"gasUsed": encode_int(21_000)})),
    "base-fee": (BlockErrorCode.NONZERO_GAS, header({"baseFeePerGas": encode_int(7)})),
    "number-beyond-64-bits": (BlockErrorCode.OUT_OF_RANGE, header({"number": encode_int(2**64)})),
    "gas-limit-beyond-64-bits": (BlockErrorCode.OUT_OF_RANGE, header({"gasLimit": encode_int(2**64)})),
    "timestamp-beyond-64-bits": (BlockErrorCode.OUT_OF_RANGE, header({"timestamp": encode_int(2**64)})),
    "transaction-of-no-bytes": (
        BlockErrorCode.UNKNOWN_TYPE,
        _body(transactions=encode_list([encode_bytes(b"")])),
    ),
    "transaction-of-an-unknown-type": (
        BlockErrorCode.UNKNOWN_TYPE,
        _body(transactions=encode_list([encode_bytes(b"\x03\xc0")])),
    ),
    "transactions-left-out": (BlockErrorCode.WRONG_TRANSACTIONS, _body(transactions=encode_list([]))),
    "transactions-root": (BlockErrorCode.WRONG_TRANSACTIONS, header({"transactionsRoot": _HASH})),
    "without-a-seal": (
        BlockErrorCode.UNSEALED,
        header({"extraData": encode_bytes(b""), "mixHash": encode_bytes(bytes(32))}),
    ),
    "beneficiary-and-seal-of-another": (
        BlockErrorCode.WRONG_BENEFICIARY,
        header({"beneficiary": encode_bytes(OTHER_KEY.address)}, OTHER_KEY),
    ),
    "seal-with-the-higher-s": (BlockErrorCode.HIGH_S, _high_s),
    "seal-of-another": (BlockErrorCode.BAD_SEAL, header({}, OTHER_KEY)),
    "parent": (BlockErrorCode.UNKNOWN_PARENT, header({"parentHash": _HASH})),
    "number-too-high": (BlockErrorCode.WRONG_NUMBER, _integer("number", lambda number: number + 1)),
    "number-of-its-parent": (BlockErrorCode.WRONG_NUMBER, _integer("number", lambda number: number - 1)),
    "gas-limit": (BlockErrorCode.WRONG_GAS_LIMIT, _integer("gasLimit", lambda limit: limit + 1)),
    "earlier-than-its-parent": (
        BlockErrorCode.TIME_RUNS_BACKWARDS,
        _integer("timestamp", lambda timestamp: timestamp - 2),
    ),
    "receipts-root": (BlockErrorCode.WRONG_RECEIPTS, header({"receiptsRoot": _HASH})),
    "bloom": (BlockErrorCode.WRONG_BLOOM, _swapped_bloom),
    "state-root": (BlockErrorCode.WRONG_STATE, header({"stateRoot": _HASH})),
}
"""What is wrong |-> how a block is refused that is altered so."""
