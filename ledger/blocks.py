"""Blocks as Ethereum has them since London, so that its tools can read them, sealed by the sequencer's signature.

What this chain has none of (ommers, work, gas) is no field here, and is in the encoding what Ethereum has for none.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final, NamedTuple, NoReturn, TypeVar

from ledger.bloom import BLOOM_SIZE
from ledger.keys import SequencerKey
from ledger.receipts import transactions_root
from ledger.recursive_length_prefix import (
    MalformedRlpError,
    OverlongRlpError,
    TrailingRlpError,
    TruncatedRlpError,
    decode_bytes,
    decode_int,
    encode_bytes,
    encode_int,
    encode_list,
    split_list,
)
from ledger.transactions import MAX_UINT64
from spec.hashing import keccak256
from spec.messages import Address
from spec.signatures import CURVE_ORDER, recover

SCALAR_SIZE: Final = 32
"""Bytes of each half of a seal, r and s of the signature."""

_NO_OMMERS: Final = encode_list(())
EMPTY_OMMERS_HASH: Final = keccak256(_NO_OMMERS)

_FIELDS: Final = (
    *("parentHash", "ommersHash", "beneficiary", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"),
    *("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas"),
)

_T = TypeVar("_T")


class BlockErrorCode(StrEnum):
    """Why a block is refused: first by itself, then by its parent, then by what carrying it out comes to."""

    TRUNCATED = "truncated"
    TRAILING_BYTES = "trailing bytes"
    NOT_CANONICAL = "not canonical"
    MALFORMED = "malformed"
    WRONG_OMMERS = "wrong ommers"
    NONZERO_WORK = "nonzero work"
    NONZERO_GAS = "nonzero gas"
    OUT_OF_RANGE = "out of range"
    UNKNOWN_TYPE = "unknown type"
    WRONG_TRANSACTIONS = "wrong transactions"
    UNSEALED = "unsealed"
    WRONG_BENEFICIARY = "wrong beneficiary"
    HIGH_S = "high s"
    BAD_SEAL = "bad seal"
    UNKNOWN_PARENT = "unknown parent"
    WRONG_NUMBER = "wrong number"
    WRONG_GAS_LIMIT = "wrong gas limit"
    TIME_RUNS_BACKWARDS = "time runs backwards"
    BAD_TRANSACTION = "bad transaction"
    WRONG_RECEIPTS = "wrong receipts"
    WRONG_BLOOM = "wrong bloom"
    WRONG_STATE = "wrong state"


class BlockError(ValueError):
    """The block is refused: `code` says why to a program, the message what was found where to a person."""

    def __init__(self, code: BlockErrorCode, field: str, found: object, expected: object) -> None:
        super().__init__(f"{code}: {field}: found {found}, expected {expected}")
        self.code: Final = code
        self.field: Final = field


_CODES: Final[dict[type[MalformedRlpError], BlockErrorCode]] = {
    TruncatedRlpError: BlockErrorCode.TRUNCATED,
    TrailingRlpError: BlockErrorCode.TRAILING_BYTES,
    OverlongRlpError: BlockErrorCode.NOT_CANONICAL,
}
_INTEGERS: Final = frozenset({"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas"})
_FIXED: Final = {
    "ommersHash": (encode_bytes(EMPTY_OMMERS_HASH), BlockErrorCode.WRONG_OMMERS),
    "difficulty": (encode_int(0), BlockErrorCode.NONZERO_WORK),
    "gasUsed": (encode_int(0), BlockErrorCode.NONZERO_GAS),
    "nonce": (encode_bytes(bytes(8)), BlockErrorCode.NONZERO_WORK),
    "baseFeePerGas": (encode_int(0), BlockErrorCode.NONZERO_GAS),
}
"""What a field always is, and the code if it is not."""


@dataclass(frozen=True)
class Header:
    """What a block says of itself; all else in it follows.

    Raises
    ------
    BlockError : for the first of the fields, in their order, which is MALFORMED : not of its length; or OUT_OF_RANGE :
        no uint64.
    """

    parent_hash: bytes
    """32 bytes."""

    beneficiary: Address
    """The sequencer."""

    state_root: bytes
    """32 bytes: after all transactions of the block."""

    transactions_root: bytes
    """32 bytes."""

    receipts_root: bytes
    """32 bytes."""

    logs_bloom: bytes
    """256 bytes: of the logs of all receipts."""

    number: int
    """Blocks before it."""

    gas_limit: int

    timestamp: int
    """Seconds since 1970."""

    extra_data: bytes = b""
    """The seal's s, 32 bytes; empty in what is signed."""

    mix_hash: bytes = bytes(32)
    """The seal's r, 32 bytes; zero in what is signed.

    Some of Ethereum's tools refuse more than 32 bytes in ``extraData``, where both halves would be at home.
    """

    def __post_init__(self) -> None:
        _check_length("parentHash", self.parent_hash, 32)
        _check_length("beneficiary", self.beneficiary, 20)
        _check_length("stateRoot", self.state_root, 32)
        _check_length("transactionsRoot", self.transactions_root, 32)
        _check_length("receiptsRoot", self.receipts_root, 32)
        _check_length("logsBloom", self.logs_bloom, BLOOM_SIZE)
        _check_uint64("number", self.number)
        _check_uint64("gasLimit", self.gas_limit)
        _check_uint64("timestamp", self.timestamp)
        if self.extra_data:
            _check_length("extraData", self.extra_data, SCALAR_SIZE)
        _check_length("mixHash", self.mix_hash, 32)

    @cached_property
    def rlp(self) -> bytes:
        """The encoding: a list of 16 fields in Ethereum's order."""
        return encode_list(
            (
                encode_bytes(self.parent_hash),
                encode_bytes(EMPTY_OMMERS_HASH),
                encode_bytes(self.beneficiary),
                encode_bytes(self.state_root),
                encode_bytes(self.transactions_root),
                encode_bytes(self.receipts_root),
                encode_bytes(self.logs_bloom),
                encode_int(0),  # difficulty
                encode_int(self.number),
                encode_int(self.gas_limit),
                encode_int(0),  # gasUsed
                encode_int(self.timestamp),
                encode_bytes(self.extra_data),
                encode_bytes(self.mix_hash),
                encode_bytes(bytes(8)),  # nonce
                encode_int(0),  # baseFeePerGas
            )
        )

    @cached_property
    def hash(self) -> bytes:
        """The hash of the block, 32 bytes."""
        return keccak256(self.rlp)

    @property
    def sealing_digest(self) -> bytes:
        """What the sequencer signs: the hash (32 bytes) which the header has without its seal."""
        return replace(self, extra_data=b"", mix_hash=bytes(32)).hash


