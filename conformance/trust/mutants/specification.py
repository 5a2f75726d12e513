"""Mutants of the specification's source, each compared with what the specification itself has answered.

These answers were recorded before anything was changed, and the contracts in an EVM give the same: that is what
conformance says. So a mutant that the suite tells apart is one that conformance would have found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Final, NamedTuple

from conformance.deployment import DeploymentError
from conformance.machines.specification import SpecificationMachine
from conformance.trust.mutants.program import Words
from conformance.trust.mutants.scoring import Subject
from conformance.trust.mutants.specification_operators import all_changes
from conformance.vectors import mutants as sources
from spec.messages import Address, Call, Receipt
from spec.parameters import load_preset
from spec.uint256 import U256

MODULES: Final = (
    *sources.MODULES,
    *("spec.vvv.views", "spec.diem.views", "spec.daily_credits.views"),
)
"""Where the rules of the protocol stand, and the views."""

AT_IMPORT: Final = ("spec/staking/proxy.py _error",)
"""Functions that run once, before anything can be changed."""

CONTRACTS: Final = {"vvv": "VVV", "staking": "Staking", "diem": "DIEM", "daily_credits": "DailyCredits"}
"""Package |-> contract; what stands in none of them is of several."""


@dataclass(frozen=True)
class SpecificationMutant:
    """One change."""

    source: sources.Mutant
    side: str = "specification"

    @property
    def kind(self) -> str:
        """What sort of change it is."""
        return self.source.kind

    @property
    def contract(self) -> str:
        """The contract whose rules are changed."""
        return CONTRACTS.get(self.source.name.split("/")[1], "shared")

    @property
    def place(self) -> str:
        """File, function, the line as it was, and what is changed in it."""
        return self.source.name

    def describe(self) -> str:
        """Return in a line what was changed into what."""
        return self.place

    def subject(self, preset: str) -> Subject:
        """Return the mutant at the genesis of a preset.

        Raises
        ------
        DeploymentError : it fails to write down that state.
        """
        return SpecificationSubject(self.source.applied, preset)


class SpecificationSubject:
    """The specification, changed for as long as it is asked something."""

    def __init__(self, applied: Callable[[], AbstractContextManager[None]], preset: str) -> None:
        """Write down the genesis; errors as ``SpecificationMutant.subject``."""
        self._applied: Final = applied
        try:
            with applied():
                self._machine = SpecificationMachine(load_preset(preset))
        except Exception as error:
            raise DeploymentError(f"preset {preset}: {error}") from error
        self._before: dict[tuple[Address, int], int] = {}

    def start(self, words: Words) -> None:
        """Go to genesis, and from there to the state in which ``words`` are replaced."""
        world = self._machine.world
        world.undo(0)
        self._put(self._before)
        self._before = {(address, slot): world.accounts[address].words[slot] for address, slot in words}
        self._put(words)

    def call(self, call: Call) -> Receipt:
        """Carry out one call; to fail otherwise than by refusing it is an answer of its own."""
        world = self._machine.world
        before = len(world.journal)
        with self._applied():
            try:
                return self._machine.call(call)
            except Exception as error:
                world.undo(before)
                return Receipt(False, repr(error).encode(), ())

    def words(self, address: Address) -> Mapping[int, int]:
        """Return slot |-> word of a contract; no zeros."""
        return self._machine.world.accounts[address].words

    def _put(self, words: Words) -> None:
        for (address, slot), word in words.items():
            self._machine.world.accounts[address].restore(slot, U256(word))


class Generated(NamedTuple):
    """What came of the candidates."""

    mutants: tuple[SpecificationMutant, ...]
    same: int
    """Candidates whose code is the original's."""
    twins: int
    """Candidates whose code is that of a mutant before them."""


@cache
def generate() -> Generated:
    """Return all of them, in the order of their lines."""
    found: dict[tuple[object, ...], SpecificationMutant] = {}
    same = twins = 0
    for mutant in sources.mutants(MODULES, all_changes):
        if mutant.function in AT_IMPORT:
            continue
        key = (mutant.function, *_instructions(mutant.code))
        if key[1:] == _instructions(mutant.targets[0].__code__):
            same += 1
        elif key in found:
            twins += 1
        else:
            found[key] = SpecificationMutant(mutant)
    return Generated(tuple(found.values()), same, twins)


def _instructions(code: CodeType) -> tuple[object, ...]:
    """Return what a function does, without the lines it stands in."""
    constants = tuple((type(one), one) for one in code.co_consts if not isinstance(one, CodeType))
    return code.co_code, constants, code.co_names, code.co_varnames
