"""Every function called as no ABI encoder does it: cut short, out of type, with value; and functions there are not."""

from __future__ import annotations

from collections.abc import Iterator

from spec import addresses
from spec.abi import ARRAY_LENGTH, SELECTOR
from spec.contract import Contract, Function
from spec.encoding import WORD, encode_word
from spec.machine import CONTRACTS
from spec.messages import Address, Call
from spec.staking import STAKING
from spec.uint256 import MAX_UINT256

UNKNOWN = bytes.fromhex("deadbeef")

_DIRTY = {"address": 1 << 160, "uint8": 1 << 8, "bytes4": 1}
"""Type |-> a number that is none of it."""

_PLAIN = {"address": bytes(WORD), "uint256[256]": bytes(WORD * ARRAY_LENGTH)}
"""Type |-> an argument of it, where it is not a word of zeros."""


def malformed_calls(sender: Address, now: int) -> Iterator[Call]:
    """Yield calls of every function, each wrong in one way, all at the same time (s)."""
    yield from (Call(sender, STAKING.address, data, now) for data in _hostile_bytes())
    for contract in CONTRACTS.values():
        for function in contract.by_name.values():
            for data, value in _of_function(function):
                yield Call(sender, contract.address, data, now, value)
        for data in _of_nobody(contract):
            yield Call(sender, contract.address, data, now)


def _of_function(function: Function) -> Iterator[tuple[bytes, int]]:
    """Yield calldata and value."""
    types = [parameter.type for parameter in function.parameters]
    heads = [_PLAIN.get(type_, bytes(WORD)) for type_ in types]
    whole = function.selector + b"".join(heads)
    yield whole, 0
    if not function.payable:
        yield whole, 1
    if types:
        yield function.selector, 0
        yield whole[:-1], 0
    for number, type_ in enumerate(types):
        if type_ in _DIRTY:
            wrong = [*heads[:number], encode_word(_DIRTY[type_]), *heads[number + 1 :]]
            yield function.selector + b"".join(wrong), 0


def _of_nobody(contract: Contract) -> Iterator[bytes]:
    """Yield calldata that select no function: a selector between any two that there are, and too short ones."""
    yield b""
    yield UNKNOWN[:3]
    for selector in contract.by_selector:
        for near in (-1, 1):
            other = (int.from_bytes(selector, "big") + near) % (1 << 8 * SELECTOR)
            yield other.to_bytes(SELECTOR, "big")


def _hostile_bytes() -> Iterator[bytes]:
    """Yield calls of the one function that takes bytes, with every offset and length where something changes."""
    function = STAKING.by_name["upgradeToAndCall"]
    head = function.selector + encode_word(addresses.STAKING_IMPLEMENTATION)
    for offset in (0, 31, 32, 63, 64, 65, 2**64 - 1, 2**64, MAX_UINT256):
        yield head + encode_word(offset) + encode_word(0)
    for length in (0, 1, 31, 32, 33, 2**63, 2**64 - 193, 2**64 - 192, 2**64 - 191, 2**64 - 1, 2**64, MAX_UINT256):
        yield head + encode_word(64) + encode_word(length) + bytes(WORD)
