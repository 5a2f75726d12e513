"""Branches of bytecode: all of them by disassembly, and those that calls went in py-evm."""

from __future__ import annotations

import pytest

from conformance.artifact import load_artifacts
from conformance.machines.py_evm import PyEvmMachine, deployed
from conformance.trust.reach.branches import Branch, Way, branches_of, recording
from spec import addresses
from spec.messages import Address, Call
from spec.parameters import load_preset
from spec.staking import STAKING

PRESET = load_preset("minimal")
METADATA = bytes.fromhex("a164736f6c634300081a000a")


@pytest.mark.parametrize(
    "code,places",
    [
        ("", []),
        ("57", [0]),
        ("6057", []),
        ("605757", [2]),
        ("7f" + "57" * 32 + "57", [33]),
        ("5f57", [1]),
        ("5b57" + "00", [1]),
        ("57" + METADATA.hex(), [0]),
        ("57" + METADATA.hex().replace("64", "57"), [0]),
        ("5700" + "0005", [0]),
    ],
)
def test_both_ways_of_every_conditional_jump_are_found_and_no_data_is_taken_for_one(
    code: str, places: list[int]
) -> None:
    assert branches_of(bytes.fromhex(code)) == {Way(pc, taken) for pc in places for taken in (False, True)}


def claim(sender: Address) -> Call:
    return Call(sender, STAKING.address, STAKING.by_name["claim"].calldata(), PRESET.timestamp + 1)


def test_what_a_call_goes_through_is_noted_under_the_address_of_the_code_that_ran() -> None:
    machine = PyEvmMachine(PRESET)
    codes = deployed(PRESET, load_artifacts()).codes

    with recording(machine) as found:
        machine.call(claim(PRESET.accounts[0].address))

    ran = {branch.address for branch in found}
    assert addresses.STAKING_IMPLEMENTATION in ran
    assert addresses.STAKING in ran  # the proxy asks whether its delegatecall was successful
    assert addresses.DIEM not in ran
    for branch in found:
        assert Way(branch.pc, branch.taken) in branches_of(codes[branch.address])


def test_a_refusal_goes_another_way_than_what_is_accepted() -> None:
    machine = PyEvmMachine(PRESET)
    accepted, refused = claim(PRESET.accounts[0].address), claim(PRESET.accounts[0].address)._replace(value=1)

    with recording(machine) as found:
        machine.call(accepted)
        first = set(found)
        found.clear()
        machine.call(refused)

    assert found - first
    assert {Branch(at, pc, not taken) for at, pc, taken in found - first} & first


def test_nothing_is_noted_any_more_afterwards_and_the_answers_are_the_same() -> None:
    machine = PyEvmMachine(PRESET)
    genesis = machine.snapshot()
    call = claim(PRESET.accounts[0].address)
    with recording(machine) as found:
        noted = machine.call(call)
    before = set(found)
    machine.revert(genesis)

    assert machine.call(call) == noted
    assert found == before
