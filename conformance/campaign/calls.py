"""Calls as plain values, for journals: digits as hexadecimal, and no number that a reader of JSON could round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.shrinking import Program
from spec.messages import Address, Call

PlainCall = tuple[str, str, str, str, str]
"""Sender, contract, calldata, time (s), value (wei)."""


def plain_calls(program: Iterable[Call]) -> tuple[PlainCall, ...]:
    """Return calls as values that JSON has."""
    return tuple(
        (call.sender.hex(), call.to.hex(), call.data.hex(), str(call.timestamp), str(call.value)) for call in program
    )


def calls_of(plain: Iterable[Sequence[str]]) -> Program:
    """Return the calls that ``plain_calls`` has written down."""
    return tuple(
        Call(Address(bytes.fromhex(sender)), Address(bytes.fromhex(to)), bytes.fromhex(data), int(at), int(value))
        for sender, to, data, at, value in plain
    )
