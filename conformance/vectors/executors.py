"""What carries out calls on any state whatever: the specification, and the bytecode in py-evm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from conformance.vectors.state import State, world_of
from ledger.commitment import StorageCommitment
from spec.machine import CONTRACTS, apply
from spec.messages import Address, Call, Receipt
from spec.world import World

if TYPE_CHECKING:
    from conformance.artifact import Artifacts
    from conformance.vectors.chains.machine import BlockMachine
    from ledger.genesis import Genesis


class Executor(Protocol):
    """Carries out calls, from any state on."""

    name: str

    def start(self, state: State) -> None:
        """Take over a state; what was there before is gone."""

    def call(self, call: Call) -> Receipt:
        """Carry out one call; a refused call changes nothing."""

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word of a contract; 0 where there is none."""

    def written(self) -> set[tuple[Address, int]]:
        """Return (contract, slot) of every word that may have changed since the start."""

    def storage_root(self, address: Address) -> bytes:
        """Return the root of a contract's storage trie (32 bytes)."""

    def close(self) -> None:
        """End whatever was started for it."""


def changed_words(executor: Executor, before: Mapping[tuple[Address, int], int]) -> dict[tuple[Address, int], int]:
    """Return the words of the contracts that are not as they were before, with what they are now."""
    now = {at: executor.word(*at) for at in executor.written() if at[0] in CONTRACTS}
    return {at: word for at, word in now.items() if word != before.get(at, 0)}


class SpecificationExecutor:
    """The specification; of blocks, the ledger, which is the specification as a chain."""

    name = "specification"

    def __init__(self) -> None:
        self.world = World()

    def start(self, state: State) -> None:
        """Make a world of the state."""
        self.world = world_of(state)

    def call(self, call: Call) -> Receipt:
        """Carry out one call."""
        return apply(self.world, call)

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word."""
        return int(self.world.accounts[address].words.get(slot, 0))

    def written(self) -> set[tuple[Address, int]]:
        """Return what stands in the journal."""
        return {(account.address, slot) for account, slot, _ in self.world.journal}

    def storage_root(self, address: Address) -> bytes:
        """Return the root, from the ledger's trie."""
        commitment = StorageCommitment()
        commitment.update(self.world.accounts[address].words)
        return commitment.storage_root()

    def open_chain(self, genesis: Genesis, *, on_disk: bool) -> BlockMachine:
        """Start a ledger."""
        from conformance.vectors.chains.machine import LedgerMachine

        return LedgerMachine(genesis, on_disk=on_disk)

    def close(self) -> None:
        """Nothing was started."""


class PyEvmExecutor:
    """The compiled contracts in py-evm. The codes are those of one deployment: none depends on the parameters."""

    name = "py-evm"

    def __init__(self, artifacts: Artifacts | None = None) -> None:
        from conformance.artifact import load_artifacts
        from conformance.machines.py_evm import deployed
        from spec.parameters import load_preset

        self._image = deployed(load_preset("minimal"), artifacts or load_artifacts())

    def start(self, state: State) -> None:
        """Make an EVM with the codes and the words of the state."""
        from conformance.machines.py_evm import Image, PyEvmHost

        words: dict[Address, dict[int, int]] = {
            address: {} if address in CONTRACTS else dict(self._image.words[address]) for address in self._image.codes
        }
        for (address, slot), word in state.words.items():
            words[address][slot] = word
        self._host = PyEvmHost(state.chain_id, Image(self._image.codes, words))
        self._start = {(address, slot): word for address, slots in words.items() for slot, word in slots.items()}
        self._written: set[tuple[Address, int]] = set()

    def call(self, call: Call) -> Receipt:
        """Carry out one call as a message of its own."""
        receipt = self._host.call(call)
        self._written |= self._host.take_stored()
        return receipt

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word, as py-evm has it."""
        return self._host.word(address, slot)

    def written(self) -> set[tuple[Address, int]]:
        """Return what was stored."""
        return self._written

    def storage_root(self, address: Address) -> bytes:
        """Return the root, from py-evm's trie library."""
        from conformance.machines.py_evm import WordLog

        slots = {slot for contract, slot in self._start.keys() | self._written if contract == address}
        return WordLog({address: {slot: word for slot in slots if (word := self.word(address, slot))}}).storage_root(
            address
        )

    def close(self) -> None:
        """Nothing was started."""


def _anvil() -> Executor:
    from conformance.vectors.node import AnvilExecutor

    return AnvilExecutor()


EXECUTORS: Final[dict[str, Callable[[], Executor]]] = {
    "specification": SpecificationExecutor,
    "py-evm": PyEvmExecutor,
    "anvil": _anvil,
}
"""Name |-> what makes it; an EVM is imported, and a node started, only then."""
