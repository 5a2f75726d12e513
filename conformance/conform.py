"""The main job: programs of calls, the specification in lockstep with a machine, until one call is answered apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from conformance.lockstep import Divergence, Lockstep, Observer, Tally
from conformance.machines import Machine, SlowToTell
from conformance.machines.specification import SpecificationMachine
from conformance.programs.choices import SeededSource
from conformance.programs.generator import Generator
from conformance.shrinking import SECONDS, Program, shrink
from spec.messages import Call
from spec.parameters import Preset

PROGRAM_LENGTH: Final = 250
"""Calls in a program, which starts from genesis: enough for positions to grow old, and few enough that an owner who
renounces, or an emission that overflows, does not end the search."""


class Failure(NamedTuple):
    """A program on which the machines disagree, and the shorter one it was shrunk to."""

    found_after: int
    """Calls made in all programs so far, the one that failed included."""
    original: Program
    shrunk: Program
    divergence: Divergence
    """What the shrunk program ends with."""


class Result(NamedTuple):
    """What a run came to."""

    tally: Tally
    failure: Failure | None


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or SIGTERM while a failure was being shrunk; what had been found by then is not lost."""

    def __init__(self, failure: Failure, stop: KeyboardInterrupt) -> None:
        super().__init__()
        self.stop: Final = stop
        """Which of the two."""
        self.failure: Final = failure
        """With the shortest program so far."""


class Conformance:
    """The specification and another machine, both at the genesis of a preset, to which they can be brought back."""

    def __init__(
        self,
        preset: Preset,
        machine: Machine,
        shrink_seconds: float = SECONDS,
        observer: Callable[[SpecificationMachine], Observer] | None = None,
        left_out: Callable[[Call], str | None] = lambda _: None,
    ) -> None:
        """Put the machines at genesis.

        ``observer`` compares by views what cannot be compared by words. ``left_out`` returns the function, if a call is
        of one that the machine does not have: it is not made, and counted.
        """
        self.preset: Final = preset
        self.shrink_seconds: Final = shrink_seconds
        """How long the shrinking of a failure may take."""
        self._specification = SpecificationMachine(preset)
        self._machine = machine
        self._observer = observer
        self._left_out = left_out
        self._genesis = (self._specification.snapshot(), machine.snapshot())

    def run(
        self, calls: int, seed: int, progress: Callable[[int], None] = lambda _: None, tally: Tally | None = None
    ) -> Result:
        """Make programs of ``calls`` calls in all; stop at the first disagreement and shrink its program.

        ``progress`` is told after each call how many have been made. What was compared is counted in ``tally``, for who
        wants to look at it meanwhile.

        Raises
        ------
        Interrupted : by Ctrl-C, after a disagreement.
        """
        tally = Tally() if tally is None else tally
        for number, length in enumerate(_lengths(calls)):
            program: list[Call] = []
            before = tally.calls
            lockstep = self.from_genesis(tally)
            try:
                made = islice(self._made(self.calls(f"{seed}/{number}"), tally), length)
                for _ in lockstep.follow(_noted(made, program)):
                    progress(tally.calls)
                lockstep.checkpoint(program[-1])
            except Divergence as divergence:
                failed = tuple(program[: divergence.index + 1])
                return Result(tally, self._shrunk(before + len(failed), failed, divergence))
        return Result(tally, None)

    def calls(self, seed: str) -> Iterator[Call]:
        """Yield the calls that the generator makes up, each from the state that the specification is in by then."""
        generator = Generator(self._specification.world, self.preset, SeededSource(seed))
        while True:
            yield generator.next_call()

    def _made(self, calls: Iterable[Call], tally: Tally) -> Iterator[Call]:
        """Yield the calls that the machine can be asked, and count the others."""
        for call in calls:
            if (function := self._left_out(call)) is None:
                yield call
            else:
                tally.left_out[function] += 1

    def from_genesis(self, tally: Tally, *, careful: bool = False) -> Lockstep:
        """Bring both machines back to genesis, and return them in lockstep."""
        specification, machine = self._genesis
        self._specification.revert(specification)
        self._machine.revert(machine)
        observer = self._observer(self._specification) if self._observer else None
        return Lockstep(self._specification, self._machine, tally, observer, careful=careful)

    def divergence_of(self, program: Program, *, careful: bool = True) -> Divergence | None:
        """Return where a program fails from genesis on, if it does; one need not be ``careful`` to see that it does."""
        try:
            self.from_genesis(Tally(), careful=careful).run(program)
        except Divergence as divergence:
            return divergence
        return None

    def fails(self, program: Iterable[Call]) -> bool:
        """Return whether a program fails from genesis on; what the machine cannot be asked is left out."""
        return self._fails(tuple(self._made(program, Tally())))

    def failure_of(self, program: Iterable[Call], shrink_seconds: float) -> Failure:
        """Return how a program that fails does so, shrunk for at most ``shrink_seconds``.

        Raises
        ------
        ValueError : it does not fail.
        Interrupted : by Ctrl-C.
        """
        made = tuple(self._made(program, Tally()))
        divergence = self.divergence_of(made)
        if divergence is None:
            raise ValueError("expected a program that fails")
        return self._shrunk(divergence.index + 1, made[: divergence.index + 1], divergence, shrink_seconds)

    def _shrunk(
        self, found_after: int, program: Program, divergence: Divergence, seconds: float | None = None
    ) -> Failure:
        shortest, last = program, divergence

        def fails(candidate: Program) -> bool:
            nonlocal shortest, last
            found = self.divergence_of(candidate, careful=False)
            if found is not None:
                shortest, last = candidate, found
            return found is not None

        try:
            if isinstance(self._machine, SlowToTell):  # it may have gone wrong before it was noticed
                last = self.divergence_of(program) or divergence
                shortest = program = program[: last.index + 1]
            shrunk = shrink(program, fails, self.shrink_seconds if seconds is None else seconds)
            last = self.divergence_of(shrunk) or last
        except KeyboardInterrupt as stop:
            raise Interrupted(Failure(found_after, program, shortest[: last.index + 1], last), stop) from None
        return Failure(found_after, program, shrunk[: last.index + 1], last)

    def _fails(self, program: Program) -> bool:
        return self.divergence_of(program, careful=False) is not None


def _noted(calls: Iterable[Call], program: list[Call]) -> Iterator[Call]:
    """Yield the calls, and add each to ``program`` as it is taken."""
    for call in calls:
        program.append(call)
        yield call


def _lengths(calls: int) -> Iterator[int]:
    """Yield the lengths of programs that come to ``calls`` calls."""
    full, rest = divmod(calls, PROGRAM_LENGTH)
    yield from [PROGRAM_LENGTH] * full
    if rest:
        yield rest
