"""Mutants that cannot be told apart by any call that goes a way which the suite goes: shown term by term."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from conformance.machines.py_evm import Image, PyEvmHost
from conformance.trust.mutants.assembler import assemble
from conformance.trust.mutants.bytecode import CONTRACTS, BytecodeMutant, code_of, deployed_image
from conformance.trust.mutants.coverage import Block, Coverage, reaches
from conformance.trust.mutants.program import Program
from conformance.trust.mutants.scoring import words_before
from conformance.trust.mutants.shadow import Effects, Shadow
from conformance.trust.mutants.terms import forget
from conformance.trust.reach.branches import JUMPI
from spec.messages import Address, Call
from spec.parameters import load_preset

MOST_WAYS: Final = 12
"""How many of the ways that run a place a mutant of it is followed on."""


Guard = tuple[str, int]
"""A contract, and where in it a conditional jump stands."""


class Way(NamedTuple):
    """A call of the suite that stands for all that run the same blocks."""

    program: Program
    step: int
    blocks: frozenset[Block]


def ways(suite: Iterable[tuple[Program, Coverage]]) -> list[Way]:
    """Return one call for each set of blocks that some call runs."""
    found: dict[frozenset[Block], Way] = {}
    for program, coverage in suite:
        by_step: dict[int, set[Block]] = {}
        for block, steps in coverage.items():
            for step in steps:
                by_step.setdefault(step, set()).add(block)
        for step, blocks in sorted(by_step.items()):
            found.setdefault(frozenset(blocks), Way(program, step, frozenset(blocks)))
    return list(found.values())


def assigned(all_ways: Sequence[Way], mutants: Sequence[BytecodeMutant]) -> list[tuple[Way, list[BytecodeMutant]]]:
    """Return the ways on which mutants are followed: each mutant on up to ``MOST_WAYS``, spread evenly."""
    found: dict[int, list[BytecodeMutant]] = {}
    for mutant in mutants:
        candidates = [number for number, way in enumerate(all_ways) if reaches(way.blocks, mutant)]
        count = min(MOST_WAYS, len(candidates))
        for place in range(count):
            found.setdefault(candidates[place * len(candidates) // count], []).append(mutant)
    return [(all_ways[number], found[number]) for number in sorted(found)]


def guards_of(dead: Mapping[str, Collection[int]]) -> frozenset[Guard]:
    """Return the conditional jumps one of whose ways leads to a block that is listed as never run."""
    found = set[Guard]()
    for contract, blocks in dead.items():
        code = code_of(contract)
        for before, instruction, behind in zip(code, code[1:], code[2:], strict=False):
            leads_there = behind.pc in blocks or (before.destination and before.value in blocks)
            if instruction.opcode == JUMPI and leads_there:
                found.add((contract, instruction.pc))
    return frozenset(found)


def told_apart(way: Way, mutants: Sequence[BytecodeMutant], guards: frozenset[Guard]) -> list[BytecodeMutant]:
    """Return those of the mutants that do something else than the honest code, on this way; but for what guards do."""
    scene = _Scene(way, guards)
    honest = scene.effects()
    return [mutant for mutant in mutants if scene.effects(mutant) != honest]


class _Scene:
    """The state before a call, to which it goes back after each time that the call is carried out."""

    def __init__(self, way: Way, guards: frozenset[Guard]) -> None:
        self._guards = guards
        forget()
        image = deployed_image(way.program.preset)
        words = {address: dict(slots) for address, slots in image.words.items()}
        for (address, slot), word in words_before(way.program, way.step).items():
            words.setdefault(address, {})[slot] = word
        self._words: Final = words
        self._call: Final[Call] = way.program.steps[way.step].call
        self._host: Final = PyEvmHost(load_preset(way.program.preset).chain_id, Image(image.codes, words))
        self._shadow: Final = Shadow()
        self._host.execute_with(self._shadow.opcodes())

    def effects(self, mutant: BytecodeMutant | None = None) -> Effects:
        """Return what the call comes to."""
        if mutant is not None:
            self._host.set_code(CONTRACTS[mutant.contract], mutant.code())
        self._shadow.begin(self._placed(mutant))
        self._host.call(self._call)
        stored = self._host.take_stored()
        self._host.restore({(at, slot): self._words.get(at, {}).get(slot, 0) for at, slot in stored})
        if mutant is not None:
            self._host.set_code(CONTRACTS[mutant.contract], assemble(code_of(mutant.contract)))
        return self._shadow.effects

    def _placed(self, mutant: BytecodeMutant | None) -> frozenset[tuple[Address, int]]:
        """Return where the guards are in the code of a mutant, in which what follows the fault has moved."""
        if mutant is None:
            return frozenset((CONTRACTS[contract], pc) for contract, pc in self._guards)
        place = mutant.instruction.pc
        by = len(mutant.code()) - len(assemble(code_of(mutant.contract)))
        return frozenset(
            (CONTRACTS[contract], pc + by if contract == mutant.contract and pc > place else pc)
            for contract, pc in self._guards
        )
