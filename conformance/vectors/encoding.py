"""How vectors are written: integers as decimal strings, bytes in hexadecimal, and a hash over the content."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Final

from spec.encoding import WORD
from spec.messages import Address
from spec.quantities import format_address
from spec.uint256 import MAX_UINT256

Json = dict[str, Any]

INFO: Final = "_info"
"""What is known about a vector. It is no part of what the vector says, and of its hash."""

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,77}")
_HEX: Final = re.compile(r"0x((?:[0-9a-fA-F]{2})*)")


class Malformed(ValueError):
    """Something is not written as vectors are: the message says what was expected, and what was found."""


def brief(value: object) -> str:
    """Return a value for a message: on one line, and not long."""
    text = json.dumps(value, ensure_ascii=True, default=repr)
    return text if len(text) <= 120 else f"{text[:100]}… ({len(text)} characters)"


def integer(value: object) -> int:
    """Return the integer in [0, 2^256) that a decimal string stands for.

    Raises
    ------
    Malformed : it is none; a JSON number is not taken for one.
    """
    if isinstance(value, str) and _DECIMAL.fullmatch(value) and (number := int(value)) <= MAX_UINT256:
        return number
    raise Malformed(f"expected an integer below 2^256 as a decimal string, found {brief(value)}")


def octets(value: object, size: int | None = None) -> bytes:
    """Return the bytes that a hexadecimal string stands for; exactly ``size``, if that is given.

    Raises
    ------
    Malformed : it stands for none, or for another number of them.
    """
    match = _HEX.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Malformed(f"expected bytes as 0x and pairs of hexadecimal digits, found {brief(value)}")
    content = bytes.fromhex(match[1])
    if size is not None and len(content) != size:
        raise Malformed(f"expected {size} bytes, found {len(content)}")
    return content


def address(value: object) -> Address:
    """Return the address that a hexadecimal string stands for; Malformed if it is not of 20 bytes."""
    return Address(octets(value, 20))


def hexadecimal(content: bytes) -> str:
    """Return bytes as a vector has them."""
    return f"0x{content.hex()}"


def word(number: int) -> str:
    """Return a storage word, or a slot, as a vector has it: 32 bytes."""
    return hexadecimal(number.to_bytes(WORD, "big"))


def plain(value: object) -> Any:
    """Return a value of the specification as a vector has it: integers as strings, bytes in hexadecimal."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, bytes):
        return format_address(Address(value)) if len(value) == 20 else hexadecimal(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no form in a vector")


def canonical(value: object) -> bytes:
    """Return the one encoding of a JSON value over which hashes are taken: sorted, without spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def content_hash(vector: Json) -> str:
    """Return the SHA-256 of what a vector says, in hexadecimal; what is known about it does not count."""
    return hashlib.sha256(canonical({key: value for key, value in vector.items() if key != INFO})).hexdigest()
