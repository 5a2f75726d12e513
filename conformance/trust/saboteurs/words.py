"""Machines that answer right, and lie in what they store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conformance.trust.saboteurs.saboteur import Saboteur
from ledger.commitment import StorageCommitment
from spec import addresses
from spec.messages import Address, Call, Receipt
from spec.parameters import Preset

HIDDEN: Final = (addresses.STAKING, 1000)
"""A word that no variable has and no view shows."""

LAST_REWARD_TIMESTAMP: Final = (addresses.STAKING, 9)

TOTAL_LOCKED: Final = (addresses.STAKING, 10)


class WritesAnExtraSlot(Saboteur):
    """Counts its calls in a word of its own."""

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return the words that the last call wrote, and the hidden one."""
        return {**super().written(), HIDDEN: self.calls}

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word."""
        return self.calls if (address, slot) == HIDDEN else super().word(address, slot)


class StoresAWordWrong(Saboteur):
    """Answers everything right, also the view of the variable, but the word is another."""

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word, one of them with a second more."""
        word = super().word(address, slot)
        return word + 1 if (address, slot) == LAST_REWARD_TIMESTAMP else word


class AnswersViewsRightAndStoresWrong(Saboteur):
    """Answers everything right, views too, and stores the total of what is locked with its halves swapped."""

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word, one of them swapped."""
        word = super().word(address, slot)
        return (word << 128 | word >> 128) % (1 << 256) if (address, slot) == TOTAL_LOCKED else word


class ForgetsAWrite(Saboteur):
    """Reports no write, and keeps one word as it was at genesis."""

    def __init__(self, preset: Preset) -> None:
        super().__init__(preset)
        self.genesis_word = self.honest.word(*LAST_REWARD_TIMESTAMP)

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return nothing."""
        return {}

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word, one of them of old."""
        return self.genesis_word if (address, slot) == LAST_REWARD_TIMESTAMP else super().word(address, slot)


class HidesAWord(Saboteur):
    """Has a word more than it admits: neither reported as written, nor shown when the machine is asked for it."""

    def storage_root(self, address: Address) -> bytes:
        """Return the root over all words, the hidden one included."""
        if address != HIDDEN[0]:
            return super().storage_root(address)
        commitment = StorageCommitment()
        commitment.update({**self.honest.world.accounts[address].words, HIDDEN[1]: 1})
        return commitment.storage_root()


class ChangesState(Saboteur):
    """Pays out a base unit too much in one place: everything is consistent in itself, events and views included."""

    def call(self, call: Call) -> Receipt:
        """Carry out one call, the first one for a richer caller."""
        balances = self.honest.world.vvv.balance_of
        if self.calls == 0:
            balances[call.sender] += 1
        return super().call(call)
