"""The two machines in lockstep, as one machine whose every call is counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conformance.lockstep import Lockstep, function_name
from conformance.machines import LeftOut, Machine
from conformance.machines.specification import SpecificationMachine
from conformance.trust.reach.counting import Reach
from spec.messages import Address, Call, Receipt
from spec.parameters import Preset
from spec.world import World


class Watched:
    """The specification beside another machine; a call is answered if both answer alike."""

    name = "both"

    def __init__(self, preset: Preset, other: Machine, reach: Reach, left_out: frozenset[str] = frozenset()) -> None:
        """Start both at genesis. Calls of the functions ``left_out`` are not made."""
        self.reach: Final = reach
        self._specification = SpecificationMachine(preset)
        self._other = other
        self._left_out = left_out
        self._marks: list[tuple[int, int]] = []
        self._lockstep = Lockstep(self._specification, other)

    @property
    def world(self) -> World:
        """The specification's state."""
        return self._specification.world

    def call(self, call: Call) -> Receipt:
        """Carry out one call on both, and count it.

        Raises
        ------
        LeftOut : the call is of a function that is left out.
        Divergence : they do not answer alike, or an invariant does not hold.
        """
        name = function_name(call)
        if name in self._left_out:
            raise LeftOut(f"{name} is left out")
        at = self.reach.before(self.world, call)
        receipt = self._lockstep.step(call)
        self.reach.count(call, receipt, at)
        return receipt

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return the words that the last call wrote."""
        return self._specification.written()

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word."""
        return self._specification.word(address, slot)

    def storage_root(self, address: Address) -> bytes:
        """Return the root of a contract's storage trie."""
        return self._specification.storage_root(address)

    def snapshot(self) -> int:
        """Return a mark to go back to."""
        self._marks.append((self._specification.snapshot(), self._other.snapshot()))
        return len(self._marks) - 1

    def revert(self, snapshot: int) -> None:
        """Go back with both; the invariants are watched from there on."""
        specification, other = self._marks[snapshot]
        del self._marks[snapshot + 1 :]
        self._specification.revert(specification)
        self._other.revert(other)
        self._lockstep = Lockstep(self._specification, self._other)
