"""What a generator sees when it makes up the next call, and how it chooses amounts and times: by regime first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from conformance.programs.actors import Cast
from conformance.programs.choices import Choices
from spec.contract import Contract
from spec.daily_credits import DAILY_CREDITS
from spec.diem import DIEM
from spec.messages import Address, Call
from spec.parameters import Preset
from spec.staking import STAKING
from spec.uint256 import MAX_UINT256
from spec.vvv import VVV
from spec.world import World

CONTRACTS: Final = (VVV, STAKING, DIEM, DAILY_CREDITS)

DAY: Final = 86_400
YEAR: Final = 365 * DAY


class Draft(NamedTuple):
    """A call in the making: everything but its time, unless that matters too."""

    sender: Address
    contract: Contract
    function: str
    arguments: tuple[Any, ...] = ()
    at: int | None = None
    """The time it is meant for (s), if it is meant for one; never before the scene's."""
    value: int = 0
    """wei"""

    @property
    def calldata(self) -> bytes:
        """Selector and encoded arguments."""
        return self.contract.by_name[self.function].calldata(*self.arguments)

    def call(self, now: int) -> Call:
        """Return the finished call."""
        timestamp = now if self.at is None else max(now, self.at)
        return Call(self.sender, self.contract.address, self.calldata, timestamp, self.value)


class Scene:
    """The world as it is, the cast, the time, and a source of choices. Nothing here changes the world."""

    def __init__(self, world: World, preset: Preset, choices: Choices) -> None:
        self.world = world
        self.preset = preset
        self.choices = choices
        self.cast = Cast(preset)
        self.now = preset.timestamp
        """s"""
        self.sequel: Callable[[Scene], Draft] | None = None
        """What comes next, if the last draft has announced it: a story that chance alone would seldom tell."""

    def amount(self, exact: int) -> int:
        """Return an amount by its relation to ``exact``, which is mostly all that the caller has.

        Of nothing there is no part: a caller who has nothing mostly asks for something all the same.
        """
        exact, choices = int(exact), self.choices
        regime = choices.weighted(
            ((45, "part"), (12, "exact"), (8, "one over"), (8, "dust"), (6, "zero"), (4, "huge"), (2, "largest"))
        )
        if regime == "part":
            return min(1 + choices.up_to(exact), exact) if exact else 1 + choices.up_to(10**21)
        if regime == "exact":
            return exact
        if regime == "one over":
            return min(exact + 1, MAX_UINT256)
        if regime == "dust":
            return 1 + choices.below(9)
        if regime == "zero":
            return 0
        if regime == "huge":
            return min(exact + choices.up_to(2**255), MAX_UINT256)
        return MAX_UINT256

    def elapse(self) -> None:
        """Let time go on by regime: often not at all, or by a second; to the edge of an epoch; by days or years."""
        choices = self.choices
        epoch = self.preset.credits.epoch_duration
        regime = choices.weighted(
            ((40, "none"), (20, "second"), (20, "hours"), (10, "epoch"), (4, "cooldown"), (5, "days"), (1, "years"))
        )
        if regime == "second":
            self.now += 1
        elif regime == "hours":
            self.now += choices.up_to(8 * 3600)
        elif regime == "epoch":
            self.now = self.edge((self.now // epoch + 1) * epoch)
        elif regime == "cooldown":
            self.now += self.edge(self.preset.staking.cooldown_duration)
        elif regime == "days":
            self.now += (1 + choices.below(14)) * DAY
        elif regime == "years":
            self.now += (1 + choices.below(5)) * YEAR

    def edge(self, boundary: int) -> int:
        """Return a time (s) or an amount (base units) that decides something, or one less or one more."""
        return max(int(boundary) + self.choices.one_of((0, 0, -1, 1)), 0)