class Block(NamedTuple):
    """A header and the transactions to which it commits."""

    header: Header

    transactions: tuple[bytes, ...]
    """As they were sent, each such that `decode_transaction` takes it."""

    def encode(self) -> bytes:
        """The encoding: a list of header, transactions and ommers. Typed transactions are in it as byte strings."""
        transactions = (raw if _is_list(raw) else encode_bytes(raw) for raw in self.transactions)
        return encode_list((self.header.rlp, encode_list(transactions), _NO_OMMERS))


def decode_block(rlp: bytes) -> Block:
    """The block with this encoding. Transactions are taken apart no further than into the bytes of each.

    Raises
    ------
    BlockError : in this order,

        1. TRUNCATED, TRAILING_BYTES, NOT_CANONICAL, MALFORMED : it is not exactly a list of three items.
        2. As from `decode_header`.
        3. TRUNCATED, NOT_CANONICAL, MALFORMED : the transactions are no list; UNKNOWN_TYPE : the first of them which is
           neither a list nor a byte string beginning with 1 or 2.
        4. WRONG_OMMERS : the ommers are not the empty list.

    Source: yellow paper, 4.3; EIP-2718.
    """
    items = _split("block", ("header", "transactions", "ommers"), rlp)
    header = decode_header(items[0])
    transactions = _read("transactions", split_list, items[1])
    raw_transactions = tuple(_raw_transaction(at, item) for at, item in enumerate(transactions))
    if items[2] != _NO_OMMERS:
        _refuse(BlockErrorCode.WRONG_OMMERS, "ommers", f"{len(items[2])} bytes of RLP", "an empty list")
    return Block(header, raw_transactions)


def decode_header(rlp: bytes) -> Header:
    """The header with this encoding, whether it is sealed or not.

    Raises
    ------
    BlockError : in this order,

        1. TRUNCATED, TRAILING_BYTES, NOT_CANONICAL, MALFORMED : it is not exactly a list of 16 items.
        2. MALFORMED, NOT_CANONICAL : of the first field (in their order) which is no byte string or no shortest
           integer; and in the same order WRONG_OMMERS, NONZERO_WORK, NONZERO_GAS : of those which have one value only.
        3. As from `Header`.

    Source: yellow paper, 4.3; EIP-1559.
    """
    fields = dict(zip(_FIELDS, _split("header", _FIELDS, rlp), strict=True))
    content: dict[str, bytes] = {}
    number: dict[str, int] = {}
    for name, item in fields.items():
        if name in _INTEGERS:
            number[name] = _read(name, decode_int, item)
        else:
            content[name] = _read(name, decode_bytes, item)
        if name in _FIXED and item != _FIXED[name][0]:
            _refuse(_FIXED[name][1], name, f"RLP 0x{item[:40].hex()}", f"0x{_FIXED[name][0].hex()}")
    return Header(
        parent_hash=content["parentHash"],
        beneficiary=Address(content["beneficiary"]),
        state_root=content["stateRoot"],
        transactions_root=content["transactionsRoot"],
        receipts_root=content["receiptsRoot"],
        logs_bloom=content["logsBloom"],
        number=number["number"],
        gas_limit=number["gasLimit"],
        timestamp=number["timestamp"],
        extra_data=content["extraData"],
        mix_hash=content["mixHash"],
    )


