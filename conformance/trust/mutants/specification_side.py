"""The mutants of the specification's source, as one side of the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from conformance.trust.mutants.program import Program
from conformance.trust.mutants.scoring import Mutant, Reach
from conformance.trust.mutants.sides import Key, Progress, Reason, listed, stale_keys
from conformance.trust.mutants.specification import SpecificationMutant, generate
from conformance.trust.mutants.specification_coverage import coverage_of

SIDE: Final = "specification"


class SpecificationSide:
    """The mutants, and which calls run the changed functions."""

    def __init__(self, programs: Sequence[Program]) -> None:
        """Carry out the programs once, to note what they run."""
        generated = generate()
        self.mutants: Sequence[SpecificationMutant] = generated.mutants
        self._coverage = coverage_of(programs)
        self.left_out: Mapping[str, int] = {
            "more changes do not change what Python runs": generated.same,
            "more come to the same as another": generated.twins,
            "programs are about what only an EVM has, and not asked": len(self._coverage.unspecified),
        }

    def reach(self, mutant: Mutant) -> Reach:
        """Return which steps of a program run the changed function."""
        return self._coverage.reach(cast("SpecificationMutant", mutant))

    def explained(self, survivors: Sequence[Mutant], workers: int, progress: Progress) -> Mapping[Key, Reason]:  # noqa: ARG002
        """Return the reasons that are listed."""
        return listed(SIDE)

    def stale(self, survivors: Iterable[Mutant]) -> list[str]:
        """Return what is listed but does not exist, or is told apart."""
        return stale_keys(SIDE, survivors)


def side(programs: Sequence[Program], workers: int, progress: Progress) -> SpecificationSide:  # noqa: ARG001
    """Return the side."""
    return SpecificationSide(programs)
