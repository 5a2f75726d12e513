"""The contracts alone, as a test asks them: words that nobody knows are not answered with the specification's."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.target import TargetMachine
from spec.machine import CONTRACTS
from spec.messages import Address, Call, Receipt


class WordsNotKnown(LookupError):
    """A word was asked for of a contract whose file says nothing of its storage: the message names it."""


class WithoutWords:
    """A target, some of whose contracts are compared by their views: of these it has no words to show."""

    def __init__(self, target: TargetMachine) -> None:
        self._target = target
        self.name: str = target.name
        """What reports call it."""

    def call(self, call: Call) -> Receipt:
        """Carry out one call."""
        return self._target.call(call)

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return what the last call wrote, in contracts whose words are known."""
        return self._target.written()

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word.

        Raises
        ------
        WordsNotKnown : nobody knows where the contract has it.
        """
        self._see_that_known(address)
        return self._target.word(address, slot)

    def storage_root(self, address: Address) -> bytes:
        """Return a storage root; errors as ``word``."""
        self._see_that_known(address)
        return self._target.storage_root(address)

    def snapshot(self) -> int:
        """Return a mark to which ``revert`` can go back."""
        return self._target.snapshot()

    def revert(self, snapshot: int) -> None:
        """Go back."""
        self._target.revert(snapshot)

    def _see_that_known(self, address: Address) -> None:
        if address in self._target.by_views:
            name = CONTRACTS[address].name
            raise WordsNotKnown(
                f"{name}: {self._target.target.path} gives it no storage, so only its views can be asked"
            )
