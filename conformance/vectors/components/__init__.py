"""Components: each number of the protocol on its own, as a question to a contract in a state made up for it.

So the specification and the bytecode are asked alike. Only the curve's table and the emission rate are computed off
chain, by the specification's own functions.
"""

from __future__ import annotations

from typing import Any, Final

from conformance.vectors.components.component import Asked, Computed, Input
from conformance.vectors.components.credit import EPOCH_ALLOCATION
from conformance.vectors.components.curve import CURVE_TABLE, QUOTE
from conformance.vectors.components.locks import UNLOCK
from conformance.vectors.components.rewards import EMISSION_RATE, PENDING_REWARDS, SETTLEMENT
from conformance.vectors.encoding import Json, Malformed, brief, hexadecimal, integer
from conformance.vectors.executors import Executor
from conformance.vectors.state import mapping, state_of
from spec.errors import reason_of

COMPONENTS: Final[dict[str, Asked | Computed]] = {
    "emission_rate": EMISSION_RATE,
    "curve_table": CURVE_TABLE,
    "quote": QUOTE,
    "settlement": SETTLEMENT,
    "pending_rewards": PENDING_REWARDS,
    "unlock": UNLOCK,
    "epoch_allocation": EPOCH_ALLOCATION,
}
"""Name |-> component, in the order in which a client would write them."""


class OffChain(Exception):
    """There is no bytecode that computes this."""


def answer_component(request: Json, executor: Executor) -> Json:
    """Return the answer to a request for a component.

    Raises
    ------
    Malformed : the request is not of this form.
    OffChain : it is not for bytecode.
    """
    component, given = _read(request)
    if isinstance(component, Computed):
        if executor.name != "specification":
            raise OffChain("it is computed off chain")
        return {"status": True, "values": component.compute(given)}
    world, calls = component.trial(given)
    executor.start(state_of(world))
    receipts = []
    for call in calls:
        receipts.append(executor.call(call))
        if not receipts[-1].status:
            output = receipts[-1].output
            return {"status": False, "output": hexadecimal(output), "reason": reason_of(output)}
    return {"status": True, "values": component.values(executor, world, receipts)}


def _read(request: Json) -> tuple[Asked | Computed, Input]:
    component = COMPONENTS.get(str(request.get("component")))
    if component is None:
        raise Malformed(
            f"expected a component, one of {', '.join(COMPONENTS)}; found {brief(request.get('component'))}"
        )
    given = mapping(request.get("input"))
    if set(given) != set(component.fields):
        raise Malformed(f"expected an input of {', '.join(component.fields)}; found {', '.join(given)}")
    return component, {name: _value(value) for name, value in given.items()}


def _value(value: object) -> Any:
    return [integer(item) for item in value] if isinstance(value, list) else integer(value)
