"""Values by their ABI type: from what people write to what the ABI encodes, and back."""

from __future__ import annotations

import re
from typing import Any, Final

from conformance.scenario import units
from conformance.scenario.faults import Fault, brief, within
from conformance.scenario.names import Names
from conformance.scenario.times import format_instant, parse_duration, parse_instant
from spec.abi import ARRAY_LENGTH
from spec.quantities import TOKEN_DECIMALS, format_amount, parse_amount
from spec.timeline import emission_rate_per_second
from spec.uint256 import MAX_UINT256

MAX: Final = "max"
"""2^256 - 1, as it is written and shown."""

_QUANTITY: Final = re.compile(r"(\d[\d_.]*) *([A-Za-z%][A-Za-z/%]*)")
_HEX: Final = re.compile(r"0x((?:[0-9a-fA-F]{2})*)")
_EXAMPLES: Final = {
    units.EMISSION: "'0.1 VVV/s' or '3000000 VVV/year'",
    units.PERCENT: "'20 %'",
    units.DURATION: "'7 days'",
    units.TIME: "'2026-09-20T00:00:00Z'",
}


def read_value(type_: str, unit: str, value: object, names: Names) -> Any:
    """Return a value of an ABI type from what stands in a scenario.

    Raises
    ------
    ValueError : not of this type; too large; in another unit.
    """
    match type_:
        case "uint256":
            return _uint256(value, unit)
        case "uint8":
            return _uint8(value)
        case "address":
            return names.address_of(value)
        case "bool":
            if isinstance(value, bool):
                return value
            raise ValueError(f"expected true or false, found {brief(value)}")
        case "string":
            if isinstance(value, str):
                return value
            raise ValueError(f"expected text, found {brief(value)}")
        case "uint256[256]":
            return _array(value, unit)
        case _:
            size = int(type_.removeprefix("bytes") or 0)
            content = read_hex(value)
            if size and len(content) != size:
                raise ValueError(f"expected {size} bytes, found {len(content)}")
            return content


def read_hex(value: object) -> bytes:
    """Return bytes from ``0x…``.

    Raises
    ------
    ValueError : not hexadecimal.
    """
    match = _HEX.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"expected bytes in quotation marks, '0x…' with two digits each, found {brief(value)}")
    return bytes.fromhex(match[1])


def show_value(type_: str, unit: str, value: Any, names: Names) -> str:
    """Return a value for people; a single one such that ``read_value`` reads it again."""
    match type_:
        case "uint256":
            return show_uint256(value, unit)
        case "address":
            return names.name_of(value)
        case "bool":
            return "true" if value else "false"
        case "uint256[256]":
            return f"[{ARRAY_LENGTH} numbers]"
        case _:
            return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)


def show_uint256(value: int, unit: str) -> str:
    """Return an integer in its unit, exactly."""
    if value == MAX_UINT256:
        return MAX
    if unit == units.NUMBER:
        return str(value)
    if unit == units.TIME:
        return format_instant(value) if value else "0"
    if unit == units.DURATION:
        return f"{value} s"
    if unit == units.PERCENT:
        return f"{format_amount(100 * value)} %"
    return f"{format_amount(value)} {unit}"


def _array(value: object, unit: str) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) != ARRAY_LENGTH:
        found = f"{len(value)}" if isinstance(value, list) else brief(value)
        raise ValueError(f"expected a list of {ARRAY_LENGTH} numbers, found {found}")
    numbers = []
    for i, item in enumerate(value):
        with within(i):
            numbers.append(_uint256(item, unit))
    return tuple(numbers)


def _uint8(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 256:
        return value
    raise ValueError(f"expected an integer from 0 to 255, found {brief(value)}")


def _uint256(value: object, unit: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and value == MAX:
        number = MAX_UINT256
    elif isinstance(value, str):
        number = _quantity(value.strip(), unit)
    else:
        raise ValueError(f"expected {_expected(unit)}, found {brief(value)}")
    if not 0 <= number <= MAX_UINT256:
        raise ValueError(f"expected a number from 0 to 2^256 - 1, found {brief(value)}")
    return number


def _expected(unit: str) -> str:
    if unit == units.NUMBER:
        return f"an integer or '{MAX}'"
    return f"an integer of base units, {_EXAMPLES.get(unit) or repr('1.5 ' + unit)} or '{MAX}'"


def _quantity(text: str, unit: str) -> int:
    if unit == units.DURATION:
        return parse_duration(text)
    if unit in {units.TIME, units.NUMBER} and text.isdecimal() and len(text) < 80:
        return int(text)
    if unit == units.TIME:
        return parse_instant(text)
    match = _QUANTITY.fullmatch(text) if len(text) < 200 else None  # longer is out of range, and costly to read
    if match is None or unit == units.NUMBER:
        raise Fault(f"expected {_expected(unit)}, found {brief(text)}")
    amount, given = parse_amount(match[1]), match[2]
    if unit == units.EMISSION and given == "VVV/year":
        return emission_rate_per_second(amount)
    if given not in units.INTERCHANGEABLE.get(unit, {unit}):
        raise Fault(f"expected {_expected(unit)}, found {brief(text)}")
    if unit == units.PERCENT:
        percentage, rest = divmod(int(amount), 100)
        if rest:
            raise Fault(f"expected at most {TOKEN_DECIMALS - 2} decimals, found {brief(text)}")
        return percentage
    return int(amount)
