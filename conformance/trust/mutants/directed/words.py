"""Programs on words that are as Solidity reads them but never writes them, and on the highest of all addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.machines.specification import SpecificationMachine
from conformance.storage_names import variables
from conformance.trust.mutants.program import Program, recorded
from spec import addresses
from spec.diem.token import MINTER_BURNER_ROLE
from spec.machine import CONTRACTS
from spec.messages import Address, Call
from spec.parameters import Preset, load_preset
from spec.quantities import format_address
from spec.storage import AddressVariable, BoolMapping, ShortStringVariable
from spec.uint256 import MAX_UINT256

HIGHEST: Final = Address(b"\xff" * 20)
"""An address with all bits set, so that a mask that is too narrow shows."""

LOWEST: Final = Address(bytes(19) + b"\1")
TOPMOST: Final = Address(b"\x80" + bytes(19))
"""Addresses with one bit set."""

DIRT: Final = MAX_UINT256 ^ ((1 << 160) - 1)
"""The bits of a word that an address leaves over, all set: a mask that is too wide shows."""

SHORT: Final = (b"", b"a", b"Venice" * 5, b"Venice" * 5 + b"!")
"""Texts that fit into their own word."""


def highest_address() -> Iterator[Program]:
    """Yield the life of accounts with few bits or all set, which own all, where words have bits left over set."""
    preset = load_preset("minimal")
    machine = SpecificationMachine(preset)
    slots = {variable.name: (address, variable) for address, variable in variables(machine.world, [HIGHEST])}
    start: dict[tuple[Address, int], int] = {}
    for name, (address, variable) in slots.items():
        at = address, variable.slot
        if isinstance(variable.declared, AddressVariable) and name != "credits.gateway":
            kept = name in _KEPT
            start[at] = machine.word(*at) | DIRT if kept else MAX_UINT256
        elif isinstance(variable.declared, BoolMapping) and format_address(HIGHEST) in name:
            start[at] = 0x80
    gateway = slots["credits.gateway"]
    start[gateway[0], gateway[1].slot] = MAX_UINT256
    held = slots[f"vvv.balance_of[{format_address(HIGHEST)}]"]
    start[held[0], held[1].slot] = 10**24
    for number, other in enumerate((preset.accounts[0].address, HIGHEST, LOWEST, TOPMOST)):
        calls = list(_life(preset, other))
        yield from recorded(preset.name, f"highest address {number}", calls, start)


_KEPT: Final = frozenset(
    {"vvv.owner", "staking.venice", "staking.diem", "credits.diem", "staking.erc1967.implementation"}
)
"""Addresses that have to stay what they are."""


def _life(preset: Preset, other: Address) -> Iterator[Call]:
    now = preset.timestamp
    for later, (contract, function, arguments) in enumerate(_acts(other)):
        to = CONTRACTS[contract]
        data = to.by_name[function].calldata(*arguments)
        yield Call(HIGHEST, to.address, data, now + 20 * later)
        if other in {LOWEST, TOPMOST}:
            yield Call(other, to.address, data, now + 20 * later)


def _acts(other: Address) -> Iterator[tuple[Address, str, tuple[Any, ...]]]:
    vvv, staking, diem, credits = addresses.VVV, addresses.STAKING, addresses.DIEM, addresses.DAILY_CREDITS
    unit = 10**18
    yield vvv, "approve", (staking, MAX_UINT256)
    yield staking, "stake", (HIGHEST, 5000 * unit)
    yield staking, "stake", (other, unit)
    yield staking, "mintDiem", (100 * unit, 0)
    for token in (vvv, diem):
        yield token, "transfer", (other, unit // 100)
        yield token, "approve", (HIGHEST, unit)
        yield token, "approve", (other, unit)
        yield token, "transferFrom", (HIGHEST, other, unit // 100)
        yield token, "transferFrom", (HIGHEST, HIGHEST, 2 * unit)
    yield staking, "approve", (other, unit)
    yield staking, "transfer", (other, 1)
    yield staking, "transferFrom", (HIGHEST, other, 1)
    yield diem, "stake", (unit // 5,)
    yield credits, "record", (HIGHEST,)
    yield credits, "spend", (HIGHEST, unit // 10)
    yield diem, "initiateUnstake", (unit // 10,)
    yield staking, "claim", ()
    yield staking, "claimAndStake", ()
    yield staking, "initiateUnstake", (unit,)
    yield diem, "unstake", ()
    yield staking, "burnDiem", (unit // 10,)
    yield staking, "finalizeUnstake", ()
    yield diem, "mint", (other, unit)
    yield diem, "mint", (HIGHEST, unit)
    yield diem, "burn", (HIGHEST, 10)
    yield diem, "grantRole", (MINTER_BURNER_ROLE, other)
    yield diem, "revokeRole", (MINTER_BURNER_ROLE, other)
    yield diem, "setCooldownDuration", (1,)
    yield staking, "setEmissionRate", (unit,)
    yield staking, "setTreasury", (HIGHEST,)
    yield staking, "upgradeToAndCall", (addresses.STAKING_IMPLEMENTATION, b"")
    yield staking, "upgradeToAndCall", (HIGHEST, b"")
    yield staking, "claim", ()
    yield diem, "renounceRole", (MINTER_BURNER_ROLE, HIGHEST)
    yield diem, "mint", (other, unit)
    yield staking, "transferOwnership", (HIGHEST,)
    yield vvv, "transferOwnership", (HIGHEST,)
    yield staking, "transferOwnership", (other,)
    yield staking, "setEmissionRate", (unit,)


def other_admins() -> Iterator[Program]:
    """Yield calls about roles where a role is administered by another than the first admin's."""
    preset = load_preset("minimal")
    keys = [account.address for account in preset.accounts[:2]]
    slots = {variable.name: (at, variable.slot) for at, variable in variables(SpecificationMachine(preset).world, keys)}
    role = int.from_bytes(MINTER_BURNER_ROLE, "big")
    start = {slots[f"diem.roles[0x{MINTER_BURNER_ROLE.hex()}].admin_role"]: role}
    diem = CONTRACTS[addresses.DIEM]
    acts: list[tuple[str, tuple[Any, ...]]] = [("getRoleAdmin", (MINTER_BURNER_ROLE,))]
    acts += [(name, (MINTER_BURNER_ROLE, keys[0])) for name in ("grantRole", "revokeRole", "hasRole")]
    calls = [
        Call(sender, diem.address, diem.by_name[name].calldata(*arguments), preset.timestamp)
        for name, arguments in acts
        for sender in (preset.diem.admin, addresses.STAKING, keys[0])
    ]
    yield from recorded(preset.name, "other admins", calls, start)


def short_texts() -> Iterator[Program]:
    """Yield views of names and symbols of each length that fits into a word."""
    preset = load_preset("minimal")
    slots = [
        (address, variable.slot)
        for address, variable in variables(SpecificationMachine(preset).world)
        if isinstance(variable.declared, ShortStringVariable)
    ]
    for text in SHORT:
        word = int.from_bytes(text.ljust(31, b"\0") + bytes([2 * len(text)]), "big")
        yield from recorded(
            preset.name, f"text of {len(text)}", texts_of(preset), dict.fromkeys(slots, word), views=False
        )


def texts_of(preset: Preset) -> list[Call]:
    """Return the calls of the views of texts."""
    return [
        Call(HIGHEST, contract.address, contract.by_name[name].calldata(), preset.timestamp)
        for contract in CONTRACTS.values()
        for name in ("name", "symbol", "DOMAIN_SEPARATOR")
        if name in contract.by_name
    ]
