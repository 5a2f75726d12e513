"""A worker: carries out units, and holds its machines from one unit to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from copy import deepcopy
from time import perf_counter
from typing import Final, NamedTuple

from conformance.campaign.calls import plain_calls
from conformance.campaign.seen import accepted_item, branch_item, refused_item
from conformance.campaign.setting import Setting
from conformance.campaign.units import FoundFailure, Stretch, Unit, UnitResult
from conformance.conform import Conformance
from conformance.findings.identity import identity_of
from conformance.lockstep import Divergence, Lockstep, Tally, function_name
from conformance.machines import Machine
from conformance.machines.py_evm import PyEvmMachine
from conformance.programs.choices import SeededSource
from conformance.programs.generator import Generator
from conformance.shrinking import Program, shrink
from conformance.target import TargetMachine
from conformance.trust.reach.branches import Branch, recording
from spec.messages import Call
from spec.parameters import Preset

DRAWN_AT_MOST: Final = 4000
"""How many calls are drawn of a stretch before it ends early, because the machine lacks most of what is drawn."""

SHRINK_RUNS: Final = 300
"""How many programs shrinking tries: a count, not a time, so that every machine comes to the same."""


class _Side(NamedTuple):
    """A preset on an EVM."""

    preset: Preset
    machine: Machine
    conformance: Conformance


class Worker:
    """Carries out one unit after the other."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._sides: dict[tuple[str, str], _Side] = {}

    def carry_out(self, unit: Unit) -> UnitResult:
        """Return what a unit came to: the same on every machine, but for the time it took.

        Errors as ``Setting.compared`` and the deployment of what is compared.
        """
        started = perf_counter()
        side = self._side(unit.preset, unit.machine)
        run = _Run(side, unit)
        divergence = run.run()
        failure = None if divergence is None else self._failure(side, unit, run, divergence)
        return run.result(failure, perf_counter() - started)

    def _side(self, preset_name: str, evm: str) -> _Side:
        if (preset_name, evm) not in self._sides:
            preset = self._setting.presets[preset_name]
            compared = self._setting.compared(evm)
            machine = compared.machine(preset)
            self._sides[preset_name, evm] = _Side(preset, machine, compared.conformance(preset, machine))
        return self._sides[preset_name, evm]

    def _failure(self, side: _Side, unit: Unit, run: _Run, divergence: Divergence) -> FoundFailure:
        program = tuple(run.program)
        shrunk: Program = ()
        if unit.purpose == "shrink":
            shrunk, divergence = self._shrunk(side, program, divergence)
        difference = divergence.difference
        return FoundFailure(
            function=function_name(divergence.call),
            where=difference.where,
            specification=difference.left,
            other=difference.right,
            index=divergence.index,
            original=plain_calls(program) if unit.purpose == "shrink" else (),
            shrunk=plain_calls(shrunk),
        )

    def _shrunk(self, side: _Side, program: Program, divergence: Divergence) -> tuple[Program, Divergence]:
        """Return the shortest program found that fails in the same way, and where it fails."""
        wanted = identity_of(function_name(divergence.call), divergence.difference)
        runs = 0

        def fails(candidate: Program) -> bool:
            nonlocal runs
            runs += 1
            if runs > SHRINK_RUNS:
                return False
            found = side.conformance.divergence_of(candidate)
            return found is not None and wanted == identity_of(function_name(found.call), found.difference)

        shrunk = shrink(program, fails, self._setting.shrink_seconds)
        last = side.conformance.divergence_of(shrunk) or divergence
        return shrunk[: last.index + 1], last


