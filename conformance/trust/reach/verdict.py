"""The verdict: everything there is to be reached, how often it was, and what is wrong with that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from conformance.trust.reach.boundaries import BOUNDARIES
from conformance.trust.reach.outcomes import (
    ACCEPTED,
    CUT_SHORT,
    NO_SELECTOR,
    OUTSIDE_TYPE,
    UNKNOWN_FUNCTION,
    VALUE_SENT,
    Outcome,
    possible_outcomes,
)
from conformance.trust.reach.places import all_branches
from conformance.trust.reach.run import Reached
from conformance.trust.reach.unreachable import listed_places

LEAST_CALLS: Final = 3
"""How many calls have to end in each outcome of a function: one from each preset."""

LEAST_UNITS: Final = 1
"""How many units of a run have to go each way of a branch."""

FUNCTIONS: Final = "functions accepted"
REFUSALS: Final = "reasons to refuse, by function"
FORMS: Final = "malformed calls, by function"
BOUNDARY: Final = "boundaries"
SPECIFICATION: Final = "ways through the specification"
BYTECODE: Final = "ways through the bytecode"
KINDS: Final = (FUNCTIONS, REFUSALS, FORMS, BOUNDARY, SPECIFICATION, BYTECODE)

_FORMS: Final = frozenset({VALUE_SENT, CUT_SHORT, OUTSIDE_TYPE, NO_SELECTOR, UNKNOWN_FUNCTION})


class Place(NamedTuple):
    """Something that can be reached."""

    kind: str
    name: str
    hits: int
    least: int


class Verdict(NamedTuple):
    """What a run has come to."""

    places: tuple[Place, ...]
    unreachable: Mapping[str, str]
    """Place that no call can reach |-> why."""
    faults: tuple[str, ...]
    """What is wrong; nothing if the run is as it has to be."""

    def of(self, kind: str) -> list[Place]:
        """Return the places of a kind."""
        return [place for place in self.places if place.kind == kind]

    def is_listed(self, place: Place) -> bool:
        """Whether a place is one of those that no call can reach."""
        return place.name in self.unreachable and place.hits == 0


def verdict(reached: Reached) -> Verdict:
    """Return all places with their counts, and what is wrong with them."""
    places = tuple(_places(reached))
    listed, reasons = listed_places()
    faults = [*(f"DIVERGENCE: {text}" for text in reached.divergences), *_faults(places, listed)]
    known = {str(outcome) for outcome in possible_outcomes()}
    faults += [
        f"{outcome}: not among what the source allows for"
        for outcome in reached.reach.outcomes
        if str(outcome) not in known
    ]
    return Verdict(places, reasons, tuple(faults))


def kind_of(outcome: Outcome) -> str:
    """Return which kind of place an outcome is."""
    if outcome.what == ACCEPTED:
        return FUNCTIONS
    return FORMS if outcome.what in _FORMS else REFUSALS


def _places(reached: Reached) -> Iterator[Place]:
    for outcome in possible_outcomes():
        yield Place(kind_of(outcome), str(outcome), reached.reach.outcomes[outcome], LEAST_CALLS)
    for boundary in BOUNDARIES:
        yield Place(BOUNDARY, boundary.name, reached.reach.boundaries[boundary.name], boundary.least)
    for way, hits in sorted(reached.specification.items()):
        yield Place(SPECIFICATION, way, hits, LEAST_UNITS)
    for branch, name in all_branches().items():
        yield Place(BYTECODE, name, reached.reach.branches[branch], LEAST_UNITS)


def _faults(places: tuple[Place, ...], listed: Counter[str]) -> Iterator[str]:
    never = Counter(place.name for place in places if place.hits == 0)
    for place in places:
        if 0 < place.hits < place.least:
            yield f"{place.name}: reached {place.hits} times, at least {place.least} are asked for"
    for name in dict.fromkeys([*never, *listed]):
        if never[name] > listed[name]:
            yield f"{name}: never reached{_times(never[name] - listed[name])}, and not listed as unreachable"
        elif never[name] < listed[name]:
            yield f"{name}: listed as unreachable{_times(listed[name] - never[name])}, and reached or not there"


def _times(count: int) -> str:
    return f" in {count} places of this name" if count > 1 else ""
