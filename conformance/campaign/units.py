"""Work units: small records from which the same program of calls always results, wherever it is carried out."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from conformance.programs.generator import FAMILIES, MALFORMED_PERCENT, Drafts

KINDS: Final = {
    f"{family}.{draft.__name__}": (weight, draft) for family, kinds in FAMILIES.items() for weight, draft in kinds
}
"""Kind of call |-> weight and draft, as the generator has them."""


class Record(BaseModel):
    """What goes to workers, comes back, and is kept: nothing but plain values."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Stretch(Record):
    """Calls drawn one after the other from one seed, with settings of its own."""

    seed: str
    calls: int
    without: tuple[str, ...] = ()
    """Kinds that are never drawn."""
    favoured: tuple[str, ...] = ()
    """Kinds that are drawn more often: all together as often as everything by its usual weight."""
    malformed_percent: int = MALFORMED_PERCENT

    @property
    def drafts(self) -> Drafts:
        """The kinds to draw from, each with its weight."""
        others = sum(weight for kind, (weight, _) in KINDS.items() if kind not in self.without)
        share = -(-others // len(self.favoured)) if self.favoured else 0
        return tuple(
            (weight + share if kind in self.favoured else weight, draft)
            for kind, (weight, draft) in KINDS.items()
            if kind not in self.without
        )


Purpose = Literal["explore", "again", "shrink"]
"""Why a program is carried out: to see something new; again, in py-evm, with the branches of the bytecode noted; or to
find the shortest part of it that fails."""


class UnitKey(NamedTuple):
    """What tells the units of a campaign apart."""

    purpose: Purpose
    number: int
    machine: str


class Unit(Record):
    """One program, from genesis on."""

    number: int
    """Of the exploring unit whose program this is."""
    purpose: Purpose
    preset: str
    machine: str
    """The EVM."""
    stretches: tuple[Stretch, ...]
    """The last one is new; those before are the beginning of an earlier program, from which this one branches off."""

    @property
    def key(self) -> UnitKey:
        """What tells it apart from the others of its campaign."""
        return UnitKey(self.purpose, self.number, self.machine)

    @property
    def repeated(self) -> int:
        """How many calls an earlier program has made."""
        return sum(stretch.calls for stretch in self.stretches[:-1])

    @property
    def calls(self) -> int:
        """How many calls the program has in all."""
        return sum(stretch.calls for stretch in self.stretches)

    def beginning(self, calls: int) -> tuple[Stretch, ...]:
        """Return the stretches that make the first ``calls`` calls of the program."""
        found: list[Stretch] = []
        for stretch in self.stretches:
            taken = min(stretch.calls, calls)
            if taken:
                found.append(stretch.model_copy(update={"calls": taken}))
            calls -= taken
        return tuple(found)


class FoundFailure(Record):
    """Where a program failed."""

    function: str
    where: str
    """As ``Difference.where``."""
    specification: str
    other: str
    """What the machine says."""
    index: int
    """Of the call, from 0."""
    original: tuple[tuple[Any, ...], ...] = ()
    """The program and what it was shrunk to, as ``calls_json`` has them; only of units that shrink."""
    shrunk: tuple[tuple[Any, ...], ...] = ()


class UnitResult(Record):
    """What a unit came to; of calls that it repeats only how many there were."""

    unit: Unit
    calls: int
    """New calls answered alike."""
    repeated: int
    logs: int
    words: int
    roots: int
    views: int
    accepted: dict[str, int]
    """Function |-> calls."""
    refused: dict[str, dict[str, int]]
    """Function |-> reason |-> calls."""
    left_out: dict[str, int]
    """Function that the machine does not have |-> calls of it that were not made."""
    not_compared: dict[str, int]
    """What of receipts was not looked at, because a target's file says so |-> how often."""
    firsts: dict[str, int]
    """What was seen, as ``conformance.campaign.seen`` names it |-> index of the call at which it was seen first."""
    failure: FoundFailure | None
    seconds: float
    """How long it took."""
