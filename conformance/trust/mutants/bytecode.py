"""Mutants of the deployed bytecode: every instruction that can be got wrong, in every way, in all contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from conformance.artifact import load_artifacts
from conformance.machines.py_evm import Image, deployed
from conformance.trust.mutants.assembler import Instruction, assemble, disassemble
from conformance.trust.mutants.operators import Change, changed, changes
from conformance.trust.mutants.scoring import EvmSubject
from conformance.trust.mutants.suite import PRESETS
from spec import addresses
from spec.messages import Address
from spec.parameters import load_preset

SIDE: Final = "bytecode"

CONTRACTS: Final[Mapping[str, Address]] = {
    "VVV": addresses.VVV,
    "Staking": addresses.STAKING_IMPLEMENTATION,
    "ERC1967Proxy": addresses.STAKING,
    "DIEM": addresses.DIEM,
    "DailyCredits": addresses.DAILY_CREDITS,
}
"""Name |-> where the code lies."""


@dataclass(frozen=True)
class BytecodeMutant:
    """A contract with one instruction replaced."""

    contract: str
    number: int
    """Of the instruction."""
    change: Change
    side: str = SIDE

    @property
    def instruction(self) -> Instruction:
        """The instruction that is replaced."""
        return code_of(self.contract)[self.number]

    @property
    def kind(self) -> str:
        """What sort of change it is."""
        return self.change.kind

    @property
    def place(self) -> str:
        """Where it is, and what is done there."""
        return f"0x{self.instruction.pc:04x}: {self.change.operator}"

    def describe(self) -> str:
        """Return contract, place and change."""
        return f"{self.contract} {self.place}"

    def code(self) -> bytes:
        """Return the contract's code with the fault in it."""
        return assemble(changed(code_of(self.contract), self.number, self.change))

    def subject(self, preset: str) -> EvmSubject:
        """Return the contracts in revm, this one with its fault; all of them were deployed without it."""
        genesis = load_preset(preset)
        image = deployed_image(preset)
        return EvmSubject(genesis, Image({**image.codes, CONTRACTS[self.contract]: self.code()}, image.words))


@cache
def deployed_image(preset: str) -> Image:
    """Return the state that the deployment of a preset ends in."""
    return deployed(load_preset(preset), load_artifacts())


@cache
def code_of(contract: str) -> Sequence[Instruction]:
    """Return the instructions of a contract as it is deployed, immutables included: the same for every preset."""
    (code,) = {deployed_image(preset).codes[CONTRACTS[contract]] for preset in PRESETS}
    return disassemble(code)


def mutants(contracts: Sequence[str] = tuple(CONTRACTS)) -> Iterator[BytecodeMutant]:
    """Yield all mutants of some contracts, in the order of the code."""
    for contract in contracts:
        for number, instruction in enumerate(code_of(contract)):
            for change in changes(instruction):
                yield BytecodeMutant(contract, number, change)
