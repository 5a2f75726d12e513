"""What a campaign has come to, added up from the results of its units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from conformance.campaign.calls import calls_of
from conformance.campaign.seen import Item, code_of, is_branch, kind_of_failure
from conformance.campaign.units import FoundFailure, Unit, UnitResult
from conformance.findings.identity import Identity
from conformance.lockstep import Tally
from conformance.shrinking import Program


class Point(NamedTuple):
    """What had been seen by some time."""

    calls: int
    """New calls so far, those of exploring units."""
    seconds: float
    outcomes: int
    """Functions accepted, and pairs of function and reason."""
    reasons: int
    branches: int
    failures: int


@dataclass(frozen=True)
class Found:
    """A failure, and the unit that found it."""

    unit: Unit
    failure: FoundFailure

    @property
    def kind(self) -> Identity:
        """What makes two failures the same."""
        return kind_of_failure(self.failure)

    @property
    def shrunk(self) -> Program:
        """The shortest program known to fail so; empty until it has been looked for."""
        return calls_of(self.failure.shrunk)

    @property
    def original(self) -> Program:
        """The program that failed; empty as long as ``shrunk`` is."""
        return calls_of(self.failure.original)


@dataclass
class Totals:
    """Counts over units, each of which is counted once."""

    tally: Tally = field(default_factory=Tally)
    """Of exploring units, without the calls that they repeat."""
    units: int = 0
    repeated: int = 0
    """Calls that began a program as an earlier one began."""
    again: int = 0
    """Calls carried out again in py-evm."""
    not_compared: Counter[str] = field(default_factory=Counter)
    outcomes: set[Item] = field(default_factory=set)
    ways: set[Item] = field(default_factory=set)
    """Of bytecode."""
    found: dict[Identity, Found] = field(default_factory=dict)
    failing: set[int] = field(default_factory=set)
    """Numbers of the programs that failed, in whatever way, in whichever EVM."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Purpose |-> time of all workers together."""
    series: list[Point] = field(default_factory=list)

    def add(self, result: UnitResult, at: float) -> bool:
        """Count a unit that was done at ``at`` (s), and return whether it has shown anything new."""
        purpose = result.unit.purpose
        self.seconds[purpose] = self.seconds.get(purpose, 0.0) + result.seconds
        if result.failure is not None:
            self._note(result.unit, result.failure)
        if purpose == "explore":
            self._explored(result)
        elif purpose == "again":
            self.again += result.calls + result.repeated
        if purpose == "shrink":
            return False
        before = len(self.outcomes) + len(self.ways)
        for item in result.firsts:
            (self.ways if is_branch(item) else self.outcomes).add(item)
        new = len(self.outcomes) + len(self.ways) > before
        if new or not self.series or result.failure is not None:
            self.series.append(self.point(at))
        return new

    def point(self, at: float) -> Point:
        """Return what has been seen by now, ``at`` (s)."""
        calls, outcomes, ways = self.tally.calls, len(self.outcomes), len(self.ways)
        return Point(calls, round(at, 3), outcomes, len(self.reasons), ways, len(self.found))

    @property
    def reasons(self) -> set[str]:
        """The reasons of all refusals."""
        return {reason for _, reason in self.tally.refused}

    @property
    def branches(self) -> Mapping[str, int]:
        """Code |-> ways of its conditional jumps that were gone."""
        return Counter(code_of(item) for item in self.ways)

    def _note(self, unit: Unit, failure: FoundFailure) -> None:
        found = Found(unit, failure)
        self.failing.add(unit.number)
        known = self.found.get(found.kind)
        first = known is None or unit.number < known.unit.number
        if unit.purpose == "shrink" or (first and not (known and known.failure.shrunk)):
            self.found[found.kind] = found

    def _explored(self, result: UnitResult) -> None:
        tally = self.tally
        self.units += 1
        self.repeated += result.repeated
        tally.calls += result.calls
        tally.logs += result.logs
        tally.words += result.words
        tally.roots += result.roots
        tally.views += result.views
        tally.accepted.update(result.accepted)
        for function, reasons in result.refused.items():
            tally.refused.update({(function, reason): count for reason, count in reasons.items()})
        tally.left_out.update(result.left_out)
        self.not_compared.update(result.not_compared)
