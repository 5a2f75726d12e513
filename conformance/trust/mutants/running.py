"""The run: every mutant of a side against the suite, and the verdict on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from conformance.trust.mutants.program import Program
from conformance.trust.mutants.scoring import Kill, Mutant, lowest_kill
from conformance.trust.mutants.sides import Key, Progress, Reason, Side, key_of
from conformance.trust.mutants.spreading import spread


class Verdict(NamedTuple):
    """What has become of a mutant."""

    mutant: Mutant
    kill: Kill | None
    reason: Reason | None
    """Why it cannot be told apart, if it was not and that is known."""


class Result(NamedTuple):
    """What has become of all mutants of a side."""

    verdicts: Sequence[Verdict]
    stale: Sequence[str]
    """What is wrong with the list of those that cannot be told apart."""

    @property
    def unexplained(self) -> list[Verdict]:
        """Return those that nothing tells apart, and nobody knows why."""
        return [verdict for verdict in self.verdicts if verdict.kill is None and verdict.reason is None]

    @property
    def holds(self) -> bool:
        """Whether all are killed or listed, and the list is right."""
        return not self.unexplained and not self.stale


def run(side: Side, programs: Sequence[Program], workers: int, progress: Progress) -> Result:
    """Return the verdicts, in the order of the mutants."""
    mutants = side.mutants
    kills = kills_of(side, programs, workers, progress)
    survivors = [mutant for mutant, kill in zip(mutants, kills, strict=True) if kill is None]
    return judged(side, mutants, kills, side.explained(survivors, workers, progress))


def kills_of(side: Side, programs: Sequence[Program], workers: int, progress: Progress) -> list[Kill | None]:
    """Return what tells each mutant apart by the simplest comparison."""
    mutants = side.mutants

    def killed(number: int) -> Kill | None:
        return lowest_kill(mutants[number], programs, side.reach(mutants[number]))

    kills: list[Kill | None] = [None] * len(mutants)
    for done, (number, kill) in enumerate(spread(killed, len(mutants), workers), 1):
        kills[number] = kill
        progress("mutants", done, len(mutants))
    return kills


def judged(
    side: Side, mutants: Sequence[Mutant], kills: Sequence[Kill | None], reasons: Mapping[Key, Reason]
) -> Result:
    """Return the verdicts from what has told the mutants apart, and from the reasons why nothing can."""
    verdicts = [
        Verdict(mutant, kill, None if kill else reasons.get(key_of(mutant)))
        for mutant, kill in zip(mutants, kills, strict=True)
    ]
    return Result(verdicts, side.stale([verdict.mutant for verdict in verdicts if verdict.kill is None]))
