"""The counter: how often each outcome, boundary and branch was hit; fed call by call, added up over processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from conformance.lockstep import Tally
from conformance.trust.reach.boundaries import Boundary, boundaries_before
from conformance.trust.reach.branches import Branch
from conformance.trust.reach.outcomes import ACCEPTED, Outcome, outcome_of
from spec.messages import Address, Call, Receipt
from spec.world import World


class Reach:
    """What calls have reached."""

    def __init__(self) -> None:
        self.calls = 0
        self.outcomes: Final = Counter[Outcome]()
        self.boundaries: Final = Counter[str]()
        """Name of a boundary |-> calls that were at it, with the outcome that it states."""
        self.branches: Final = Counter[Branch]()
        """Way of a jump in bytecode |-> how many runs went it."""

    @staticmethod
    def before(world: World, call: Call) -> list[Boundary]:
        """Return the boundaries that a call is at, seen from the state before it, for ``count``."""
        return list(boundaries_before(world, call))

    def count(self, call: Call, receipt: Receipt, at: Iterable[Boundary] = ()) -> Outcome:
        """Count one call, which was ``at`` these boundaries when it was made, and return what became of it."""
        outcome = outcome_of(call, receipt)
        self.calls += 1
        self.outcomes[outcome] += 1
        self.boundaries.update(boundary.name for boundary in at if boundary.outcome in {None, outcome.what})
        return outcome

    def count_branches(self, branches: Iterable[Branch]) -> None:
        """Count one run's ways through bytecode, each once."""
        self.branches.update(set(branches))

    def add(self, other: Reach) -> None:
        """Add what another counter has counted."""
        self.calls += other.calls
        self.outcomes.update(other.outcomes)
        self.boundaries.update(other.boundaries)
        self.branches.update(other.branches)

    def as_json(self) -> dict[str, Any]:
        """Return the counts, sorted; ``from_json`` reads them."""
        matrix: dict[str, dict[str, int]] = {}
        for outcome, count in sorted(self.outcomes.items()):
            matrix.setdefault(outcome.function, {})[outcome.what] = count
        branches: dict[str, dict[str, int]] = {}
        for branch, count in sorted(self.branches.items()):
            way = f"{branch.pc} {'jumps' if branch.taken else 'goes on'}"
            branches.setdefault(f"0x{branch.address.hex()}", {})[way] = count
        return {
            "calls": self.calls,
            "outcomes": matrix,
            "boundaries": dict(sorted(self.boundaries.items())),
            "branches": branches,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Reach:
        """Return the counter that ``as_json`` was called on."""
        reach = cls()
        reach.calls = value["calls"]
        for function, counts in value["outcomes"].items():
            reach.outcomes.update({Outcome(function, what): count for what, count in counts.items()})
        reach.boundaries.update(value["boundaries"])
        for address, counts in value["branches"].items():
            code = Address(bytes.fromhex(address[2:]))
            for way, count in counts.items():
                pc, _, taken = way.partition(" ")
                reach.branches[Branch(code, int(pc), taken == "jumps")] += count
        return reach

    @classmethod
    def from_tally(cls, tally: Tally) -> Reach:
        """Return the outcomes that a run's tally has counted; it does not know one kind of empty data from another."""
        reach = cls()
        reach.calls = tally.calls
        reach.outcomes.update({Outcome(function, ACCEPTED): count for function, count in tally.accepted.items()})
        reach.outcomes.update({Outcome(*pair): count for pair, count in tally.refused.items()})
        return reach
