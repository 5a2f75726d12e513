"""What a campaign has seen so far: outcomes of calls and branches of bytecode, and the programs that showed them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from conformance.campaign.units import KINDS, FoundFailure, Stretch, Unit, UnitResult
from conformance.comparison import Difference
from conformance.findings.identity import Identity, identity_of
from conformance.trust.reach.branches import Branch, branches_of
from conformance.trust.reach.refusals import reasons_of
from spec import addresses
from spec.errors import EMPTY
from spec.machine import CONTRACTS
from spec.messages import Address

Item = str
"""``staking.stake`` for its being accepted, ``staking.stake: STAKE_ZERO`` for a refusal; ``@diem:1f0:jumps``."""

RARE: Final = 16
"""What so many units have shown is not rare any more."""

SOME: Final = 50
"""Calls of a function that say little about what it can do."""

LONGEST_BEGINNING: Final = 400
"""Calls that a program may repeat before it branches off."""

_CODES: Final = {
    addresses.STAKING_IMPLEMENTATION: "staking implementation",
    **{address: contract.name for address, contract in CONTRACTS.items()},
}


def accepted_item(function: str) -> Item:
    """Return the item of a function that was carried out."""
    return function


def refused_item(function: str, reason: str) -> Item:
    """Return the item of a function that was refused for a reason."""
    return f"{function}: {reason}"


def branch_item(branch: Branch) -> Item:
    """Return the item of a way that bytecode went."""
    code = _CODES.get(branch.address) or f"0x{branch.address.hex()}"
    return f"@{code}:{branch.pc:x}:{'jumps' if branch.taken else 'goes on'}"


def is_branch(item: Item) -> bool:
    """Return whether an item is of bytecode."""
    return item.startswith("@")


def code_of(item: Item) -> str:
    """Return which code an item of bytecode is of."""
    return item[1:].partition(":")[0]


def ways_of(codes: Mapping[Address, bytes]) -> Mapping[str, int]:
    """Return code, as items name it |-> how many ways its conditional jumps can go."""
    return {_CODES[address]: len(branches_of(code)) for address, code in codes.items() if address in _CODES}


def kind_of_failure(failure: FoundFailure) -> Identity:
    """Return what makes two failures the same, as in the register of findings."""
    return identity_of(failure.function, Difference(failure.where, failure.specification, failure.other))


class Shown(NamedTuple):
    """How to come to an item: a unit, and how many of its calls it takes."""

    unit: Unit
    calls: int

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The beginning of the unit's program that ends with the item."""
        return self.unit.beginning(self.calls)


class Seen:
    """All that was seen, from results taken in the order of their units."""

    def __init__(self) -> None:
        self.times: Final = Counter[Item]()
        """Item |-> units in which it was seen."""
        self.shown: Final[dict[Item, Shown]] = {}
        """Item |-> the shortest way to it so far, if that is short enough to be repeated."""
        self.calls: Final = Counter[str]()
        """Function |-> how often it was called."""
        self.begun: Final = Counter[Item]()
        """Item |-> units that began as the one that has shown it."""
        self.failures: Final[dict[Identity, UnitResult]] = {}
        """Each kind of failure |-> the first unit that failed so."""

    def take(self, result: UnitResult) -> int:
        """Take over what a unit has shown, and return how many of the outcomes are new."""
        new = 0
        self.calls.update(result.accepted)
        for function, reasons in result.refused.items():
            self.calls[function] += sum(reasons.values())
        for item, index in result.firsts.items():
            if is_branch(item) and self.times[item] >= RARE:
                continue  # may have been left out of the result
            new += item not in self.times and not is_branch(item)
            self.times[item] += 1
            known = self.shown.get(item)
            if index < LONGEST_BEGINNING and (known is None or index + 1 < known.calls):
                self.shown[item] = Shown(result.unit, index + 1)
        if result.failure is not None and result.unit.purpose != "shrink":
            self.failures.setdefault(kind_of_failure(result.failure), result)
        return new

    def wanted(self) -> Mapping[str, float]:
        """Return kind of call |-> how much its functions may still have to show, for the calls made of them so far."""
        missing = Counter(function for function, _ in self._missing())
        return {
            kind: sum(missing[function] / (self.calls[function] + SOME) for function in functions)
            for kind, functions in FUNCTIONS_OF.items()
        }

    def worth(self) -> Mapping[Item, float]:
        """Return item |-> how much is to be expected of programs that begin as the one that has shown it.

        Rare items are worth more, and those with a reason that is missing of other functions: what makes one function
        refuse may make them refuse too. What often was begun with is worth less.
        """
        missing = Counter(reason for _, reason in self._missing())
        return {
            item: (1 + missing[item.partition(": ")[2]]) / min(self.times[item], RARE) ** 2 / (1 + self.begun[item])
            for item in self.shown
            if not item.endswith(f": {EMPTY.name}")
        }

    def _missing(self) -> Iterator[tuple[str, str]]:
        """Yield (function, reason) of every refusal that there may be and that was not seen."""
        for function, reasons in REASONS.items():
            for reason in reasons:
                if refused_item(function, reason) not in self.times:
                    yield function, reason


def _function_of(kind: str) -> str:
    """Return the function that a kind of call is named after."""
    family, _, draft = kind.partition(".")
    contract = "staking" if family == "owner" else family
    first, *others = draft.replace("_svvv", "").split("_")
    return f"{contract}.{first}{''.join(word.capitalize() for word in others)}"


_BY_NAME: Final = {
    f"{contract.name}.{name}": function
    for contract in CONTRACTS.values()
    for name, function in contract.by_name.items()
}

FUNCTIONS_OF: Final = {
    **{kind: (function,) for kind in KINDS if (function := _function_of(kind)) in _BY_NAME},
    "views.view": tuple(name for name, function in _BY_NAME.items() if function.view),
}
"""Kind of call |-> its functions."""

REASONS: Final = {name: reasons_of(function) | {EMPTY.name} for name, function in _BY_NAME.items()}
"""Function |-> the reasons for which it may refuse, as far as its source tells; all refuse calldata that do not fit."""
