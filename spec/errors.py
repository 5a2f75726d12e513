"""Refusals: one error per reason, with the exact revert data.

A refused call undoes everything it did and answers with the revert data of its error, in one of Solidity's three
forms: ``Error(string)``, a custom error, ``Panic(uint256)``; or with empty data, where solc gives none.
"""

from __future__ import annotations

from typing import Final

from spec.encoding import encode_string, encode_word
from spec.hashing import keccak256


class Revert(Exception):
    """The call is refused.

    ``data`` is the revert data; ``reason`` names the error for people and for counts.
    """

    def __init__(self, data: bytes, reason: str) -> None:
        super().__init__(reason)
        self.data: Final = data
        self.reason: Final = reason


class Reason:
    """An error whose data do not depend on the call: raise ``reason()``, or guard with ``require``."""

    known: Final[dict[bytes, str]] = {}
    """Revert data |-> name, for every reason there is."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data: Final = data
        self.name: Final = name
        Reason.known[data] = name

    def __call__(self) -> Revert:
        """Return the exception to be raised."""
        return Revert(self.data, self.name)


class CustomError:
    """A Solidity custom error with static arguments: raise ``error(argument, …)``."""

    known: Final[dict[bytes, str]] = {}
    """Selector (4 bytes) |-> name, for every custom error there is."""

    def __init__(self, signature: str) -> None:
        self.selector: Final = keccak256(signature.encode())[:4]
        self.name: Final = signature.partition("(")[0]
        CustomError.known[self.selector] = self.name

    def __call__(self, *arguments: int | bytes) -> Revert:
        """Return the exception to be raised."""
        return Revert(self.selector + b"".join(map(encode_word, arguments)), self.name)


def require(condition: bool, reason: Reason) -> None:
    """Refuse the call for ``reason`` unless ``condition`` holds."""
    if not condition:
        raise Revert(reason.data, reason.name)


def string_error(text: str) -> Reason:
    """Return the reason that Solidity's ``revert("text")`` gives: ``Error(string)``."""
    return Reason(_ERROR_STRING + encode_word(32) + encode_string(text), text)


def panic(code: Reason) -> Revert:
    """Return the exception for a failed check of Solidity's own."""
    return Revert(code.data, code.name)


def reason_of(output: bytes) -> str:
    """Return the name of the error that ``output`` (revert data) encodes; its hex if no error of ours encodes so."""
    name = Reason.known.get(output) or CustomError.known.get(output[:4])
    return name or f"0x{output.hex()}"


_ERROR_STRING: Final = keccak256(b"Error(string)")[:4]
_PANIC: Final = keccak256(b"Panic(uint256)")[:4]

EMPTY: Final = Reason(b"", "empty revert data")
"""What solc's ABI decoder, dispatcher and calls to accounts without code revert with."""

ARITHMETIC: Final = Reason(_PANIC + encode_word(0x11), "Panic(0x11)")
DIVISION_BY_ZERO: Final = Reason(_PANIC + encode_word(0x12), "Panic(0x12)")
MEMORY_ALLOCATION: Final = Reason(_PANIC + encode_word(0x41), "Panic(0x41)")
