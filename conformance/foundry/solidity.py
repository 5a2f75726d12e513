"""Values as Solidity writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.target.refusals import ERROR_STRING
from spec.abi import SELECTOR
from spec.encoding import WORD, encode_string, encode_word
from spec.messages import ZERO_ADDRESS, Address
from spec.quantities import TOKEN_DECIMALS, format_address
from spec.uint256 import MAX_UINT256

BYTES_IN_A_LINE: Final = 48


def address_literal(address: Address) -> str:
    """Return an address with the checksum that solc asks for."""
    return "address(0)" if address == ZERO_ADDRESS else format_address(address)


def number_literal(value: int) -> str:
    """Return a uint256; whole tokens as such."""
    if value == MAX_UINT256:
        return "type(uint256).max"
    tokens, rest = divmod(value, 10**TOKEN_DECIMALS)
    return f"{tokens}e{TOKEN_DECIMALS}" if tokens and not rest else str(value)


def bytes_literal(data: bytes, indent: int = 0) -> str:
    """Return bytes; in several lines, each ``indent`` columns to the right, if they are many."""
    parts = [data[at : at + BYTES_IN_A_LINE].hex() for at in range(0, len(data), BYTES_IN_A_LINE)] or [""]
    return f"\n{' ' * indent}".join(f'hex"{part}"' for part in parts)


def located(type_: str, location: str) -> str:
    """Return a type as the parameter of an interface's function has it; ``location`` is calldata or memory."""
    return f"{type_} {location}" if type_ in {"bytes", "string"} or "[" in type_ else type_


def revert_data(data: bytes, indent: int = 0) -> str:
    """Return revert data: as ``Error(string)`` if they are one of plain characters, and else as they are."""
    text = data[SELECTOR + 2 * WORD :].rstrip(b"\0").decode("ascii", "replace")
    plain = text.isascii() and text.isprintable() and not {'"', "\\"} & set(text)
    if data == ERROR_STRING + encode_word(WORD) + encode_string(text) and plain:
        return f'abi.encodeWithSignature("Error(string)", "{text}")'
    return bytes_literal(data, indent)


def literal(type_: str, value: Any, named: Callable[[Address], str] = address_literal) -> str:
    """Return a value of one of the types that these contracts' functions have, but for arrays.

    ``named`` is how an address is written.
    """
    if type_ == "address":
        return named(value)
    if type_ == "bool":
        return "true" if value else "false"
    if type_ == "bytes":
        return bytes_literal(value)
    if type_.startswith("bytes"):
        return f"{type_}(0x{value.hex()})"
    return number_literal(value)
