"""Whether contracts, once deployed and set up, are in the state of the preset."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.comparison import Difference
from conformance.lockstep import Tally
from conformance.machines import FOREIGN, Listing
from conformance.machines.specification import SpecificationMachine
from conformance.storage_names import describe_word, named_slots
from conformance.target.machine import TargetMachine
from conformance.target.observation import ByViews
from spec.machine import CONTRACTS
from spec.messages import Address
from spec.parameters import Preset


def genesis_differences(machine: Listing, preset: Preset) -> Iterator[Difference]:
    """Yield what differs between the specification and a machine at the genesis of ``preset``: words, then views."""
    specification = SpecificationMachine(preset)
    by_views = machine.by_views if isinstance(machine, TargetMachine) else frozenset[Address]()
    for address in CONTRACTS:
        if address not in by_views:
            yield from _differing_words(specification, machine, address, preset)
    if isinstance(machine, TargetMachine) and by_views:
        difference = ByViews(specification, machine, preset).everything(preset.timestamp, Tally())
        if difference is not None:
            yield difference


def _differing_words(
    specification: SpecificationMachine, machine: Listing, address: Address, preset: Preset
) -> Iterator[Difference]:
    contract = CONTRACTS[address]
    ours = specification.world.accounts[address].words
    theirs = machine.our_words(address) if isinstance(machine, TargetMachine) else machine.words(address)
    accounts = [account.address for account in preset.accounts]
    names = named_slots(specification.world, address, [*accounts, *CONTRACTS, preset.staking.treasury])
    for slot in sorted({*ours, *theirs}):
        left, right = int(ours.get(slot, 0)), machine.word(address, slot)
        if left != right:
            name = names.get(slot, f"{contract.name}: slot 0x{slot % FOREIGN:x}")
            yield Difference(name, describe_word(left), describe_word(right))
