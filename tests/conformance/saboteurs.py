"""Machines that lie: each wraps an honest one and is wrong in one way."""

from __future__ import annotations

from contextlib import ExitStack
from types import ModuleType
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

from conformance.machines.specification import SpecificationMachine
from ledger.commitment import StorageCommitment
from spec import addresses
from spec.errors import EMPTY, string_error
from spec.uint256 import ceil_div, floor_div

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spec.messages import Address, Call, Receipt
    from spec.parameters import Preset

HIDDEN: Final = (addresses.STAKING, 1000)
"""A word that no variable has and no view shows."""

LAST_REWARD_TIMESTAMP: Final = (addresses.STAKING, 9)

OTHER_REASON: Final = string_error("SOMETHING_ELSE")


class Saboteur:
    """The specification behind another name; honest, unless a subclass says otherwise."""

    name = "saboteur"

    def __init__(self, preset: Preset) -> None:
        self.honest = SpecificationMachine(preset)
        self.calls = 0
        """How many calls were made, whatever was gone back to."""

    def call(self, call: Call) -> Receipt:
        self.calls += 1
        return self.answer(self.honest.call(call))

    def answer(self, receipt: Receipt) -> Receipt:
        """Return what is told to the caller."""
        return receipt

    def written(self) -> Mapping[tuple[Address, int], int]:
        return {at: self.word(*at) for at in self.honest.written()}

    def word(self, address: Address, slot: int) -> int:
        return self.honest.word(address, slot)

    def storage_root(self, address: Address) -> bytes:
        return self.honest.storage_root(address)

    def snapshot(self) -> int:
        return self.honest.snapshot()

    def revert(self, snapshot: int) -> None:
        self.honest.revert(snapshot)


class RefusesEverything(Saboteur):
    def answer(self, receipt: Receipt) -> Receipt:
        return receipt._replace(status=False, output=EMPTY.data, logs=())


class AcceptsEverything(Saboteur):
    def answer(self, receipt: Receipt) -> Receipt:
        return receipt._replace(status=True, output=b"", logs=())


class AnswersNothing(Saboteur):
    """Carries out everything right, and returns nothing."""

    def answer(self, receipt: Receipt) -> Receipt:
        return receipt._replace(output=b"") if receipt.status else receipt


class DropsLogs(Saboteur):
    def answer(self, receipt: Receipt) -> Receipt:
        return receipt._replace(logs=())


class DropsTheLastLog(Saboteur):
    def answer(self, receipt: Receipt) -> Receipt:
        return receipt._replace(logs=receipt.logs[:-1])


class AddsALog(Saboteur):
    def answer(self, receipt: Receipt) -> Receipt:
        return receipt._replace(logs=receipt.logs + receipt.logs[:1])


class ReordersLogs(Saboteur):
    def answer(self, receipt: Receipt) -> Receipt:
        logs = receipt.logs
        return receipt._replace(logs=(*logs[2:], *logs[1::-1])) if len(logs) == 2 else receipt


class LogsFromElsewhere(Saboteur):
    """Lets every log come from VVV."""

    def answer(self, receipt: Receipt) -> Receipt:
        return receipt._replace(logs=tuple(log._replace(address=addresses.VVV) for log in receipt.logs))


class GivesAnotherReason(Saboteur):
    """Refuses what has to be refused, for another reason."""

    def answer(self, receipt: Receipt) -> Receipt:
        return receipt if receipt.status else receipt._replace(output=OTHER_REASON.data)


class PadsRevertData(Saboteur):
    """Gives the right reason, with a byte behind it."""

    def answer(self, receipt: Receipt) -> Receipt:
        return receipt if receipt.status else receipt._replace(output=receipt.output + b"\0")


class WritesAnExtraSlot(Saboteur):
    """Counts its calls in a word of its own."""

    def written(self) -> Mapping[tuple[Address, int], int]:
        return {**super().written(), HIDDEN: self.calls}

    def word(self, address: Address, slot: int) -> int:
        return self.calls if (address, slot) == HIDDEN else super().word(address, slot)


class StoresAWordWrong(Saboteur):
    """Answers everything right, also the view of the variable, but the word is another."""

    def word(self, address: Address, slot: int) -> int:
        word = super().word(address, slot)
        return word + 1 if (address, slot) == LAST_REWARD_TIMESTAMP else word


class ForgetsAWrite(Saboteur):
    """Reports no write, and keeps one word as it was at genesis."""

    def __init__(self, preset: Preset) -> None:
        super().__init__(preset)
        self.genesis_word = self.honest.word(*LAST_REWARD_TIMESTAMP)

    def written(self) -> Mapping[tuple[Address, int], int]:
        return {}

    def word(self, address: Address, slot: int) -> int:
        return self.genesis_word if (address, slot) == LAST_REWARD_TIMESTAMP else super().word(address, slot)


class HidesAWord(Saboteur):
    """Has a word more than it admits: neither reported as written, nor shown when the machine is asked for it."""

    def storage_root(self, address: Address) -> bytes:
        if address != HIDDEN[0]:
            return super().storage_root(address)
        commitment = StorageCommitment()
        commitment.update({**self.honest.world.accounts[address].words, HIDDEN[1]: 1})
        return commitment.storage_root()


class RightAtFirst(DropsLogs):
    """Honest for 300 calls."""

    def answer(self, receipt: Receipt) -> Receipt:
        return super().answer(receipt) if self.calls > 300 else receipt


class ChangesState(Saboteur):
    """Pays out a base unit too much in one place: everything is consistent in itself, logs and views included."""

    def call(self, call: Call) -> Receipt:
        balances = self.honest.world.vvv.balance_of
        if self.calls == 0:
            balances[call.sender] += 1
        return super().call(call)


class Rounds(Saboteur):
    """Rounds the other way in some modules of the specification."""

    def __init__(self, preset: Preset, *modules: ModuleType) -> None:
        super().__init__(preset)
        self.modules = modules

    def call(self, call: Call) -> Receipt:
        with ExitStack() as stack:
            for module in self.modules:
                for name, other in (("floor_div", ceil_div), ("ceil_div", floor_div)):
                    if hasattr(module, name):
                        stack.enter_context(patch.object(module, name, other))
            return super().call(call)
