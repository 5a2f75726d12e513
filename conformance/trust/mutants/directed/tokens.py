"""Programs for the masks and guards of VVV and DIEM: accounts with few bits or all, permits of nobody, odd words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, Final

from conformance.machines.specification import SpecificationMachine
from conformance.storage_names import variables
from conformance.trust.mutants.directed.bytecode import answered, long_text
from conformance.trust.mutants.directed.words import HIGHEST, LOWEST, TOPMOST, texts_of
from conformance.trust.mutants.program import Program, recorded
from ledger.secret_keys import account_of, sign
from spec import addresses
from spec.diem.token import MINTER_BURNER_ROLE
from spec.encoding import encode_word
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.parameters import Preset, load_preset
from spec.quantities import format_address
from spec.uint256 import MAX_UINT256
from spec.vvv.permit import permit_digest

DIEM: Final = CONTRACTS[addresses.DIEM]

SWAPPED_MASK: Final = (160 << 1) - 1
"""What becomes of the mask of an address, (1 << 160) - 1, if its shift is the wrong way round."""

Act = tuple[Address, str, tuple[Any, ...]]
"""Caller, function and arguments."""


def directed_at_tokens() -> Iterator[Program]:
    """Yield all of them."""
    preset = load_preset("minimal")
    yield from owners_of_vvv(preset)
    yield from permits(preset)
    yield from burned_from(preset)
    yield longer_symbol(preset)
    yield role_in_odd_word(preset)


def owners_of_vvv(preset: Preset) -> Iterator[Program]:
    """Yield how VVV is owned by accounts with all bits or one, in a word whose other bits are set and have to stay."""
    owners = (HIGHEST, LOWEST, TOPMOST, HIGHEST)
    acts: list[Act] = []
    for owner, other in zip(owners, (*owners[1:], ZERO_ADDRESS), strict=True):
        acts += [(owner, "owner", ()), *((owner, "mint", (HIGHEST, amount)) for amount in (0, 1))]
        acts += [(owner, "transferOwnership", (other,))]
    slots = {variable.name: variable.slot for _, variable in variables(SpecificationMachine(preset).world)}
    start = {(addresses.VVV, slots["vvv.owner"]): MAX_UINT256}
    yield from recorded(preset.name, "owners of VVV", _calls(preset, addresses.VVV, acts), start, views=False)


def permits(preset: Preset) -> Iterator[Program]:
    """Yield permits that nobody signed, and one of an account that a mask with its shift the wrong way round hides."""
    secret = next(
        secret for secret in map(encode_word, count(1)) if not int.from_bytes(account_of(secret), "big") & SWAPPED_MASK
    )
    terms = (addresses.STAKING, 1, preset.timestamp)
    digest = permit_digest(preset.chain_id, account_of(secret), *terms[:2], 0, terms[2])
    signed = sign(digest, secret)
    acts: list[Act] = [
        (HIGHEST, "permit", (owner, *terms, 27, bytes(32), bytes(32))) for owner in (ZERO_ADDRESS, LOWEST)
    ]
    acts += [
        (
            HIGHEST,
            "permit",
            (account_of(secret), *terms, 27 + signed.y_parity, encode_word(signed.r), encode_word(signed.s)),
        )
    ]
    yield from recorded(preset.name, "permits of nobody", _calls(preset, addresses.VVV, acts), views=False)


def burned_from(preset: Preset) -> Iterator[Program]:
    """Yield how DIEM is burned from accounts with one bit, and the id of an interface with a bit behind it."""
    acts: list[Act] = [
        (addresses.STAKING, function, (holder, 2 - number))
        for holder in (LOWEST, TOPMOST)
        for number, function in enumerate(("mint", "burn"))
    ]
    calls = _calls(preset, addresses.DIEM, acts)
    good = DIEM.by_name["supportsInterface"].calldata(b"\x01\xff\xc9\xa7")
    calls += [Call(HIGHEST, addresses.DIEM, good[:-1] + last, preset.timestamp) for last in (b"\0", b"\1")]
    yield from recorded(preset.name, "burned from accounts of one bit", calls, views=False)


def longer_symbol(preset: Preset) -> Program:
    """Return views of texts where VVV's symbol has words of its own, as its name has not."""
    slots = {variable.name: (at, variable.slot) for at, variable in variables(SpecificationMachine(preset).world)}
    start = dict(long_text(slots["vvv.symbol"], 33))
    return answered(preset, "a longer symbol than name", texts_of(preset), start)


def role_in_odd_word(preset: Preset) -> Program:
    """Return how a role is granted, in a word that says no but whose other bits are set and have to stay."""
    machine = SpecificationMachine(preset)
    slots = {variable.name: (at, variable.slot) for at, variable in variables(machine.world, [HIGHEST])}
    held = slots[f"diem.roles[0x{MINTER_BURNER_ROLE.hex()}].has_role[{format_address(HIGHEST)}]"]
    asked = MINTER_BURNER_ROLE, HIGHEST
    acts: list[Act] = [(preset.diem.admin, name, asked) for name in ("hasRole", "grantRole", "hasRole")]
    return answered(preset, "a role in an odd word", _calls(preset, addresses.DIEM, acts), {held: MAX_UINT256 ^ 0xFF})


def _calls(preset: Preset, to: Address, acts: list[Act]) -> list[Call]:
    contract = CONTRACTS[to]
    return [
        Call(sender, to, contract.by_name[function].calldata(*arguments), preset.timestamp)
        for sender, function, arguments in acts
    ]
