"""Boundaries: where one unit or one second decides, each by its name, and how often a run has to be there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from conformance.lockstep import function_name
from conformance.trust.reach.boundaries.amounts import AMOUNTS
from conformance.trust.reach.boundaries.cooldowns import COOLDOWNS
from conformance.trust.reach.boundaries.credit import CREDIT
from conformance.trust.reach.boundaries.curve import CURVE
from conformance.trust.reach.boundaries.moment import Boundary, Moment
from conformance.trust.reach.boundaries.rewards import REWARDS
from spec.abi import SELECTOR
from spec.errors import Revert
from spec.machine import CONTRACTS
from spec.messages import Call
from spec.world import World

BOUNDARIES: Final = (*COOLDOWNS, *CREDIT, *CURVE, *REWARDS, *AMOUNTS)
"""All boundaries."""

_OF: Final = defaultdict[str, list[Boundary]](list)
"""Function |-> the boundaries of its calls."""

for _boundary in BOUNDARIES:
    for _function in _boundary.functions:
        _OF[_function].append(_boundary)


def boundaries_before(world: World, call: Call) -> Iterator[Boundary]:
    """Yield the boundaries that a call is at, if it is made in this state."""
    candidates = _OF.get(function_name(call))
    if not candidates or call.value:
        return
    function = CONTRACTS[call.to].by_selector[call.data[:SELECTOR]]
    try:
        arguments = function._decode(call.data)
    except Revert:
        return
    moment = Moment(world, call, function, arguments)
    yield from (boundary for boundary in candidates if _is_at(boundary, moment))


def _is_at(boundary: Boundary, moment: Moment) -> bool:
    try:
        return boundary.holds(moment)
    except (Revert, ZeroDivisionError):  # in a state in which even looking at it is impossible
        return False


__all__ = ["BOUNDARIES", "Boundary", "Moment", "boundaries_before"]
