"""Which calls of the suite run which functions of the specification: no others can tell of a fault there."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from types import FrameType
from typing import Any

from conformance.trust.mutants.program import Program
from conformance.trust.mutants.scoring import Reach, compare
from conformance.trust.mutants.specification import SpecificationMutant, SpecificationSubject
from spec.machine import CONTRACTS

Function = tuple[str, str]
"""The file of a function, and its qualified name."""


@dataclass(frozen=True)
class Coverage:
    """What was noted while the programs of a suite ran."""

    at_genesis: set[Function]
    """What runs while a genesis is written down."""
    steps: Mapping[str, Mapping[Function, Sequence[int]]]
    """Program |-> function |-> the steps that run it, in order."""
    unspecified: frozenset[str]
    """Programs that the specification itself does not answer as they are recorded: they are about what only an EVM has,
    such as calls of the implementation itself."""

    def reach(self, mutant: SpecificationMutant) -> Reach:
        """Return which steps run the changed function; any may tell of it if the genesis depends on it."""
        code = mutant.source.targets[0].__code__
        function = code.co_filename, code.co_qualname
        any_step = function in self.at_genesis

        def steps(program: Program) -> Sequence[int] | None:
            if program.name in self.unspecified:
                return ()
            return None if any_step else self.steps[program.name].get(function, ())

        return steps


def coverage_of(programs: Iterable[Program]) -> Coverage:
    """Carry out programs with the specification as it is."""
    subjects: dict[str, SpecificationSubject] = {}
    at_genesis: set[Function] = set()
    steps: dict[str, dict[Function, list[int]]] = {}
    unspecified: set[str] = set()
    with _noting() as found:
        for program in programs:
            if any(address not in CONTRACTS for address, _ in program.start):
                unspecified.add(program.name)
                continue
            if program.preset not in subjects:
                found.clear()
                subjects[program.preset] = SpecificationSubject(nullcontext, program.preset)
                at_genesis |= found
            subjects[program.preset].start(program.start)
            here = steps[program.name] = defaultdict(list)
            for number, step in enumerate(program.steps):
                found.clear()
                receipt = subjects[program.preset].call(step.call)
                if compare(step, receipt) is not None:
                    unspecified.add(program.name)
                    break
                for function in tuple(found):  # what is collected as garbage meanwhile calls functions too
                    here[function].append(number)
    return Coverage(at_genesis, steps, frozenset(unspecified))


@contextmanager
def _noting() -> Iterator[set[Function]]:
    """Yield a set to which every function that is called is added."""
    found: set[Function] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            found.add((frame.f_code.co_filename, frame.f_code.co_qualname))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(before)
