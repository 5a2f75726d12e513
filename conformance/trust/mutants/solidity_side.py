"""The mutants of the contracts' Solidity, as one side of the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from conformance.trust.mutants.program import Program
from conformance.trust.mutants.scoring import Mutant, Reach
from conformance.trust.mutants.sides import Key, Progress, Reason, SideMissing, listed, stale_keys
from conformance.trust.mutants.solidity.compiler import CompilerMissing
from conformance.trust.mutants.solidity.generating import Generated, SolidityMutant, generate

SIDE: Final = "solidity"


class SoliditySide:
    """The mutants, compiled."""

    def __init__(self, generated: Generated) -> None:
        self.mutants: Sequence[SolidityMutant] = generated.mutants
        self.left_out: Mapping[str, int] = {
            "more changes do not compile": generated.uncompiled,
            "more compile to the code of the original": generated.same,
            "more compile to the code of another mutant": generated.twins,
        }

    def reach(self, mutant: Mutant) -> Reach:
        """Return which steps of a program can run the changed function."""
        return cast("SolidityMutant", mutant).reach()

    def explained(self, survivors: Sequence[Mutant], workers: int, progress: Progress) -> Mapping[Key, Reason]:  # noqa: ARG002
        """Return the reasons that are listed."""
        return listed(SIDE)

    def stale(self, survivors: Iterable[Mutant]) -> list[str]:
        """Return what is listed but does not exist, or is told apart."""
        return stale_keys(SIDE, survivors)


def side(programs: Sequence[Program], workers: int, progress: Progress) -> SoliditySide:  # noqa: ARG001
    """Compile the mutants, and return the side.

    Raises
    ------
    SideMissing : Node or the compiler is not installed.
    """
    try:
        return SoliditySide(generate(workers, progress=lambda done, of: progress("compiled", done, of)))
    except CompilerMissing as error:
        raise SideMissing(str(error)) from None
