"""How people write amounts, shares and addresses, read exactly: no float ever stands between text and base units."""

from __future__ import annotations

import re
from typing import Final

from spec.hashing import keccak256
from spec.messages import Address
from spec.uint256 import MAX_UINT256, U256

TOKEN_DECIMALS: Final = 18

_DECIMAL: Final = re.compile(r"([0-9][0-9_]*)(?:\.([0-9]+))?")
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")


def parse_amount(text: str) -> U256:
    """Return an amount in base units from a decimal number of tokens, such as ``"1_000.5"`` (10^18 = one token).

    Raises
    ------
    ValueError : not a decimal number; more than 18 decimals; 2^256 base units or more.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a decimal number of tokens such as 1000.5, found {text!r}")
    whole, fraction = match[1].replace("_", ""), match[2] or ""
    if len(fraction) > TOKEN_DECIMALS:
        raise ValueError(f"expected at most {TOKEN_DECIMALS} decimals, found {text!r}")
    base_units = int(whole + fraction.ljust(TOKEN_DECIMALS, "0"))
    if base_units > MAX_UINT256:
        raise ValueError(f"expected less than 2^256 base units, found {text!r}")
    return U256(base_units)


def format_amount(base_units: int) -> str:
    """Return base units as a decimal number of tokens, exactly, with no trailing zeros."""
    digits = str(base_units).rjust(TOKEN_DECIMALS + 1, "0")
    whole, fraction = digits[:-TOKEN_DECIMALS], digits[-TOKEN_DECIMALS:].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def parse_address(text: str) -> Address:
    """Return the 20 bytes of an address in hexadecimal; one in mixed case has to carry its checksum (ERC-55).

    Raises
    ------
    ValueError : not ``0x`` and 40 hexadecimal digits; a wrong checksum.
    """
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f"expected an address of 0x and 40 hexadecimal digits, found {text!r}")
    address = Address(bytes.fromhex(text[2:]))
    digits = text[2:]
    if digits not in (digits.lower(), digits.upper()) and text != format_address(address):
        raise ValueError(f"expected the checksum of ERC-55, {format_address(address)}, found {text!r}")
    return address


def format_address(address: Address) -> str:
    """Return an address in hexadecimal with its checksum (ERC-55)."""
    digits = address.hex()
    checks = keccak256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(check, 16) >= 8 else digit for digit, check in zip(digits, checks, strict=False)
    )
