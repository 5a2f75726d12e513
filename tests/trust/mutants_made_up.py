"""Mutants made up by hand: each is the specification, and lies so that just one kind of comparison can see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conformance.machines.specification import SpecificationMachine
from conformance.trust.mutants.program import Words, is_view
from conformance.trust.mutants.scoring import Level, Subject
from spec import addresses
from spec.messages import Address, Call, Receipt
from spec.parameters import load_preset
from spec.uint256 import U256


class HonestSubject:
    """The specification."""

    def __init__(self, preset: str) -> None:
        self._preset = preset
        self.start({})

    def start(self, words: Words) -> None:
        self.machine = SpecificationMachine(load_preset(self._preset))
        for (address, slot), word in words.items():
            self.machine.world.accounts[address].restore(slot, U256(word))

    def call(self, call: Call) -> Receipt:
        return self.answer(call, self.machine.call(call))

    def answer(self, call: Call, receipt: Receipt) -> Receipt:
        return receipt

    def words(self, address: Address) -> Mapping[int, int]:
        return {slot: int(word) for slot, word in self.machine.world.accounts[address].words.items() if word}


class RefusesTransfers(HonestSubject):
    def answer(self, call: Call, receipt: Receipt) -> Receipt:
        return receipt._replace(status=False) if len(receipt.logs) == 1 else receipt


class ReturnsMore(HonestSubject):
    def answer(self, call: Call, receipt: Receipt) -> Receipt:
        return receipt if is_view(call) else receipt._replace(output=receipt.output + b"\0")


class DropsLogs(HonestSubject):
    def answer(self, call: Call, receipt: Receipt) -> Receipt:
        return receipt._replace(logs=receipt.logs[1:])


class ShowsMore(HonestSubject):
    def answer(self, call: Call, receipt: Receipt) -> Receipt:
        return receipt._replace(output=receipt.output + b"\0") if is_view(call) else receipt


class StoresMore(HonestSubject):
    def words(self, address: Address) -> Mapping[int, int]:
        return {**super().words(address), **({1000: 1} if address == addresses.STAKING else {})}


class Honest:
    """The specification as a mutant."""

    side, kind, contract, place = "specification", "none", "all", "nowhere"
    made: type[HonestSubject] = HonestSubject

    def __init__(self, made: type[HonestSubject] = HonestSubject) -> None:
        self.made = made

    def describe(self) -> str:
        return self.made.__name__

    def subject(self, preset: str) -> Subject:
        return self.made(preset)


LIES: Final = {
    Level.STATUS: Honest(RefusesTransfers),
    Level.OUTPUT: Honest(ReturnsMore),
    Level.LOGS: Honest(DropsLogs),
    Level.VIEWS: Honest(ShowsMore),
    Level.STORAGE: Honest(StoresMore),
}
