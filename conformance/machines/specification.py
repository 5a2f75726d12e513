"""The specification as a machine."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.commitment import StorageCommitment
from spec.genesis import genesis
from spec.machine import apply
from spec.messages import Address, Call, Receipt
from spec.parameters import Preset
from spec.world import World


class SpecificationMachine:
    """A world, started from a preset."""

    name = "specification"

    def __init__(self, preset: Preset) -> None:
        self.world: World = genesis(preset)
        self._before_call = 0
        self._commitments: dict[Address, StorageCommitment] = {}
        self._dirty: dict[Address, set[int]] = {address: set() for address in self.world.accounts}
        """Slots that the commitments lack, but for those that the journal names from here on."""
        self._noted = 0

    def call(self, call: Call) -> Receipt:
        """Carry out one call; see ``spec.machine.apply``."""
        self._before_call = len(self.world.journal)
        return apply(self.world, call)

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return the words that the last call wrote."""
        writes = self.world.journal[self._before_call :]
        return {(account.address, slot): account.words.get(slot, 0) for account, slot, _ in writes}

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word; accounts that are not specified have none."""
        account = self.world.accounts.get(address)
        return account.words.get(slot, 0) if account else 0

    def words(self, address: Address) -> Mapping[int, int]:
        """Return slot |-> word, of every word of a contract that is not 0."""
        return self.world.accounts[address].words

    def storage_root(self, address: Address) -> bytes:
        """Return the root of a contract's storage trie, brought up to date with what was written meanwhile."""
        self._note_writes_since(self._noted)
        words, dirty = self.world.accounts[address].words, self._dirty[address]
        commitment = self._commitments.get(address)
        if commitment is None:
            commitment = self._commitments[address] = StorageCommitment()
            dirty |= words.keys()
        commitment.update({slot: words.get(slot, 0) for slot in dirty})
        dirty.clear()
        return commitment.storage_root()

    def snapshot(self) -> int:
        """Return the length of the journal."""
        return len(self.world.journal)

    def revert(self, snapshot: int) -> None:
        """Undo the journal down to ``snapshot``."""
        self._note_writes_since(min(self._noted, snapshot))
        self.world.undo(snapshot)
        self._noted = snapshot
        self._before_call = snapshot

    def _note_writes_since(self, start: int) -> None:
        for account, slot, _ in self.world.journal[start:] if self._commitments else ():
            self._dirty[account.address].add(slot)
        self._noted = len(self.world.journal)
