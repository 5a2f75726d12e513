"""Mutants that cannot be told apart by any call that goes a way which the suite goes: shown term by term."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from conformance.machines.py_evm import Image, PyEvmHost
from conformance.trust.mutants.assembler import assemble
from conformance.trust.mutants.bytecode import CONTRACTS, BytecodeMutant, code_of, deployed_image
from conformance.trust.mutants.coverage import Block, Coverage, reaches
from conformance.trust.mutants.scoring import words_before
from conformance.trust.mutants.shadow import Effects, Shadow
from conformance.trust.mutants.suite import Program
from conformance.trust.mutants.terms import forget
from spec.messages import Call
from spec.parameters import load_preset

MOST_WAYS: Final = 12
"""How many of the ways that run a place a mutant of it is followed on."""


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


def told_apart(way: Way, mutants: Sequence[BytecodeMutant]) -> list[BytecodeMutant]:
    """Return those of the mutants that do something else than the honest code, on this way."""
    scene = _Scene(way)
    honest = scene.effects()
    return [mutant for mutant in mutants if scene.effects(mutant) != honest]


class _Scene:
    """The state before a call, to which it goes back after each time that the call is carried out."""

    def __init__(self, way: Way) -> None:
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
        self._shadow.begin()
        self._host.call(self._call)
        stored = self._host.take_stored()
        self._host.restore({(at, slot): self._words.get(at, {}).get(slot, 0) for at, slot in stored})
        if mutant is not None:
            self._host.set_code(CONTRACTS[mutant.contract], assemble(code_of(mutant.contract)))
        return self._shadow.effects
