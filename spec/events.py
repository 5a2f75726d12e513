"""Events: declared once by their Solidity signature, emitted as logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from spec.abi import parse_parameters
from spec.encoding import encode_word
from spec.hashing import keccak256
from spec.messages import Address, Log


def _array(values: Any) -> bytes:
    return b"".join(map(encode_word, values))


_ENCODERS: Final[dict[str, Callable[[Any], bytes]]] = {
    "address": bytes(12).__add__,
    "uint256": lambda value: int.to_bytes(value, 32, "big"),
    "bytes32": bytes,
    "uint256[256]": _array,
}
"""Type |-> encoder; every parameter of these contracts' events is static."""


class Event:
    """An event such as ``Event("Staked(address indexed recipient,uint256 amount)")``."""

    known: Final[dict[bytes, Event]] = {}
    """First topic |-> an event of this signature; two contracts may name its parameters differently."""

    def __init__(self, declaration: str) -> None:
        name, _, inside = declaration.rstrip(")").partition("(")
        self.name: Final = name
        self.parameters: Final = parse_parameters(inside)
        types = ",".join(parameter.type for parameter in self.parameters)
        self.topic: Final = keccak256(f"{name}({types})".encode())
        self._encoders: Final = [_ENCODERS[parameter.type] for parameter in self.parameters]
        self._indexed: Final = sum(parameter.indexed for parameter in self.parameters)
        if any(parameter.indexed for parameter in self.parameters[self._indexed :]):
            raise ValueError(f"{name}: the indexed parameters have to come first, as they do in these contracts")
        Event.known[self.topic] = self

    def log(self, address: Address, *arguments: Any) -> Log:
        """Return the log that the contract at ``address`` emits; a fixed array is given as a sequence of integers."""
        words = [encode(argument) for encode, argument in zip(self._encoders, arguments, strict=True)]
        return Log(address, (self.topic, *words[: self._indexed]), b"".join(words[self._indexed :]))
