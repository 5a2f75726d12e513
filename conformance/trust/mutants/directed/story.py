"""A story: calls at the genesis of a preset, or where some of its variables are otherwise, told by accounts' names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from conformance.trust.mutants.program import Program, Words, recorded
from spec.contract import Contract
from spec.genesis import genesis
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.parameters import Preset, load_preset
from spec.world import World

PRESET: Final = "minimal"

TOKEN: Final = 10**18
"""One VVV, sVVV or DIEM."""


class Story:
    """Calls one after the other."""

    def __init__(self, name: str) -> None:
        """Begin at genesis."""
        self._name: Final = name
        self.preset: Final[Preset] = load_preset(PRESET)
        self._calls: list[Call] = []
        self._now = self.preset.timestamp
        self._start: Words = {}
        self._accounts: Final = {
            **{account.name: account.address for account in self.preset.accounts},
            **{contract.name: contract.address for contract in CONTRACTS.values()},
            "owner": self.preset.staking.owner,
            "admin": self.preset.diem.admin,
            "gateway": self.preset.credits.gateway,
            "zero": ZERO_ADDRESS,
        }

    def given(self, change: Callable[[World], None]) -> None:
        """Begin where some variables are otherwise than at genesis: no call needs to lead there."""
        world = genesis(self.preset)
        change(world)
        self._start = {(account.address, slot): account.words[slot] for account, slot, _ in world.journal}

    def later(self, seconds: int) -> None:
        """Let time go on, or back."""
        self._now += seconds

    def send(self, sender: str, contract: Contract, function: str, *arguments: Any) -> None:
        """Make a call now."""
        resolved = (self.account(one) if isinstance(one, str) else one for one in arguments)
        data = contract.by_name[function].calldata(*resolved)
        self._calls.append(Call(self.account(sender), contract.address, data, self._now))

    def account(self, name: str) -> Address:
        """Return the address of an account."""
        return self._accounts[name]

    def recorded(self, *, views: bool = True) -> Iterable[Program]:
        """Return the program of these calls, with all views at its end, or not."""
        return recorded(PRESET, self._name, self._calls, self._start, views=views)
