"""The machines that lie, answering vectors: each goes on with its lie from one state to the next."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from conformance.machines.specification import SpecificationMachine
from conformance.trust import saboteurs
from conformance.trust.saboteurs import LAST_REWARD_TIMESTAMP, Rounds, Saboteur
from conformance.vectors.state import world_of
from ledger.commitment import StorageCommitment
from spec.daily_credits import credit
from spec.parameters import load_preset
from spec.staking import locks, mint_curve, rewards

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.vectors.state import State
    from spec.messages import Address, Call, Receipt
    from spec.parameters import Preset

PRESET: Final = load_preset("minimal")


class _FromState(SpecificationMachine):
    """The specification from any state on."""

    def __init__(self, state: State) -> None:
        super().__init__(PRESET)
        self.world = world_of(state)

    def storage_root(self, address: Address) -> bytes:
        """Return the root; those of the honest states are the same for all saboteurs."""
        return _root(frozenset(self.world.accounts[address].words.items()))


@cache
def _root(words: frozenset[tuple[int, int]]) -> bytes:
    commitment = StorageCommitment()
    commitment.update(dict(words))
    return commitment.storage_root()


class SaboteurExecutor:
    """A saboteur that carries out calls on any state; components that are computed off chain it does not answer."""

    name = "saboteur"

    def __init__(self, make: Callable[[Preset], Saboteur]) -> None:
        self._saboteur = make(PRESET)
        self._written: set[tuple[Address, int]] = set()

    def start(self, state: State) -> None:
        self._saboteur.honest = _FromState(state)
        self._written = set()
        if isinstance(self._saboteur, saboteurs.ChangesState):
            self._saboteur.calls = 0  # what it changes is gone with the state before
        if isinstance(self._saboteur, saboteurs.ForgetsAWrite):
            self._saboteur.genesis_word = self._saboteur.honest.word(*LAST_REWARD_TIMESTAMP)

    def call(self, call: Call) -> Receipt:
        receipt = self._saboteur.call(call)
        self._written |= self._saboteur.written().keys()
        return receipt

    def word(self, address: Address, slot: int) -> int:
        return int(self._saboteur.word(address, slot))

    def written(self) -> set[tuple[Address, int]]:
        return self._written

    def storage_root(self, address: Address) -> bytes:
        return self._saboteur.storage_root(address)

    def close(self) -> None:
        """Nothing was started."""


LIARS: Final = [
    liar
    for liar in saboteurs.LIARS
    if not issubclass(liar, Rounds) and liar is not saboteurs.RightUntilThe500thCall  # the set has fewer calls
]

SABOTEURS: Final[dict[str, Callable[[Preset], Saboteur]]] = {
    **{liar.__name__: liar for liar in LIARS},
    "Rounds in staking.rewards": lambda preset: Rounds(preset, rewards),
    "Rounds in staking.locks": lambda preset: Rounds(preset, locks),
    "Rounds in staking.mint_curve": lambda preset: Rounds(preset, mint_curve),
    "Rounds in daily_credits.credit": lambda preset: Rounds(preset, credit),
}
"""Name |-> what makes it."""
