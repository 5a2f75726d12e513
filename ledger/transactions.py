"""Transactions as Ethereum has them, signed and encoded: legacy, with an access list, with dynamic fees.

Of the same transaction there is one encoding and one signature, so nobody can make another hash for it; and it names
its chain, so nobody can repeat it elsewhere. What a transaction needs of the state is not looked at here.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple, NoReturn, TypeVar

from ledger.recursive_length_prefix import (
    MalformedRlpError,
    OverlongRlpError,
    TrailingRlpError,
    decode_bytes,
    decode_int,
    encode_bytes,
    encode_int,
    encode_list,
    split_list,
)
from ledger.secret_keys import sign
from spec.hashing import keccak256
from spec.messages import Address
from spec.signatures import CURVE_ORDER, recover
from spec.uint256 import MAX_UINT256

MAX_SIZE: Final = 128 * 1024
"""Bytes of the longest transaction; what the pools of Ethereum's nodes take."""

MAX_NONCE: Final = 2**64 - 2
"""EIP-2681: the nonce after it still has to fit."""

MAX_UINT64: Final = 2**64 - 1

AccessList = tuple[tuple[Address, tuple[bytes, ...]], ...]
"""Addresses, and of each some storage keys of 32 bytes."""

_T = TypeVar("_T")


class TransactionType(IntEnum):
    """The first byte of a typed transaction (EIP-2718); LEGACY is none."""

    LEGACY = 0
    ACCESS_LIST = 1
    DYNAMIC_FEE = 2


class TransactionErrorCode(StrEnum):
    """Why a transaction is refused: the first twelve by its bytes, four by the state, the others by a mempool."""

    OVERSIZED = "oversized"
    UNKNOWN_TYPE = "unknown type"
    MALFORMED = "malformed"
    NOT_CANONICAL = "not canonical"
    TRAILING_BYTES = "trailing bytes"
    OUT_OF_RANGE = "out of range"
    UNPROTECTED = "unprotected"
    WRONG_CHAIN = "wrong chain"
    CONTRACT_CREATION = "contract creation"
    FEE_ORDER = "fee order"
    BAD_SIGNATURE = "bad signature"
    HIGH_S = "high s"
    NONCE_TOO_LOW = "nonce too low"
    NONCE_TOO_HIGH = "nonce too high"
    INSUFFICIENT_FUNDS = "insufficient funds"
    UNSPECIFIED_CODE = "unspecified code"
    ALREADY_KNOWN = "already known"
    UNDERPRICED = "replacement transaction underpriced"
    POOL_FULL = "txpool is full"


class TransactionError(ValueError):
    """The transaction is refused: `code` says why to a program, the message what was found where to a person."""

    def __init__(self, code: TransactionErrorCode, field: str, found: object, expected: object) -> None:
        super().__init__(f"{code}: {field}: found {found}, expected {expected}")
        self.code: Final = code
        self.field: Final = field


class Transaction(NamedTuple):
    """A transaction whose signature holds."""

    type: TransactionType
    chain_id: int
    nonce: int

    max_priority_fee_per_gas: int
    """Wei; the gas price in the types which have but one."""

    max_fee_per_gas: int
    """Wei; the gas price in the types which have but one."""

    gas_limit: int
    to: Address

    value: int
    """Wei."""

    data: bytes

    access_list: AccessList
    """Empty in legacy transactions."""

    y_parity: int
    """0 or 1, whatever the type."""

    r: int
    s: int

    hash: bytes
    """32 bytes: keccak256 of `raw`."""

    sender: Address

    raw: bytes
    """The transaction as it was sent."""


_FIELDS: Final[dict[TransactionType, tuple[str, ...]]] = {
    TransactionType.LEGACY: ("nonce", "gasPrice", "gasLimit", "to", "value", "data", "v", "r", "s"),
    TransactionType.ACCESS_LIST: (
        *("chainId", "nonce", "gasPrice", "gasLimit", "to", "value", "data", "accessList"),
        *("yParity", "r", "s"),
    ),
    TransactionType.DYNAMIC_FEE: (
        *("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gasLimit", "to", "value", "data", "accessList"),
        *("yParity", "r", "s"),
    ),
}
_TYPES: Final = {b"\x01": TransactionType.ACCESS_LIST, b"\x02": TransactionType.DYNAMIC_FEE}


