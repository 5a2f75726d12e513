"""Which calls can run a function of the contracts at all, by the references between functions in the syntax trees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from conformance.trust.mutants.program import Program
from conformance.trust.mutants.scoring import Reach
from conformance.trust.mutants.solidity.syntax import Json, Source, children
from spec import addresses
from spec.messages import Address, Call
from spec.staking import STAKING

AT: Final[Mapping[str, Address]] = {
    "VVV": addresses.VVV,
    "Staking": addresses.STAKING,
    "DIEM": addresses.DIEM,
    "DailyCredits": addresses.DAILY_CREDITS,
}
"""Contract |-> where it is called."""

CALLERS: Final[Mapping[str, tuple[Address, ...]]] = {
    "VVV": (addresses.STAKING,),
    "Staking": (),
    "DIEM": (addresses.STAKING, addresses.DAILY_CREDITS),
    "DailyCredits": (),
}
"""Contract |-> those that call it."""

ANY: Final = STAKING.by_name["upgradeToAndCall"].selector
"""The function of staking that can run any other."""


class Selectors:
    """The functions through which others can be run from outside."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        functions = {node["id"]: node for source in sources.values() for node in _functions(source.tree)}
        self._functions: Final = functions
        self._callers: dict[int, set[int]] = {}
        for id_, node in functions.items():
            for called in _referenced(node) & functions.keys():
                self._callers.setdefault(called, set()).add(id_)

    def of(self, function: int) -> frozenset[bytes] | None:
        """Return the selectors of a function and of all that lead to it; None if it may run in any call.

        That is one that runs while the contract is made, or one that a library calls because it overrides its own.
        """
        found: set[int] = set()
        next_ = {function}
        while next_:
            found |= next_
            next_ = set().union(*(self._callers.get(one, set()) for one in next_)) - found
        nodes = [self._functions[one] for one in found]
        if any(node["kind"] == "constructor" or node.get("overrides") for node in nodes):
            return None
        return frozenset(bytes.fromhex(node["functionSelector"]) for node in nodes if "functionSelector" in node)


def reach(contract: str, selectors: frozenset[bytes] | None) -> Reach:
    """Return which steps of a program can run a function with these ``Selectors``."""
    if selectors is None:
        return lambda _: None

    def runs(call: Call) -> bool:
        here = call.to == AT[contract] and (call.data[:4] in selectors or call.data[:4] == ANY)
        return here or call.to in CALLERS[contract]

    def steps(program: Program) -> tuple[int, ...]:
        return tuple(number for number, step in enumerate(program.steps) if runs(step.call))

    return steps


def _functions(tree: Json) -> Iterator[Json]:
    for contract in (node for node in tree["nodes"] if node["nodeType"] == "ContractDefinition"):
        yield from (node for node in contract["nodes"] if node["nodeType"] == "FunctionDefinition")


def _referenced(node: Json) -> set[int]:
    """Return the declarations that are named anywhere below a node."""
    below = set().union(*(_referenced(child) for _, child in children(node)))
    return below | {node.get("referencedDeclaration", 0)}
