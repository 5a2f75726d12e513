"""The machine that all that lie come from: the specification behind another name."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.machines.specification import SpecificationMachine
from spec.messages import Address, Call, Receipt
from spec.parameters import Preset


class Saboteur:
    """Honest, unless a subclass says otherwise."""

    name = "saboteur"

    def __init__(self, preset: Preset) -> None:
        self.honest = SpecificationMachine(preset)
        self.calls = 0
        """How many calls were made, whatever was gone back to."""

    def call(self, call: Call) -> Receipt:
        """Carry out one call."""
        self.calls += 1
        return self.answer(self.honest.call(call))

    def answer(self, receipt: Receipt) -> Receipt:
        """Return what is told to the caller."""
        return receipt

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return the words that the last call wrote."""
        return {at: self.word(*at) for at in self.honest.written()}

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word."""
        return self.honest.word(address, slot)

    def storage_root(self, address: Address) -> bytes:
        """Return the root of a contract's storage trie."""
        return self.honest.storage_root(address)

    def snapshot(self) -> int:
        """Return a mark to go back to."""
        return self.honest.snapshot()

    def revert(self, snapshot: int) -> None:
        """Go back."""
        self.honest.revert(snapshot)
