"""Machines that follow other rules: consistent in themselves, and wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Final
from unittest.mock import patch

from conformance.trust.saboteurs.saboteur import Saboteur
from spec import addresses
from spec.daily_credits import credit
from spec.messages import Address, Call, Receipt
from spec.parameters import Preset
from spec.staking import locks, mint_curve, rewards
from spec.uint256 import U256, ceil_div, floor_div
from spec.vvv import token
from spec.world import World

ROUNDING: Final = (rewards, locks, mint_curve, credit)
"""The modules that round."""


class Rounds(Saboteur):
    """Rounds the other way in some modules of the specification."""

    def __init__(self, preset: Preset, *modules: ModuleType) -> None:
        super().__init__(preset)
        self.modules = modules

    def call(self, call: Call) -> Receipt:
        """Carry out one call with the other rounding."""
        with ExitStack() as stack:
            for module in self.modules:
                for name, other in (("floor_div", ceil_div), ("ceil_div", floor_div)):
                    if hasattr(module, name):
                        stack.enter_context(patch.object(module, name, other))
            return super().call(call)


class RoundsRewards(Rounds):
    """Rounds up what is emitted and earned."""

    def __init__(self, preset: Preset) -> None:
        super().__init__(preset, rewards)


class RoundsLocks(Rounds):
    """Rounds up the sVVV that burning unlocks."""

    def __init__(self, preset: Preset) -> None:
        super().__init__(preset, locks)


class RoundsTheCurve(Rounds):
    """Rounds the curve in favour of who mints: costs of steps down, DIEM up."""

    def __init__(self, preset: Preset) -> None:
        super().__init__(preset, mint_curve)


class RoundsEpochs(Rounds):
    """Rounds time up to epochs."""

    def __init__(self, preset: Preset) -> None:
        super().__init__(preset, credit)


class PaysTheFeeToTheWrongAccount(Saboteur):
    """Mints the treasury's share of emissions to the owner."""

    def call(self, call: Call) -> Receipt:
        """Carry out one call, the treasury another while VVV is minted."""
        with self._another_treasury():
            return super().call(call)

    @contextmanager
    def _another_treasury(self) -> Iterator[None]:
        honest = token.mint
        staking = self.honest.world.staking

        def mint(world: World, minting: Call, recipient: Address, amount: U256) -> None:
            wrong = recipient == staking.treasury and recipient != addresses.STAKING
            honest(world, minting, staking.ownable.owner if wrong else recipient, amount)

        with patch.object(token, "mint", mint):
            yield
