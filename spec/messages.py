"""The vocabulary of the whole project: a call goes into a machine, a receipt comes out."""

from __future__ import annotations

from typing import NamedTuple, NewType

Address = NewType("Address", bytes)
"""An account: 20 bytes."""

ZERO_ADDRESS = Address(bytes(20))


class Call(NamedTuple):
    """A message call at the top level: one external function, by one sender, at one time."""

    sender: Address
    """``msg.sender``, 20 bytes."""

    to: Address
    """The contract that is called, 20 bytes."""

    data: bytes
    """Calldata: a selector of four bytes and the encoded arguments, or any other bytes."""

    timestamp: int
    """``block.timestamp`` (s), a uint256."""

    value: int = 0
    """``msg.value`` (wei), a uint256."""


class Log(NamedTuple):
    """One event as Ethereum keeps it."""

    address: Address
    """The contract that emitted it."""

    topics: tuple[bytes, ...]
    """32 bytes each: the hash of the event's signature, then its indexed arguments."""

    data: bytes
    """The other arguments, ABI encoded."""


class Receipt(NamedTuple):
    """What a machine answers to a call."""

    status: bool
    """True if the call was carried out; false if it was refused and changed nothing."""

    output: bytes
    """The return data, or the revert data if refused."""

    logs: tuple[Log, ...]
    """The events in the order in which they were emitted; none if refused."""


def address_from_int(value: int) -> Address:
    """Return the address whose 160-bit number is ``value``."""
    return Address(value.to_bytes(20, "big"))
