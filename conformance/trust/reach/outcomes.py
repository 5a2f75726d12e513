"""What can become of a call: accepted, refused by its function, or refused before, for how it is written."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from conformance.lockstep import function_name
from conformance.trust.reach.refusals import reasons_of
from spec.abi import ARRAY_LENGTH, SELECTOR
from spec.contract import Function
from spec.encoding import WORD
from spec.errors import EMPTY, MEMORY_ALLOCATION, Revert, reason_of
from spec.machine import CONTRACTS
from spec.messages import Call, Receipt
from spec.staking import STAKING

ACCEPTED: Final = "accepted"

NO_SELECTOR: Final = "calldata shorter than a selector"
UNKNOWN_FUNCTION: Final = "unknown function"
VALUE_SENT: Final = "value where none is taken"
CUT_SHORT: Final = "calldata cut short"
OUTSIDE_TYPE: Final = "argument outside its type"
INNER: Final = "whatever the inner call is refused for"

_NARROW: Final = frozenset({"address", "uint8", "bytes4", "bytes"})
"""Types that not every word is of."""

_PASSES_ON: Final = STAKING.by_name["upgradeToAndCall"]
"""The function that makes a call of the caller's choice, and passes on what that is refused for."""


class Outcome(NamedTuple):
    """A function, and what becomes of a call of it."""

    function: str
    """``staking.claim`` and the like; ``staking.?`` for a function that there is not."""
    what: str
    """``ACCEPTED``, a reason of the specification, or one of the faults above, which all answer with empty data."""

    def __str__(self) -> str:
        return f"{self.function}: {self.what}"


def outcome_of(call: Call, receipt: Receipt) -> Outcome:
    """Return what has become of a call."""
    name = function_name(call)
    if receipt.status:
        return Outcome(name, ACCEPTED)
    function = CONTRACTS[call.to].by_selector.get(call.data[:SELECTOR])
    if function is None:
        return Outcome(name, UNKNOWN_FUNCTION if len(call.data) >= SELECTOR else NO_SELECTOR)
    what = _fault(function, call) or reason_of(receipt.output)
    if function is _PASSES_ON and what not in _possible(function):
        what = INNER
    return Outcome(name, what)


@cache
def possible_outcomes() -> tuple[Outcome, ...]:
    """Return all outcomes that the specification's source allows for, by function."""
    return tuple(_all_outcomes())


def _all_outcomes() -> Iterator[Outcome]:
    for contract in CONTRACTS.values():
        for function in contract.by_name.values():
            for what in _possible(function):
                yield Outcome(f"{contract.name}.{function.name}", what)
        yield Outcome(f"{contract.name}.?", NO_SELECTOR)
        yield Outcome(f"{contract.name}.?", UNKNOWN_FUNCTION)


@cache
def _possible(function: Function) -> tuple[str, ...]:
    types = {parameter.type for parameter in function.parameters}
    return (
        ACCEPTED,
        *sorted(reasons_of(function)),
        *([INNER] if function is _PASSES_ON else []),
        *([] if function.payable else [VALUE_SENT]),
        *([CUT_SHORT] if types else []),
        *([OUTSIDE_TYPE] if types & _NARROW else []),
        *([MEMORY_ALLOCATION.name] if "bytes" in types else []),
    )


def _fault(function: Function, call: Call) -> str | None:
    """Return what is wrong with how a call is written, in the order in which it is looked at."""
    if call.value and not function.payable:
        return VALUE_SENT
    if len(call.data) < SELECTOR + WORD * _head_words(function):
        return CUT_SHORT
    try:
        function._decode(call.data)
    except Revert as refusal:
        return OUTSIDE_TYPE if refusal.data == EMPTY.data else refusal.reason
    return None


@cache
def _head_words(function: Function) -> int:
    return sum(ARRAY_LENGTH if parameter.type.endswith("]") else 1 for parameter in function.parameters)
