"""A target as a machine: spoken with in our words, and shown in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from eth.abc import OpcodeAPI

from conformance.machines import FOREIGN, LeftOut, SlowToTell
from conformance.machines.py_evm import Image, PyEvmMachine
from conformance.machines.specification import SpecificationMachine
from conformance.target.deploying import deploy_target
from conformance.target.target import Target
from conformance.target.translation import Translation
from conformance.target.words import KEYS_AT_MOST, Part, Words
from ledger.commitment import StorageCommitment
from spec.abi import SELECTOR
from spec.access_control import DEFAULT_ADMIN_ROLE
from spec.diem.token import MINTER_BURNER_ROLE
from spec.encoding import WORD
from spec.hashing import keccak256
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Address, Call, Receipt
from spec.parameters import Preset

if TYPE_CHECKING:
    from conformance.machines.pyrevm import PyrevmMachine


class _Mark(NamedTuple):
    target: int
    specification: int


class TargetMachine:
    """An EVM with a target's contracts, started from a preset.

    The specification goes along with it. It is asked where the target says less than we do: which of our reasons is
    meant by an error that stands for several, what is in an event or a variable that the target does not have. What is
    taken from it stands in the target's file, and is counted.
    """

    name = "target"

    slow_to_tell: Literal[True]
    """Only there if the EVM is."""

    def __init__(
        self,
        preset: Preset,
        target: Target,
        image: Image | None = None,
        evm: type[PyEvmMachine] | type[PyrevmMachine] = PyEvmMachine,
    ) -> None:
        """Deploy ``target``, or start from what an earlier deployment of it has led to, in one of the EVMs.

        Raises
        ------
        TargetError : something does not map and is not said to be missing; the target does not deploy.
        """
        target.check()
        self.target: Final = target
        self.translation: Final = Translation(target)
        self._evm = evm(preset, image=image or deploy_target(target, preset))
        if isinstance(self._evm, SlowToTell):
            self.slow_to_tell = True
        self._specification = SpecificationMachine(preset)
        self._marks: list[_Mark] = []
        self._words = {role.address: Words(role.places) for role in target.roles.values() if role.places}
        self._by_views = frozenset(role.address for role in target.roles.values() if role.by_views)
        self._firm = _firm_keys(preset)
        self._learn(self._firm)
        self._learn(map(_key, (account.address for account in preset.accounts)))

    @property
    def by_views(self) -> frozenset[Address]:
        """The contracts of which only the views are compared, because where their variables lie is not known."""
        return self._by_views

    @property
    def specification(self) -> SpecificationMachine:
        """The specification that goes along."""
        return self._specification

    def execute_with(self, opcodes: Mapping[int, OpcodeAPI]) -> None:
        """Let these operations take the place of py-evm's own from now on: all others are py-evm's."""
        if not isinstance(self._evm, PyEvmMachine):
            raise TypeError(f"{self._evm.name} does not let its operations be replaced")
        self._evm.execute_with(opcodes)

    def left_out(self, call: Call) -> str | None:
        """Return the function, if the call is of one that cannot be asked of the target."""
        return self.translation.left_out(call)

    def call(self, call: Call) -> Receipt:
        """Carry out one call, and answer in our words.

        Raises
        ------
        LeftOut : the call is of a function that the target does not have, or that is its own.
        """
        if (function := self.left_out(call)) is not None:
            raise LeftOut(f"{self.target.name}: left out: {function}")
        self._learn(_keys_of(call))
        ours = self._specification.call(call)
        theirs = self._evm.call(self.translation.call(call))
        return self.translation.receipt(call, ours, theirs)

    def ask(self, call: Call, ours: Receipt) -> Receipt:
        """Answer a call of a view in our words; ``ours`` is what the specification answers to it."""
        translated = self.translation.call(call)
        answer = self._evm.ask(translated) if isinstance(self._evm, PyEvmMachine) else self._evm.call(translated)
        return self.translation.receipt(call, ours, answer)

    def touched(self) -> set[Address]:
        """Return the contracts of which the last call wrote a word."""
        return {address for address, _ in self._evm.written()}

    def written(self) -> Mapping[tuple[Address, int], int]:
        """Return the words of ours that the last call has to do with; none of a contract compared by its views."""
        slots = {
            (address, ours)
            for address, slot in self._evm.written()
            if address not in self._by_views
            for ours in self._our_slots(address, slot)
        }
        words = {at: self.word(*at) for at in slots}
        return {at: word for at, word in words.items() if word or at[1] < FOREIGN}

    def word(self, address: Address, slot: int) -> int:
        """Return a word of ours, from wherever the target has it; the specification's, if that is not known."""
        if address in self._by_views:
            return self._specification.word(address, slot)
        if address not in self._words:
            return self._evm.word(address, slot)
        return self._words[address].word(
            slot,
            lambda theirs: self._evm.word(address, theirs),
            lambda ours: self._specification.word(address, ours),
        )

    def parts(self, address: Address, slot: int) -> tuple[Part, ...]:
        """Return where the target has the bytes of a word of ours; nowhere in a contract compared by its views."""
        if address in self._by_views:
            return ()
        if address not in self._words:
            return (Part(0, 2**256 - 1, slot, 0, 2**256 - 1),)
        return self._words[address].parts(slot)

    def storage_root(self, address: Address) -> bytes:
        """Return the root of our storage trie over the words at the target; another, if some are foreign."""
        if address in self._by_views:
            return self._specification.storage_root(address)
        if address not in self._words:
            return self._evm.storage_root(address)
        words = self.our_words(address)
        foreign = sorted((slot, word) for slot, word in words.items() if slot >= FOREIGN)
        commitment = StorageCommitment()
        commitment.update({slot: word for slot, word in words.items() if slot < FOREIGN})
        root = commitment.storage_root()
        return keccak256(root + repr(foreign).encode()) if foreign else root

    def words(self, address: Address) -> Mapping[int, int]:
        """Return slot |-> word as ``our_words``; the specification's, of a contract compared by its views."""
        return self._specification.words(address) if address in self._by_views else self.our_words(address)

    def our_words(self, address: Address) -> dict[int, int]:
        """Return our slot |-> word, of every word that the target has and that is not 0; see ``FOREIGN``."""
        slots = {ours for slot in self._evm.words(address) for ours in self._our_slots(address, slot)}
        if address in self._words:
            slots |= self._words[address].incomplete
        words = {slot: self.word(address, slot) for slot in slots}
        return {slot: word for slot, word in words.items() if word}

    def snapshot(self) -> int:
        """Return the number of snapshots so far."""
        self._marks.append(_Mark(self._evm.snapshot(), self._specification.snapshot()))
        return len(self._marks) - 1

    def revert(self, snapshot: int) -> None:
        """Go back, on the target and in the specification."""
        del self._marks[snapshot + 1 :]
        mark = self._marks[snapshot]
        self._evm.revert(mark.target)
        self._specification.revert(mark.specification)

    def _our_slots(self, address: Address, slot: int) -> Iterable[int]:
        words = self._words.get(address)
        return (slot,) if words is None else words.ours(slot)

    def _learn(self, keys: Iterable[bytes]) -> None:
        known = list(keys)
        for words in self._words.values():
            words.learn(known, self._firm)


def _key(value: bytes) -> bytes:
    return value.rjust(WORD, b"\0")


def _firm_keys(preset: Preset) -> tuple[bytes, ...]:
    contracts = [ZERO_ADDRESS, *CONTRACTS, preset.staking.treasury, preset.staking.owner, preset.diem.admin]
    return (*map(_key, dict.fromkeys(contracts)), DEFAULT_ADMIN_ROLE, MINTER_BURNER_ROLE)


def _keys_of(call: Call) -> Iterable[bytes]:
    """Yield what may be a key of a mapping that the call writes: the sender, and the first words of the calldata.

    An upgrade calls with calldata of its own, so the words of these are looked at as well.
    """
    yield _key(call.sender)
    for start in (SELECTOR, 2 * SELECTOR):
        for at in range(start, min(len(call.data), start + WORD * KEYS_AT_MOST) - WORD + 1, WORD):
            yield call.data[at : at + WORD]