class _Run:
    """One program on both machines."""

    def __init__(self, side: _Side, unit: Unit) -> None:
        self.program: Final[list[Call]] = []
        self._side = side
        self._unit = unit
        self._tally = Tally()
        self._before = Tally()
        """What the repeated calls came to."""
        self._unlooked = _unlooked(side.machine).copy()
        self._accepted = self._refused = 0
        """How many kinds of outcomes there have been."""
        self._firsts: dict[str, int] = {}
        self._branches: set[Branch] | None = None
        self._seen_branches: set[Branch] = set()

    def run(self) -> Divergence | None:
        """Make the calls; return where the machines do not agree, if they do not."""
        with ExitStack() as stack:
            machine = self._side.machine
            if self._unit.machine == PyEvmMachine.name and isinstance(machine, PyEvmMachine | TargetMachine):
                self._branches = stack.enter_context(recording(machine))
            lockstep = self._side.conformance.from_genesis(self._tally)
            try:
                for calls in self._stretches(lockstep):
                    for _ in lockstep.follow(calls):
                        self._note()
                if self.program:
                    lockstep.checkpoint(self.program[-1])
            except Divergence as divergence:
                del self.program[divergence.index + 1 :]
                return self._side.conformance.divergence_of(tuple(self.program)) or divergence
        return None

    def result(self, failure: FoundFailure | None, seconds: float) -> UnitResult:
        """Return what the run came to."""
        tally, before = self._tally, self._before
        refused: dict[str, dict[str, int]] = {}
        for (function, reason), count in (tally.refused - before.refused).items():
            refused.setdefault(function, {})[reason] = count
        return UnitResult(
            unit=self._unit,
            calls=tally.calls - before.calls,
            repeated=before.calls,
            logs=tally.logs - before.logs,
            words=tally.words - before.words,
            roots=tally.roots - before.roots,
            views=tally.views - before.views,
            accepted=dict(tally.accepted - before.accepted),
            refused=refused,
            left_out=dict(tally.left_out - before.left_out),
            not_compared=dict(_unlooked(self._side.machine) - self._unlooked),
            firsts=self._firsts,
            failure=failure,
            seconds=round(seconds, 6),
        )

    def _stretches(self, lockstep: Lockstep) -> Iterator[Iterator[Call]]:
        """Yield the calls of each stretch, one stretch after the other."""
        world = lockstep.specification.world
        generator = Generator(world, self._side.preset, SeededSource(self._unit.stretches[0].seed))
        for number, stretch in enumerate(self._unit.stretches):
            if number:
                generator.draw_from(SeededSource(stretch.seed))
            if number == len(self._unit.stretches) - 1:
                self._before = deepcopy(self._tally)
            yield self._drawn(generator, stretch)

    def _drawn(self, generator: Generator, stretch: Stretch) -> Iterator[Call]:
        """Yield calls, each drawn from the state that those before have led the specification to."""
        made, drafts = 0, stretch.drafts
        for _ in range(DRAWN_AT_MOST):
            if made == stretch.calls:
                break
            call = generator.next_call(drafts, stretch.malformed_percent)
            if not self._left_out(call):
                made += 1
                self.program.append(call)
                yield call

    def _left_out(self, call: Call) -> bool:
        machine = self._side.machine
        function = machine.left_out(call) if isinstance(machine, TargetMachine) else None
        if function is not None:
            self._tally.left_out[function] += 1
        return function is not None

    def _note(self) -> None:
        """Note what the last call has shown for the first time in this program."""
        index, tally = self._tally.calls - 1, self._tally
        if len(tally.accepted) > self._accepted:
            self._accepted += 1
            self._firsts[accepted_item(next(reversed(tally.accepted)))] = index
        elif len(tally.refused) > self._refused:
            self._refused += 1
            self._firsts[refused_item(*next(reversed(tally.refused)))] = index
        if self._branches is not None:
            new = self._branches - self._seen_branches
            self._seen_branches |= new
            self._branches.clear()
            self._firsts |= dict.fromkeys(map(branch_item, sorted(new)), index)


def _unlooked(machine: Machine) -> Counter[str]:
    return machine.translation.not_compared if isinstance(machine, TargetMachine) else Counter()
