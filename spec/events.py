"""Events: declared once by their Solidity signature, emitted as logs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from spec.abi import parse_parameters
from spec.encoding import encode_word
from spec.hashing import keccak256
from spec.messages import Address, Log


class Event:
    """An event such as ``Event("Staked(address indexed recipient,uint256 amount)")``.

    All parameters of these contracts' events are static; a fixed array is given as a sequence of integers.
    """

    known: Final[dict[bytes, Event]] = {}
    """First topic |-> event, for every event there is."""

    def __init__(self, declaration: str) -> None:
        name, _, inside = declaration.rstrip(")").partition("(")
        self.name: Final = name
        self.parameters: Final = parse_parameters(inside)
        types = ",".join(parameter.type for parameter in self.parameters)
        self.topic: Final = keccak256(f"{name}({types})".encode())
        self._indexed: Final = [i for i, parameter in enumerate(self.parameters) if parameter.indexed]
        self._data: Final = [i for i, parameter in enumerate(self.parameters) if not parameter.indexed]
        Event.known[self.topic] = self

    def log(self, address: Address, *arguments: Any) -> Log:
        """Return the log that the contract at ``address`` emits."""
        topics = (self.topic, *[encode_word(arguments[i]) for i in self._indexed])
        data = b"".join([_encode(arguments[i]) for i in self._data])
        return Log(address, topics, data)


def _encode(argument: int | bytes | Sequence[int]) -> bytes:
    if isinstance(argument, int | bytes):
        return encode_word(argument)
    return b"".join(map(encode_word, argument))
