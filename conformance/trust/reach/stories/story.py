"""A story: calls by hand that go where chance does not get, told on every preset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from conformance.programs.actors import NEWCOMERS
from conformance.session import Session, function_of
from conformance.trust.reach.watched import Watched
from spec import addresses
from spec.messages import ZERO_ADDRESS, Call
from spec.parameters import Preset
from spec.staking.storage import CURVE_STEPS
from spec.world import World

UNIT: Final = 10**18

SIGNER: Final = next(iter(NEWCOMERS))
"""An account whose key is known."""


class Story(Session):
    """A session with both machines. ``send`` is for what has to be accepted, ``outcome`` for what may be refused."""

    def __init__(self, machine: Watched, preset: Preset) -> None:
        super().__init__(machine, preset)
        self._watched = machine
        self.accounts.update(nobody=ZERO_ADDRESS, signer=SIGNER, implementation=addresses.STAKING_IMPLEMENTATION)

    @property
    def world(self) -> World:
        """The state, to choose amounts and times by."""
        return self._watched.world

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Go back to where one was, and when, at the end of the block."""
        mark, now = self.machine.snapshot(), self.now
        try:
            yield
        finally:
            self.machine.revert(mark)
            self.now = now

    def outcomes_aside(self, sender: str, function: str, *variants: tuple[Any, ...]) -> None:
        """Make a call with each of these arguments, always from the same state."""
        for arguments in variants:
            with self.aside():
                self.outcome(sender, function, *arguments)

    def pay(self, sender: str, function: str, *arguments: Any) -> None:
        """Make a call with a wei of value, which may be refused."""
        contract, target = function_of(function)
        data = target.calldata(*map(self._resolved, arguments))
        self.machine.call(Call(self.accounts[sender], contract.address, data, self.now, value=1))

    def set_curve(self, *steps: tuple[int, int]) -> None:
        """Let the owner set a curve of these (end, rate), the other entries zero."""
        ends, rates = zip(*steps, strict=True)
        unused = (0,) * (CURVE_STEPS - len(steps))
        self.send("owner", "staking.setDiemMintCurve", ends + unused, rates + unused)


Teller = Callable[[Story], None]

STORIES: Final[list[Teller]] = []
"""All stories, in the order in which they are declared."""


def story(teller: Teller) -> Teller:
    """Declare a story."""
    STORIES.append(teller)
    return teller
