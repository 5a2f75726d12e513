"""Ill-formed calls of every function, and rare callers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.trust.mutants.program import Program, recorded
from spec import addresses
from spec.contract import Contract, Function
from spec.encoding import WORD
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.parameters import Preset, load_preset
from spec.uint256 import MAX_UINT256
from spec.vvv import VVV

NOBODY: Final = Address(b"nobody".rjust(20, b"\0"))


def ill_formed() -> Iterator[Program]:
    """Yield one program a function: called as it should be, with value, cut short, and with dirty arguments."""
    preset = load_preset("minimal")
    for contract in CONTRACTS.values():
        for function in contract.by_name.values():
            calls = list(_ill_formed(preset, contract, function))
            yield from recorded(preset.name, f"ill-formed {contract.name}.{function.name}", calls, views=False)
        yield from recorded(preset.name, f"unknown {contract.name}", _unknown(preset, contract), views=False)


_ARGUMENTS: Final[dict[str, Any]] = {
    "address": NOBODY,
    "uint256": 1,
    "uint8": 27,
    "bytes32": b"\x01" * 32,
    "bytes4": b"\x01\xff\xc9\xa7",
    "bytes": b"\x01" * 33,
    "uint256[256]": (1,) * 256,
}


def _ill_formed(preset: Preset, contract: Contract, function: Function) -> Iterator[Call]:
    data = function.calldata(*(_ARGUMENTS[parameter.type] for parameter in function.parameters))
    good = Call(preset.staking.owner, contract.address, data, preset.timestamp)
    yield good
    yield good._replace(value=1)
    words = (len(data) - 4) // WORD
    for length in {4, *(4 + WORD * number - 1 for number in range(1, min(words, 8) + 1)), len(data) - 1, len(data) + 1}:
        yield good._replace(data=data[:length].ljust(length, b"\xff"))
    for number in range(min(words, 8)):
        at = 4 + WORD * number
        for bit in (1 << 255, 1 << 160, 1 << 223, 1 << 8, 1 << 64, 1 << 63):
            word = int.from_bytes(data[at : at + WORD], "big") | bit
            yield good._replace(data=data[:at] + word.to_bytes(WORD, "big") + data[at + WORD :])
        for word in (0, 2**64 - 1):
            yield good._replace(data=data[:at] + word.to_bytes(WORD, "big") + data[at + WORD :])


def _unknown(preset: Preset, contract: Contract) -> Iterator[Call]:
    """Yield calls of functions that there are not: no selector, and those beside the selectors of those that are."""
    call = Call(preset.staking.owner, contract.address, b"", preset.timestamp)
    known = set(contract.by_selector)
    beside = {(int.from_bytes(selector, "big") + step).to_bytes(5, "big")[1:] for selector in known for step in (-1, 1)}
    for selector in (b"", b"\0", b"\0\0\0", b"\0\0\0\0", b"\xff" * 4, *sorted(beside - known)):
        yield call._replace(data=selector)
        yield call._replace(data=selector, value=1)
        yield call._replace(data=selector + (1).to_bytes(WORD, "big") * _ENOUGH)


_ENOUGH: Final = 8
"""Words of arguments that are enough for any function but the one that takes tables."""


def rare_callers() -> Iterator[Program]:
    """Yield programs of calls by contracts, the treasury and the zero address, which own and mint and hold."""
    preset = load_preset("minimal")
    to, now = preset.accounts[0].address, preset.timestamp
    callers = (*CONTRACTS, ZERO_ADDRESS, preset.staking.treasury, preset.staking.owner, preset.diem.admin)
    for number, sender in enumerate(callers):
        calls = [
            Call(sender, contract.address, contract.by_name[function].calldata(*arguments), now + later)
            for later, (contract, function, arguments) in enumerate(_acts(to))
        ]
        yield from recorded(preset.name, f"rare caller {number}", calls)


def _acts(to: Address) -> Iterator[tuple[Contract, str, tuple[Any, ...]]]:
    """Yield what only few may do, the handing over of VVV last."""
    staking, diem, credits = (CONTRACTS[at] for at in (addresses.STAKING, addresses.DIEM, addresses.DAILY_CREDITS))
    zero = ZERO_ADDRESS
    for recipient in (to, zero, addresses.STAKING):
        yield VVV, "mint", (recipient, 5)
        yield diem, "mint", (recipient, 7)
        yield diem, "burn", (recipient, 2)
        for token in (VVV, diem, staking):
            yield token, "transfer", (recipient, 1)
            yield token, "approve", (recipient, 3)
            yield token, "transferFrom", (to, recipient, 1)
    yield VVV, "mint", (to, MAX_UINT256)
    yield diem, "mint", (to, MAX_UINT256)
    yield diem, "burn", (to, MAX_UINT256)
    yield credits, "spend", (to, 1)
    yield credits, "record", (addresses.DIEM,)
    for implementation in (addresses.STAKING_IMPLEMENTATION, addresses.DIEM, addresses.STAKING, to, zero):
        yield staking, "upgradeToAndCall", (implementation, b"")
        yield staking, "upgradeToAndCall", (implementation, staking.by_name["claim"].selector)
        yield staking, "upgradeToAndCall", (implementation, b"\xff" * 5)
    yield VVV, "transferOwnership", (zero,)
    yield VVV, "mint", (to, 1)
