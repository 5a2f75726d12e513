"""Parameters of JSON-RPC methods, taken out of JSON: hexadecimal as strict as geth's, nothing that is nearly right."""

from __future__ import annotations

import re
from binascii import Error as HexError
from binascii import unhexlify
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeVar

from ledger.transactions import MAX_UINT64
from spec.messages import ZERO_ADDRESS, Address

Json = object

_QUANTITY: Final = re.compile(r"0[xX](?:0|[1-9a-fA-F][0-9a-fA-F]{0,63})")
_SLOT: Final = re.compile(r"0[xX][0-9a-fA-F]{1,64}")
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,19}")
_SHOWN: Final = 80

_T = TypeVar("_T")


class ParameterError(ValueError):
    """A parameter that is not what it should be; the message says what was expected and what was found."""

    def __init__(self, expected: str, found: Json) -> None:
        super().__init__(f"expected {expected}, found {_show(found)}")


class BlockRef(NamedTuple):
    """Which block is meant; the latest if there is neither number nor hash."""

    number: int | None = None
    hash: bytes | None = None

    is_pending: bool = False
    """The state is that of the latest block, as nothing is carried out in advance; the time is the next block's."""

    must_be_canonical: bool = False


LATEST: Final = BlockRef()
_TAGS: Final = {
    "latest": LATEST,
    "safe": LATEST,
    "finalized": LATEST,
    "pending": BlockRef(is_pending=True),
    "earliest": BlockRef(number=0),
}


class CallRequest(NamedTuple):
    """What ``eth_call`` and ``eth_estimateGas`` are about."""

    sender: Address
    to: Address
    data: bytes

    value: int
    """Wei."""

    access_list: tuple[tuple[Address, tuple[bytes, ...]], ...]
    chain_id: int | None


def quantity(value: Json) -> int:
    """Take a uint256, without leading zeros."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise ParameterError("a number in hexadecimal such as '0x1b4', without leading zeros", value)
    return int(value, 16)


def uint64(value: Json) -> int:
    """Take a quantity of at most 64 bits."""
    number = quantity(value)
    if number > MAX_UINT64:
        raise ParameterError("a number of at most 64 bits", value)
    return number


def count(value: Json) -> int:
    """Take a uint64 in hexadecimal or decimal, as a string or as a JSON number."""
    if type(value) is int and 0 <= value <= MAX_UINT64:
        return value
    if isinstance(value, str) and _DECIMAL.fullmatch(value) and int(value) <= MAX_UINT64:
        return int(value)
    return uint64(value)


def data(value: Json) -> bytes:
    """Take bytes, two digits each."""
    if isinstance(value, str) and value[:2] in {"0x", "0X"}:
        try:
            return unhexlify(value[2:])
        except (HexError, ValueError):
            pass
    raise ParameterError("bytes in hexadecimal such as '0x6080', two digits each", value)


def address(value: Json) -> Address:
    """Take an address in any case; a checksum in it is not looked at, as in other clients."""
    return Address(_sized(value, 20, "an address of 0x and 40 hexadecimal digits"))


def hash32(value: Json) -> bytes:
    """Take 32 bytes."""
    return _sized(value, 32, "32 bytes: 0x and 64 hexadecimal digits")


def slot(value: Json) -> tuple[int, bool]:
    """Take a storage slot of up to 32 bytes, with leading zeros or without; whether all 32 were there comes second."""
    if not isinstance(value, str) or not _SLOT.fullmatch(value):
        raise ParameterError("a storage slot of 0x and 1 to 64 hexadecimal digits", value)
    return int(value, 16), len(value) == 66


def boolean(value: Json) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise ParameterError("true or false", value)
    return value


def string(value: Json) -> str:
    """Take a string."""
    if not isinstance(value, str):
        raise ParameterError("a string", value)
    return value


def array(value: Json) -> list[Json]:
    """Take an array of anything."""
    if not isinstance(value, list):
        raise ParameterError("an array", value)
    return value


def mapping(value: Json) -> dict[str, Json]:
    """Take an object."""
    if not isinstance(value, dict):
        raise ParameterError("an object", value)
    return value


def anything(value: Json) -> Json:
    """Take what comes."""
    return value


def block_number(value: Json) -> BlockRef:
    """Take a block's number or tag."""
    if isinstance(value, str):
        if value in _TAGS:
            return _TAGS[value]
        if _QUANTITY.fullmatch(value) and len(value) <= 18:
            return BlockRef(number=int(value, 16))
    raise ParameterError("a block's number such as '0x1b4', or latest, earliest, pending, safe or finalized", value)