def seal(header: Header, key: SequencerKey) -> Header:
    """The header with the seal by a key, whatever its seal was; BlockError (WRONG_BENEFICIARY) if it is another's."""
    _check_beneficiary(header, key.address)
    signature = key.sign(header.sealing_digest)
    return replace(header, mix_hash=signature[:SCALAR_SIZE], extra_data=signature[SCALAR_SIZE:])


def verify_seal(header: Header, sequencer: Address) -> None:
    """Check that the seal of a header is the sequencer's.

    Raises
    ------
    BlockError : in this order: UNSEALED; WRONG_BENEFICIARY : it is not the sequencer; HIGH_S : s of the signature is
        above n/2, so that there would be another seal, and another hash, of the same block; BAD_SEAL : it is not the
        sequencer's signature of this header.
    """
    if not header.extra_data:
        _refuse(BlockErrorCode.UNSEALED, "extraData", "no bytes", f"the {SCALAR_SIZE} of a seal's s")
    _check_beneficiary(header, sequencer)
    r, s = header.mix_hash, header.extra_data
    if int.from_bytes(s, "big") > CURVE_ORDER // 2:
        _refuse(BlockErrorCode.HIGH_S, "extraData", f"s = 0x{s.hex()}", "at most half the order of secp256k1")
    digest = header.sealing_digest
    # The seal does not say which of the two points with this abscissa was meant.
    if not any(recover(digest, v, r, s) == sequencer for v in (27, 28)):
        _refuse(BlockErrorCode.BAD_SEAL, "extraData", "the signature of another", f"that of 0x{sequencer.hex()}")


def verify_block(block: Block, sequencer: Address) -> None:
    """Check what a block alone shows.

    Raises
    ------
    BlockError : as from `verify_seal`; then WRONG_TRANSACTIONS : the header commits to others.
    """
    verify_seal(block.header, sequencer)
    root = transactions_root(block.transactions)
    if root != block.header.transactions_root:
        _refuse(
            BlockErrorCode.WRONG_TRANSACTIONS,
            "transactionsRoot",
            f"0x{block.header.transactions_root.hex()}",
            f"that of the transactions, 0x{root.hex()}",
        )


def _refuse(code: BlockErrorCode, field: str, found: object, expected: object) -> NoReturn:
    raise BlockError(code, field, found, expected)


def _check_length(field: str, content: bytes, size: int) -> None:
    if len(content) != size:
        _refuse(BlockErrorCode.MALFORMED, field, f"{len(content)} bytes", size)


def _check_uint64(field: str, number: int) -> None:
    if not 0 <= number <= MAX_UINT64:
        found = number if number < 0 else f"a number of {number.bit_length()} bits"
        _refuse(BlockErrorCode.OUT_OF_RANGE, field, found, f"0 to {MAX_UINT64}")


def _check_beneficiary(header: Header, sequencer: Address) -> None:
    if header.beneficiary != sequencer:
        _refuse(
            BlockErrorCode.WRONG_BENEFICIARY,
            "beneficiary",
            f"0x{header.beneficiary.hex()}",
            f"the sequencer, 0x{sequencer.hex()}",
        )


def _is_list(rlp: bytes) -> bool:
    return rlp[0] >= 0xC0


def _raw_transaction(at: int, item: bytes) -> bytes:
    if _is_list(item):
        return item
    raw = decode_bytes(item)
    # A list within a byte string would be a second encoding of the same block.
    if raw[:1] not in (b"\x01", b"\x02"):
        found = f"0x{raw[:1].hex()}" if raw else "no bytes"
        _refuse(BlockErrorCode.UNKNOWN_TYPE, f"transactions[{at}]", found, "0x01, 0x02 or a list (legacy)")
    return raw


def _split(what: str, names: tuple[str, ...], rlp: bytes) -> list[bytes]:
    items = _read(what, split_list, rlp)
    if len(items) != len(names):
        _refuse(BlockErrorCode.MALFORMED, what, f"{len(items)} items", f"{len(names)}: {', '.join(names)}")
    return items


def _read(field: str, read: Callable[[bytes], _T], item: bytes) -> _T:
    try:
        return read(item)
    except MalformedRlpError as error:
        code = _CODES.get(type(error), BlockErrorCode.MALFORMED)
        place = field if error.item is None else f"{field}[{error.item}]"
        raise BlockError(code, place, error.fault, "canonical RLP") from error