def decode_transaction(raw: bytes, chain_id: int) -> Transaction:
    """The transaction with this encoding, signed for the chain with this id; any gas price is accepted.

    Raises
    ------
    TransactionError : in this order,

        1. OVERSIZED : it has more than MAX_SIZE bytes.
        2. MALFORMED if it is empty; UNKNOWN_TYPE : it begins neither with a list nor with the byte 1 or 2.
        3. MALFORMED, NOT_CANONICAL, TRAILING_BYTES : it is not exactly one list of items; then MALFORMED : not of as
           many as its type has fields.
        4. MALFORMED, NOT_CANONICAL, OUT_OF_RANGE : of the first field (in their order) which is no byte string, no
           shortest integer, too large, or has no such length or shape.
        5. UNPROTECTED : v is 27 or 28, so no chain is named; BAD_SIGNATURE : it is another v below 35; WRONG_CHAIN.
        6. CONTRACT_CREATION : it is sent to nobody.
        7. FEE_ORDER : maxPriorityFeePerGas is more than maxFeePerGas.
        8. BAD_SIGNATURE : yParity is neither 0 nor 1, or r or s not in [1, n-1]; then HIGH_S : s is above n/2; then
           BAD_SIGNATURE : it is of nobody.

    Source: yellow paper, 4.3; EIP-2, 155, 1559, 2681, 2718, 2930.
    """
    if len(raw) > MAX_SIZE:
        _refuse(TransactionErrorCode.OVERSIZED, "transaction", f"{len(raw)} bytes", f"at most {MAX_SIZE}")
    kind = _type(raw)
    is_legacy = kind is TransactionType.LEGACY
    items = _items(kind, raw if is_legacy else raw[1:])
    fields = iter(items)

    named_chain = None if is_legacy else _integer("chainId", next(fields), MAX_UINT256)
    nonce = _integer("nonce", next(fields), MAX_NONCE)
    if kind is TransactionType.DYNAMIC_FEE:
        max_priority_fee = _integer("maxPriorityFeePerGas", next(fields), MAX_UINT256)
        max_fee = _integer("maxFeePerGas", next(fields), MAX_UINT256)
    else:
        max_priority_fee = max_fee = _integer("gasPrice", next(fields), MAX_UINT256)
    gas_limit = _integer("gasLimit", next(fields), MAX_UINT64)
    to = _read("to", decode_bytes, next(fields))
    if len(to) not in (0, 20):
        _refuse(TransactionErrorCode.MALFORMED, "to", f"{len(to)} bytes", "the 20 of an address")
    value = _integer("value", next(fields), MAX_UINT256)
    data = _read("data", decode_bytes, next(fields))
    access_list = () if is_legacy else _access_list(next(fields))
    v = _integer("v" if is_legacy else "yParity", next(fields), MAX_UINT256)
    r = _integer("r", next(fields), MAX_UINT256)
    s = _integer("s", next(fields), MAX_UINT256)

    if named_chain is None:
        named_chain, v = _protected(v, chain_id)
    if named_chain != chain_id:
        _refuse(TransactionErrorCode.WRONG_CHAIN, "chainId", named_chain, chain_id)
    if not to:
        _refuse(TransactionErrorCode.CONTRACT_CREATION, "to", "nobody, to create a contract", "an address")
    if max_priority_fee > max_fee:
        _refuse(
            TransactionErrorCode.FEE_ORDER, "maxPriorityFeePerGas", max_priority_fee, f"at most maxFeePerGas, {max_fee}"
        )
    digest = signing_digest(kind, chain_id, items[:-3])
    sender = _signer(digest, v, r, s)
    return Transaction(
        type=kind,
        chain_id=chain_id,
        nonce=nonce,
        max_priority_fee_per_gas=max_priority_fee,
        max_fee_per_gas=max_fee,
        gas_limit=gas_limit,
        to=Address(to),
        value=value,
        data=data,
        access_list=access_list,
        y_parity=v,
        r=r,
        s=s,
        hash=keccak256(raw),
        sender=sender,
        raw=raw,
    )