def block(value: Json) -> BlockRef:
    """Take a block's number, tag or hash, or an object that says which of these it has (EIP-1898)."""
    if isinstance(value, dict):
        return _block_object(value)
    if isinstance(value, str) and len(value) == 66:
        return BlockRef(hash=hash32(value))
    return block_number(value)


def call_request(value: Json) -> CallRequest:
    """Take the object of a call. Gas, fees and nonce are looked at, but make no difference; of unknown fields no notice
    is taken, as in other clients.
    """
    fields = {name: content for name, content in mapping(value).items() if content is not None}
    for name in ("gas", "nonce"):
        optional_field(fields, name, uint64, 0)
    for name in ("gasPrice", "maxFeePerGas", "maxPriorityFeePerGas"):
        optional_field(fields, name, quantity, 0)
    if "to" not in fields:
        raise ParameterError("the field to: no contract can be created here", value)
    calldata, also = optional_field(fields, "input", data, None), optional_field(fields, "data", data, None)
    if calldata is not None and also is not None and calldata != also:
        raise ParameterError("the same bytes in input and data, or only one of them", value)
    return CallRequest(
        sender=optional_field(fields, "from", address, ZERO_ADDRESS),
        to=in_field("to", address, fields["to"]),
        data=(also if calldata is None else calldata) or b"",
        value=optional_field(fields, "value", quantity, 0),
        access_list=optional_field(fields, "accessList", access_list, ()),
        chain_id=optional_field(fields, "chainId", quantity, None),
    )


def access_list(value: Json) -> tuple[tuple[Address, tuple[bytes, ...]], ...]:
    """Take an access list (EIP-2930)."""
    return tuple(in_field(f"[{at}]", _access, entry) for at, entry in enumerate(array(value)))


def optional_field(fields: Mapping[str, Json], name: str, parse: Callable[[Json], _T], default: _T) -> _T:
    """Take a field of an object, or the default if it is not there; errors name it."""
    return in_field(name, parse, fields[name]) if name in fields else default


def in_field(name: str, parse: Callable[[Json], _T], value: Json) -> _T:
    """Parse what is in a field, and name it in errors."""
    try:
        return parse(value)
    except ParameterError as error:
        error.args = (f"{name}: {error}",)
        raise


def _sized(value: Json, size: int, expected: str) -> bytes:
    if isinstance(value, str) and len(value) == 2 + 2 * size and value[:2] in {"0x", "0X"}:
        try:
            return unhexlify(value[2:])
        except (HexError, ValueError):
            pass
    raise ParameterError(expected, value)


def _block_object(fields: dict[str, Json]) -> BlockRef:
    has_number, has_hash = fields.get("blockNumber") is not None, fields.get("blockHash") is not None
    if has_number == has_hash:
        raise ParameterError("either blockNumber or blockHash", fields)
    if has_number:
        return in_field("blockNumber", block_number, fields["blockNumber"])
    return BlockRef(
        hash=in_field("blockHash", hash32, fields["blockHash"]),
        must_be_canonical=optional_field(fields, "requireCanonical", boolean, False),
    )


def _access(value: Json) -> tuple[Address, tuple[bytes, ...]]:
    fields = mapping(value)
    keys = in_field("storageKeys", array, fields.get("storageKeys") or [])
    return in_field("address", address, fields.get("address")), tuple(map(hash32, keys))


def _show(value: Json) -> str:
    """What a parameter looks like, in a few characters, however long or deep it is."""
    if isinstance(value, dict | list):
        return f"an {'object' if isinstance(value, dict) else 'array'} of {len(value)}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"
