"""A program of calls that mutants have to get past, with the specification's answers recorded once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Final, NamedTuple

from conformance.machines.specification import SpecificationMachine
from conformance.target.observation import Numbers, accounts_of, views_of
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Address, Call, Receipt
from spec.parameters import Preset, load_preset
from spec.uint256 import U256

Words = Mapping[tuple[Address, int], int]
"""(contract, slot) |-> word."""

NUMBERS: Final = Numbers((0, 1, 128, 255, 256), (0, 1, 10**18, 10**24))
"""What the views at the end of a program are asked for; one index is past the end of the curve."""

MOST_ACCOUNTS: Final = 6
"""How many of the accounts of a program its last views are asked for."""

FEWEST_CALLS: Final = 2
"""How many calls, views aside, a program has to have for all views to be looked at after it."""


class Step(NamedTuple):
    """One call, and what the specification answers."""

    call: Call
    receipt: Receipt
    view: bool
    """Whether it is a call of a view."""
    wrote: Words
    """What the specification wrote, with the words as they are then."""


class Program(NamedTuple):
    """Calls from a preset's genesis on, and all views at their end."""

    name: str
    preset: str
    start: Words
    """The words that are not as at genesis before the first call."""
    steps: tuple[Step, ...]
    """The calls, and then all views."""
    calls: int
    """How many of the steps are calls of the program itself."""
    end: Mapping[Address, Mapping[int, int]]
    """Contract |-> slot |-> word, after the last call; no zeros."""


class Tape:
    """The specification as a machine that takes down what it is asked; going back begins another program."""

    name = "tape"

    def __init__(self, preset: Preset, name: str, start: Words | None = None, *, views: bool = True) -> None:
        """Begin at the genesis of ``preset``, some words replaced by those of ``start``; end with ``views``, or not."""
        self._preset: Final = preset
        self._asks_views: Final = views
        self._name: Final = name
        self.machine: Final = SpecificationMachine(preset)
        self._given: Final = dict(start or {})
        for (address, slot), word in self._given.items():
            self.machine.world.accounts[address].words[slot] = U256(word)
        self._steps: list[Step] = []
        self._start: dict[tuple[Address, int], int] = dict(self._given)
        self._changed: set[tuple[Address, int]] = set(self._given)
        self._done: list[Program] = []

    def call(self, call: Call) -> Receipt:
        """Carry out one call, and take it down."""
        receipt = self.machine.call(call)
        wrote = {at: int(word) for at, word in self.machine.written().items()}
        self._changed |= wrote.keys()
        self._steps.append(Step(call, receipt, is_view(call), wrote))
        return receipt

    def written(self) -> Words:
        """Return the words that the last call wrote."""
        return self.machine.written()

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word."""
        return self.machine.word(address, slot)

    def storage_root(self, address: Address) -> bytes:
        """Return the root of a contract's storage trie."""
        return self.machine.storage_root(address)

    def snapshot(self) -> int:
        """Return a mark to go back to."""
        return self.machine.snapshot()

    def revert(self, snapshot: int) -> None:
        """Go back: what was made so far is a program, and what comes is another."""
        self._cut()
        self.machine.revert(snapshot)
        self._start = {at: int(self.machine.word(*at)) for at in self._changed}

    def programs(self) -> list[Program]:
        """Return what was taken down, the views at the ends included."""
        self._cut()
        return self._done

    def _cut(self) -> None:
        if not self._steps:
            return
        made = tuple(self._steps)
        end = {address: dict(account.words) for address, account in self.machine.world.accounts.items()}
        views = tuple(self._views([step.call for step in made]))
        number = f" {len(self._done) + 1}" if self._done else ""
        name = f"{self._name}{number}"
        self._done.append(Program(name, self._preset.name, self._start, made + views, len(made), _plain(end)))
        self._steps = []

    def _views(self, calls: Sequence[Call]) -> Iterator[Step]:
        """Yield all views, of the accounts that were named last and of the preset's own; none after too few calls."""
        if not self._asks_views or sum(not is_view(call) for call in calls) < FEWEST_CALLS:
            return
        fixed = (self._preset.staking.treasury, self._preset.diem.admin, ZERO_ADDRESS, *CONTRACTS)
        together = [accounts_of(call) for call in calls]
        named = dict.fromkeys(account for group in reversed(together) for account in group)
        accounts = dict.fromkeys((*islice(named, MOST_ACCOUNTS), *fixed))
        pairs = dict.fromkeys((one, other) for group in together for one, other in product(group, group))
        for contract, function, arguments in views_of(CONTRACTS.values(), accounts, pairs, NUMBERS):
            call = Call(ZERO_ADDRESS, contract.address, function.calldata(*arguments), calls[-1].timestamp)
            yield Step(call, self.machine.call(call), True, {})


def _plain(words: Mapping[Address, Mapping[int, int]]) -> dict[Address, dict[int, int]]:
    return {address: {slot: int(word) for slot, word in slots.items() if word} for address, slots in words.items()}


def is_view(call: Call) -> bool:
    """Return whether a call is of a view, well formed or not."""
    contract = CONTRACTS.get(call.to)
    function = contract.by_selector.get(call.data[:4]) if contract else None
    return function is not None and function.view


def recorded(
    preset: str, name: str, calls: Iterable[Call], start: Words | None = None, *, views: bool = True
) -> list[Program]:
    """Return a program of calls from the genesis of a preset on, its answers recorded; see ``Tape``."""
    tape = Tape(load_preset(preset), name, start, views=views)
    for call in calls:
        tape.call(call)
    return tape.programs()
