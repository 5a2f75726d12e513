"""The fields of the inputs, as geth reads them: numbers in hexadecimal or decimal, bytes in hexadecimal."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Final, NoReturn, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from conformance.transition.errors import ExitStatus, TransitionError
from ledger.transactions import MAX_UINT64
from spec.messages import Address
from spec.parameters import describe
from spec.quantities import parse_address
from spec.uint256 import MAX_UINT256

MOST_SHOWN: Final = 300
"""Characters of a message, or of what was found; more would tell nobody anything."""

_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]{1,64}")
_DECIMAL: Final = re.compile(r"[0-9]{1,78}")
_BYTES: Final = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_WORD: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{1,64}")
_ADDRESS: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{40}")

_Content = TypeVar("_Content")


class Document(BaseModel):
    """An object of the inputs."""

    model_config = ConfigDict(strict=True, arbitrary_types_allowed=True)


def show(value: object) -> str:
    """Return what was found, as JSON, cut off where it gets long."""
    return cut(json.dumps(value))


def cut(text: str) -> str:
    """Return a text of at most ``MOST_SHOWN`` characters, and what was cut off."""
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}... ({len(text)} characters)"


def read(place: str, adapter: TypeAdapter[_Content], content: object) -> _Content:
    """Return what an input says.

    Raises
    ------
    TransitionError : JSON : the first field that is missing or not what it should be.
    """
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        raise TransitionError(ExitStatus.JSON, f"{place}: {cut(_described(error))}") from None


def _described(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    expected = {"model_type": "an object", "dict_type": "an object", "list_type": "a list"}.get(first["type"])
    if expected is None:
        return describe(error)
    field = ".".join(map(str, first["loc"]))
    return f"{field}: expected {expected}, found {show(first['input'])}".removeprefix(": ")


def _refuse(expected: str, value: object) -> NoReturn:
    raise ValueError(f"expected {expected}, found {show(value)}")


def _quantity(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        if _HEXADECIMAL.fullmatch(value):
            return int(value, 16)
        if _DECIMAL.fullmatch(value):
            return int(value)
    _refuse("a number, in hexadecimal such as '0x2a' or in decimal", value)


def _up_to(most: int) -> AfterValidator:
    def check(value: int) -> int:
        if not 0 <= value <= most:
            _refuse(f"0 to {hex(most)}", hex(value) if value.bit_length() <= 512 else "a longer number")
        return value

    return AfterValidator(check)


def _octets(value: object) -> bytes:
    if not isinstance(value, str) or not _BYTES.fullmatch(value):
        _refuse("bytes in hexadecimal such as '0x6080'", value)
    return bytes.fromhex(value[2:])


def _word(value: object) -> int:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        _refuse("a word of up to 64 hexadecimal digits", value)
    return int(value, 16)


def _address(value: object) -> Address:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        _refuse("an address of 40 hexadecimal digits", value)
    return parse_address(f"0x{value.removeprefix('0x')}")


def _sized(size: int) -> AfterValidator:
    def check(value: bytes) -> bytes:
        if len(value) != size:
            raise ValueError(f"expected {size} bytes, found {len(value)}")
        return value

    return AfterValidator(check)


def _each_once(value: object, validate: ValidatorFunctionWrapHandler) -> Any:
    content = validate(value)
    if isinstance(value, dict) and len(content) < len(value):
        raise ValueError("expected each key once, found one in two ways of writing")
    return content


EACH_ONCE: Final = WrapValidator(_each_once)
"""Refuses a mapping in which two keys are two ways to write one."""

Uint64 = Annotated[int, BeforeValidator(_quantity), _up_to(MAX_UINT64)]
Uint256 = Annotated[int, BeforeValidator(_quantity), _up_to(MAX_UINT256)]
Octets = Annotated[bytes, BeforeValidator(_octets)]
Octets32 = Annotated[bytes, BeforeValidator(_octets), _sized(32)]
Word = Annotated[int, BeforeValidator(_word)]
AccountAddress = Annotated[Address, BeforeValidator(_address)]
