"""The moment before a call, and a boundary that it may be at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from conformance.trust.reach.outcomes import ACCEPTED
from spec.contract import Function
from spec.messages import Address, Call
from spec.world import World


class Moment:
    """A call whose arguments could be decoded, and the state in which it is made. Nothing here changes the world."""

    def __init__(self, world: World, call: Call, function: Function, arguments: list[Any]) -> None:
        self.world: Final = world
        self.call: Final = call
        self.arguments: Final = arguments
        self._function = function

    @property
    def sender(self) -> Address:
        """Who calls."""
        return self.call.sender

    @property
    def now(self) -> int:
        """The call's time (s)."""
        return self.call.timestamp

    @property
    def amount(self) -> int:
        """The first argument that is a number."""
        types = [parameter.type for parameter in self._function.parameters]
        return int(self.arguments[types.index("uint256")])


class Boundary(NamedTuple):
    """A place where one unit more or less, or one second, decides what becomes of a call."""

    name: str
    functions: tuple[str, ...]
    """``staking.claim`` and the like"""
    holds: Callable[[Moment], bool]
    """Whether a call of one of these functions is at it."""
    outcome: str | None = ACCEPTED
    """What has to become of the call; None if that does not matter."""
    least: int = 3
    """How many calls a run has to make at it."""
