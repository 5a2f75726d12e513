"""What a run of `diem conform` has come to."""

from __future__ import annotations

from collections import Counter
from typing import Literal, NamedTuple

from conformance.conform import Failure
from conformance.facts import Observation
from conformance.lockstep import Tally

Verdict = Literal["conforms", "does not conform", "interrupted"]


class Outcome(NamedTuple):
    """What was compared, found and looked at, in as much of a run as was made."""

    tally: Tally
    failure: Failure | None
    facts: list[Observation]
    unlooked: Counter[str]
    """What of receipts was not looked at because a target's file says so |-> how often."""
    stop: KeyboardInterrupt | None
    """By which it was interrupted, if it was so."""

    @property
    def interrupted(self) -> bool:
        """Whether calls were not made, facts not looked at, or the program is not the shortest."""
        return self.stop is not None

    @property
    def wrong_facts(self) -> list[Observation]:
        """The facts that do not hold."""
        return [fact for fact in self.facts if not fact.holds]

    @property
    def fails(self) -> bool:
        """Whether anything was found that is not as it should be."""
        return self.failure is not None or bool(self.wrong_facts)

    @property
    def holds(self) -> bool:
        """Whether all was done, and is as it should be."""
        return not self.fails and not self.interrupted

    @property
    def verdict(self) -> Verdict:
        """The same in words: what was found counts for more than what was not done."""
        return "does not conform" if self.fails else "interrupted" if self.interrupted else "conforms"

    @property
    def summary(self) -> str:
        """What was compared and holds, in one line."""
        tally = self.tally
        parts = [f"{tally.calls} calls answered alike"]
        if tally.roots or not tally.views:
            parts.append(f"{tally.roots} storage roots equal")
        if tally.views:
            parts.append(f"{tally.views} views alike")
        parts.append(f"{sum(not fact.left_out for fact in self.facts)} published facts hold on both machines")
        if tally.left_out:
            parts.append(f"{sum(tally.left_out.values())} calls left out")
        return ", ".join(parts)
