"""The contract ABI, as solc 0.8 decodes arguments and encodes results.

Decoding is strict: calldata shorter than the parameters, or a value outside its type, refuses the call with empty data;
bytes after the parameters are ignored. A dynamic ``bytes`` is decoded as solc's memory decoder does it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from spec.encoding import WORD, encode_bytes, encode_string, encode_word
from spec.errors import EMPTY, MEMORY_ALLOCATION, require
from spec.messages import Address
from spec.uint256 import U256

MAX_UINT64 = 2**64 - 1
SELECTOR = 4

Decoder = Callable[[bytes, int], Any]
"""(calldata, position of the head in it) |-> value."""


class Parameter(NamedTuple):
    """One parameter of a function or an event."""

    type: str
    name: str
    indexed: bool = False


def parse_parameters(text: str) -> tuple[Parameter, ...]:
    """Return the parameters of a Solidity parameter list such as ``address indexed user,uint256 amount``."""
    parameters = []
    for declaration in filter(None, text.split(",")):
        type_, *rest = declaration.split()
        name = rest[-1] if rest else ""
        parameters.append(Parameter(type_, name, "indexed" in rest[:-1]))
    return tuple(parameters)


def _uint256(data: bytes, at: int) -> U256:
    return int.__new__(U256, int.from_bytes(data[at : at + WORD], "big"))


def _uint8(data: bytes, at: int) -> U256:
    value = _uint256(data, at)
    require(value < 1 << 8, EMPTY)
    return value


def _address(data: bytes, at: int) -> Address:
    if data[at : at + 12] != b"\0\0\0\0\0\0\0\0\0\0\0\0":
        raise EMPTY()
    return Address(data[at + 12 : at + WORD])


def _bytes32(data: bytes, at: int) -> bytes:
    return data[at : at + WORD]


def _bytes4(data: bytes, at: int) -> bytes:
    require(not any(data[at + 4 : at + WORD]), EMPTY)
    return data[at : at + 4]


def _uint256_array(data: bytes, at: int) -> tuple[U256, ...]:
    return tuple(_uint256(data, at + WORD * i) for i in range(ARRAY_LENGTH))


def _bytes(data: bytes, at: int) -> bytes:
    offset = _uint256(data, at)
    require(offset <= MAX_UINT64, EMPTY)
    start = SELECTOR + offset
    require(start + WORD - 1 < len(data), EMPTY)
    length = _uint256(data, start)
    require(_memory_can_hold(length), MEMORY_ALLOCATION)
    content = data[start + WORD :]
    require(length <= len(content), EMPTY)
    return content[:length]


def _memory_can_hold(length: int) -> bool:
    """Whether solc's allocator, with its free pointer still at 0x80, takes bytes of this length."""
    if length > MAX_UINT64:
        return False
    rounded = (length + 31) & ~31
    return 0x80 + rounded + WORD <= MAX_UINT64


ARRAY_LENGTH = 256
"""The only fixed array of these contracts is ``uint256[256]``."""

_DECODERS: dict[str, tuple[int, Decoder]] = {
    "uint256": (1, _uint256),
    "uint8": (1, _uint8),
    "address": (1, _address),
    "bytes32": (1, _bytes32),
    "bytes4": (1, _bytes4),
    "bytes": (1, _bytes),
    "uint256[256]": (ARRAY_LENGTH, _uint256_array),
}
"""Type |-> (words in the head, decoder)."""


def decoder_of(parameters: tuple[Parameter, ...]) -> Callable[[bytes], list[Any]]:
    """Return the function that decodes the arguments behind a selector.

    Reverts, in this order
    ----------------------
    empty data : the calldata are shorter than the heads; then, argument by argument, a value outside its type.
    Panic(0x41) : a dynamic argument longer than memory can be.
    """
    fields = []
    position = SELECTOR
    for parameter in parameters:
        words, decode = _DECODERS[parameter.type]
        fields.append((decode, position))
        position += WORD * words
    shortest = position

    def decode_arguments(data: bytes) -> list[Any]:
        if len(data) < shortest:
            raise EMPTY()
        return [decode(data, at) for decode, at in fields]

    return decode_arguments


def encode_results(types: tuple[str, ...], values: tuple[Any, ...]) -> bytes:
    """Return the encoding of a function's results: one string, or any number of static values."""
    if types == ("string",):
        return encode_word(WORD) + encode_string(values[0])
    return b"".join([_encode_static(type_, value) for type_, value in zip(types, values, strict=True)])


def encode_arguments(parameters: tuple[Parameter, ...], values: tuple[Any, ...]) -> bytes:
    """Return the encoding of arguments as a caller writes them behind the selector."""
    heads: list[bytes] = []
    tail = b""
    for parameter, value in zip(parameters, values, strict=True):
        if parameter.type == "bytes":
            size = sum(_DECODERS[parameter.type][0] for parameter in parameters)
            heads.append(encode_word(WORD * size + len(tail)))
            tail += encode_bytes(value)
        else:
            heads.append(_encode_static(parameter.type, value))
    return b"".join(heads) + tail


def _encode_static(type_: str, value: Any) -> bytes:
    if type_ == "uint256[256]":
        return b"".join(map(encode_word, value))
    if type_ == "bytes4":
        return bytes(value).ljust(WORD, b"\0")
    return encode_word(value)
