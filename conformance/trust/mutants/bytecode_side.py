"""The mutants of bytecode, and why some cannot be told apart: by proof, for nothing runs the place, or by list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from conformance.trust.mutants.bytecode import CONTRACTS, SIDE, BytecodeMutant, code_of, mutants
from conformance.trust.mutants.coverage import Coverage, block_of, coverage_of, steps_of
from conformance.trust.mutants.program import Program
from conformance.trust.mutants.proving import MOST_WAYS, assigned, guards_of, told_apart, ways
from conformance.trust.mutants.scoring import Mutant, Reach
from conformance.trust.mutants.sides import Key, Progress, Reason, key_of, listed, read_list, stale_keys
from conformance.trust.mutants.spreading import spread

PROVED = Reason(
    "same effects",
    f"Followed term by term on up to {MOST_WAYS} of the ways through the code that run it, it comes to the same "
    "conditions, writes, logs, calls and results as the original, whatever calldata, storage, caller and time are; "
    "conditions aside that lead to blocks which are never run.",
)


class BytecodeSide:
    """The mutants, and what of the suite runs each."""

    left_out: Mapping[str, int] = {}

    def __init__(self, programs: Sequence[Program], coverages: Mapping[str, Coverage]) -> None:
        """``coverages`` are of the programs, by their names."""
        self.mutants: Sequence[BytecodeMutant] = tuple(mutants())
        self._programs = programs
        self._coverages = coverages
        self._ran = {block for coverage in coverages.values() for block in coverage}

    def reach(self, mutant: Mutant) -> Reach:
        """Return which steps of a program run what is faulty."""
        ours = cast("BytecodeMutant", mutant)
        return lambda program: steps_of(self._coverages[program.name], ours)

    def explained(self, survivors: Sequence[Mutant], workers: int, progress: Progress) -> Mapping[Key, Reason]:
        """Return the reasons: those in the list, and of the others what can be proved or is never run."""
        ours = [mutant for mutant in survivors if isinstance(mutant, BytecodeMutant)]
        reached = [mutant for mutant in ours if any(map(self.reach(mutant), self._programs))]
        apart = self._told_apart(reached, workers, progress)
        proved = {key_of(mutant): PROVED for mutant in reached if key_of(mutant) not in apart}
        return {**self._in_dead_blocks(ours), **proved, **listed(SIDE)}

    def stale(self, survivors: Iterable[Mutant]) -> list[str]:
        """Return what is listed but does not exist, is told apart, or is run after all."""
        run = [
            f"{contract} block {block}: listed as never run, but run or not there"
            for contract, blocks in _dead_blocks().items()
            for block in sorted(blocks.keys() - self._dead(contract))
        ]
        return [*run, *stale_keys(SIDE, survivors)]

    def _told_apart(self, reached: Sequence[BytecodeMutant], workers: int, progress: Progress) -> set[Key]:
        """Return those that are not proved to do the same."""
        tasks = assigned(ways((program, self._coverages[program.name]) for program in self._programs), reached)
        guards = guards_of(_dead_blocks())
        apart: set[Key] = set()

        def seen(number: int) -> list[Key]:
            return [key_of(mutant) for mutant in told_apart(*tasks[number], guards)]

        for done, (_, keys) in enumerate(spread(seen, len(tasks), workers), 1):
            apart.update(keys)
            progress("proofs", done, len(tasks))
        return apart

    def _dead(self, contract: str) -> set[int]:
        """Return the blocks of a contract that no call of the suite runs."""
        ran = {block for address, block in self._ran if address == CONTRACTS[contract]}
        return {block_of(contract, number) for number in range(len(code_of(contract)))} - ran

    def _in_dead_blocks(self, survivors: Iterable[BytecodeMutant]) -> dict[Key, Reason]:
        """Return the reasons of those whose block nothing runs, from the list of these blocks."""
        reasons = _dead_blocks()
        return {
            key_of(mutant): reasons[mutant.contract][block]
            for mutant in survivors
            if (block := block_of(mutant.contract, mutant.number)) in reasons.get(mutant.contract, {})
        }


def _dead_blocks() -> dict[str, dict[int, Reason]]:
    """Return contract |-> where a block begins |-> why nothing runs it, as listed."""
    found: dict[str, dict[int, Reason]] = {}
    for entry in read_list(SIDE).get("never_run", ()):
        reason = Reason(entry["category"], entry["why"])
        found.setdefault(entry["contract"], {}).update(dict.fromkeys(entry["blocks"], reason))
    return found


def side(programs: Sequence[Program], workers: int, progress: Progress) -> BytecodeSide:
    """Return the side; what runs each block is found out first."""

    def covered(number: int) -> Coverage:
        return coverage_of(programs[number])

    coverages: dict[str, Coverage] = {}
    for done, (number, coverage) in enumerate(spread(covered, len(programs), workers), 1):
        coverages[programs[number].name] = coverage
        progress("coverage", done, len(programs))
    return BytecodeSide(programs, coverages)