def sign_transaction(
    secret: bytes,
    kind: TransactionType = TransactionType.DYNAMIC_FEE,
    *,
    chain_id: int,
    nonce: int,
    to: bytes,
    data: bytes = b"",
    value: int = 0,
    gas_limit: int = 0,
    max_fee_per_gas: int = 0,
    max_priority_fee_per_gas: int | None = None,
    access_list: Sequence[tuple[bytes, Sequence[bytes]]] = (),
) -> bytes:
    """The encoding of a transaction signed with a secret key (32 bytes), the same each time (RFC 6979, low s).

    The types with one gas price take it from `max_fee_per_gas`, which is also what `max_priority_fee_per_gas` is unless
    given. Amounts are in wei. No field is checked: what cannot be carried out is refused by `decode_transaction`.

    Raises
    ------
    ValueError : for a field which the type does not have, or a secret which is no key.
    OverflowError : for a negative number.
    """
    items = unsigned_items(
        kind,
        chain_id=chain_id,
        nonce=nonce,
        to=to,
        data=data,
        value=value,
        gas_limit=gas_limit,
        max_fee_per_gas=max_fee_per_gas,
        max_priority_fee_per_gas=max_priority_fee_per_gas,
        access_list=access_list,
    )
    y_parity, r, s = sign(signing_digest(kind, chain_id, items), secret)
    v = chain_id * 2 + 35 + y_parity if kind is TransactionType.LEGACY else y_parity
    return with_signature(kind, items, v, r, s)


def unsigned_items(
    kind: TransactionType,
    *,
    chain_id: int,
    nonce: int,
    to: bytes,
    data: bytes,
    value: int,
    gas_limit: int,
    max_fee_per_gas: int,
    max_priority_fee_per_gas: int | None = None,
    access_list: Sequence[tuple[bytes, Sequence[bytes]]] = (),
) -> list[bytes]:
    """The encoded fields of a transaction, all but those of the signature; see `sign_transaction`.

    Raises
    ------
    ValueError : for a field which the type does not have.
    OverflowError : for a negative number.
    """
    is_legacy = kind is TransactionType.LEGACY
    has_one_price = kind is not TransactionType.DYNAMIC_FEE
    if (has_one_price and max_priority_fee_per_gas is not None) or (is_legacy and access_list):
        raise ValueError(f"a transaction of type {kind} has one gas price, and an access list only if it is not legacy")
    priority = max_fee_per_gas if max_priority_fee_per_gas is None else max_priority_fee_per_gas
    fees = [max_fee_per_gas] if has_one_price else [priority, max_fee_per_gas]
    return [
        *([] if is_legacy else [encode_int(chain_id)]),
        *map(encode_int, (nonce, *fees, gas_limit)),
        *(encode_bytes(to), encode_int(value), encode_bytes(data)),
        *([] if is_legacy else [_encode_access_list(access_list)]),
    ]


def with_signature(kind: TransactionType, items: Sequence[bytes], v: int, r: int, s: int) -> bytes:
    """The encoding of a transaction with these `unsigned_items` and a signature, be it right or wrong.

    ``v`` names chain and parity in a legacy transaction (EIP-155), and is the parity in the others.
    """
    return _type_byte(kind) + encode_list([*items, *map(encode_int, (v, r, s))])


def signing_digest(kind: TransactionType, chain_id: int, items: Sequence[bytes]) -> bytes:
    """What is signed (32 bytes) of a transaction with these encoded fields, all but those of the signature."""
    if kind is TransactionType.LEGACY:
        return keccak256(encode_list([*items, encode_int(chain_id), b"\x80", b"\x80"]))
    return keccak256(_type_byte(kind) + encode_list(items))


def _refuse(code: TransactionErrorCode, field: str, found: object, expected: object) -> NoReturn:
    raise TransactionError(code, field, found, expected)


def _type(raw: bytes) -> TransactionType:
    if not raw:
        _refuse(TransactionErrorCode.MALFORMED, "transaction", "no bytes", "a transaction")
    if raw[0] >= 0xC0:
        return TransactionType.LEGACY
    kind = _TYPES.get(raw[:1])
    if kind is None:
        _refuse(TransactionErrorCode.UNKNOWN_TYPE, "type", f"0x{raw[0]:02x}", "0x01, 0x02 or a list (legacy)")
    return kind


def _type_byte(kind: TransactionType) -> bytes:
    return b"" if kind is TransactionType.LEGACY else bytes((kind,))


