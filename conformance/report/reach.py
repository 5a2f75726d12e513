"""How calls of every function ended, from what a run has counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from conformance.report.document import FunctionReach, Point
from conformance.trust.reach.outcomes import ACCEPTED, Outcome
from conformance.trust.reach.refusals import reasons_of
from conformance.trust.reach.unreachable import listed_places
from spec.contract import Contract
from spec.errors import EMPTY
from spec.machine import CONTRACTS

NO_FUNCTION: Final = "?"
"""What calls are counted under whose calldata select no function."""


def possible_reasons(contract: Contract, name: str) -> list[str]:
    """Return for what a function can refuse: what its source has, without what no call can reach."""
    full = f"{contract.name}.{name}"
    reasons = sorted(reasons_of(contract.by_name[name]))
    return [reason for reason in reasons if str(Outcome(full, reason)) not in _unreachable()]


def can_be_accepted(contract: Contract, name: str) -> bool:
    """Return whether any call of a function can be accepted."""
    return str(Outcome(f"{contract.name}.{name}", ACCEPTED)) not in _unreachable()


@cache
def _unreachable() -> frozenset[str]:
    _, reasons = listed_places()
    return frozenset(reasons)


def function_reach(accepted: Mapping[str, int], refused: Mapping[tuple[str, str], int]) -> tuple[FunctionReach, ...]:
    """Return each function of each contract with its outcomes.

    ``accepted`` is function |-> calls, ``refused`` is (function, reason) |-> calls, functions as ``staking.claim``.
    """
    return tuple(row for contract in CONTRACTS.values() for row in _rows(contract, accepted, refused))


def _rows(
    contract: Contract, accepted: Mapping[str, int], refused: Mapping[tuple[str, str], int]
) -> Iterator[FunctionReach]:
    given: dict[str, dict[str, int]] = {}
    for (name, reason), count in refused.items():
        given.setdefault(name, {})[reason] = count
    for name, function in contract.by_name.items():
        full = f"{contract.name}.{name}"
        possible = dict.fromkeys([*possible_reasons(contract, name), EMPTY.name], 0)
        yield FunctionReach(
            contract=contract.name,
            function=name,
            view=function.view,
            can_be_accepted=can_be_accepted(contract, name),
            accepted=accepted.get(full, 0),
            refused=_most_frequent_first(possible | given.get(full, {})),
        )
    unknown = given.get(f"{contract.name}.{NO_FUNCTION}", {})
    yield FunctionReach(
        contract=contract.name,
        function="no such function",
        view=False,
        can_be_accepted=False,
        accepted=accepted.get(f"{contract.name}.{NO_FUNCTION}", 0),
        refused=_most_frequent_first({EMPTY.name: 0} | unknown),
    )


def _most_frequent_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


class NewlySeen:
    """How the number of different outcomes grows with the calls."""

    def __init__(self) -> None:
        self._new: list[tuple[int, int]] = []
        self._last = (0, 0)

    def note(self, calls: int, outcomes: int) -> None:
        """Note how many different outcomes ``calls`` calls have had, neither less than before."""
        if outcomes > self._last[1]:
            self._new.append((calls, outcomes))
        self._last = (calls, outcomes)

    @property
    def points(self) -> tuple[Point, ...]:
        """Return the calls at which something was new, and the last."""
        noted = dict.fromkeys((*self._new, self._last))
        return tuple(Point(calls=calls, outcomes=outcomes) for calls, outcomes in noted if calls)