def _items(kind: TransactionType, rlp: bytes) -> list[bytes]:
    names = _FIELDS[kind]
    try:
        items = split_list(rlp)
    except MalformedRlpError as error:
        in_field = error.item is not None and error.item < len(names)
        _refuse_rlp(names[error.item or 0] if in_field else "transaction", error)
    if len(items) != len(names):
        _refuse(
            TransactionErrorCode.MALFORMED, "transaction", f"{len(items)} fields", f"{len(names)}: {', '.join(names)}"
        )
    return items


def _refuse_rlp(field: str, error: MalformedRlpError) -> NoReturn:
    if isinstance(error, TrailingRlpError):
        code = TransactionErrorCode.TRAILING_BYTES
    elif isinstance(error, OverlongRlpError):
        code = TransactionErrorCode.NOT_CANONICAL
    else:
        code = TransactionErrorCode.MALFORMED
    raise TransactionError(code, field, error.fault, "canonical RLP") from error


def _read(field: str, read: Callable[[bytes], _T], item: bytes) -> _T:
    try:
        return read(item)
    except MalformedRlpError as error:
        _refuse_rlp(field if error.item is None else f"{field}[{error.item}]", error)


def _integer(field: str, item: bytes, most: int) -> int:
    number = _read(field, decode_int, item)
    if number > most:
        # Of a number as long as the transaction, the digits would tell nobody anything.
        found = number if number <= MAX_UINT256 else f"a number of {number.bit_length()} bits"
        _refuse(TransactionErrorCode.OUT_OF_RANGE, field, found, f"at most {most}")
    return number


def _sized(field: str, item: bytes, size: int) -> bytes:
    data = _read(field, decode_bytes, item)
    if len(data) != size:
        _refuse(TransactionErrorCode.MALFORMED, field, f"{len(data)} bytes", size)
    return data


def _access_list(item: bytes) -> AccessList:
    return tuple(_access(f"accessList[{at}]", entry) for at, entry in enumerate(_read("accessList", split_list, item)))


def _access(field: str, item: bytes) -> tuple[Address, tuple[bytes, ...]]:
    parts = _read(field, split_list, item)
    if len(parts) != 2:
        _refuse(TransactionErrorCode.MALFORMED, field, f"{len(parts)} items", "2: address, storageKeys")
    address = _sized(f"{field}.address", parts[0], 20)
    keys = _read(f"{field}.storageKeys", split_list, parts[1])
    return Address(address), tuple(_sized(f"{field}.storageKeys[{at}]", key, 32) for at, key in enumerate(keys))


def _encode_access_list(entries: Sequence[tuple[bytes, Sequence[bytes]]]) -> bytes:
    return encode_list(
        encode_list((encode_bytes(address), encode_list(map(encode_bytes, keys)))) for address, keys in entries
    )


def _protected(v: int, chain_id: int) -> tuple[int, int]:
    """The chain and the parity which the v of a legacy transaction stands for (EIP-155)."""
    if v >= 35:
        return (v - 35) // 2, (v - 35) % 2
    expected = f"{chain_id * 2 + 35} or {chain_id * 2 + 36}"
    if v in (27, 28):
        _refuse(TransactionErrorCode.UNPROTECTED, "v", f"{v}, which names no chain", expected)
    _refuse(TransactionErrorCode.BAD_SIGNATURE, "v", v, expected)


def _signer(digest: bytes, y_parity: int, r: int, s: int) -> Address:
    if y_parity > 1:
        _refuse(TransactionErrorCode.BAD_SIGNATURE, "yParity", y_parity, "0 or 1")
    for name, number in (("r", r), ("s", s)):
        if not 0 < number < CURVE_ORDER:
            _refuse(TransactionErrorCode.BAD_SIGNATURE, name, number, "1 to n-1, n the order of secp256k1")
    if s > CURVE_ORDER // 2:
        _refuse(TransactionErrorCode.HIGH_S, "s", s, "at most half the order of secp256k1")
    sender = recover(digest, 27 + y_parity, r.to_bytes(32, "big"), s.to_bytes(32, "big"))
    if sender is None:
        _refuse(TransactionErrorCode.BAD_SIGNATURE, "r", r, "the abscissa of a point of secp256k1")
    return sender
