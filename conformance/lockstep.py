"""Lockstep: the specification and another machine answer the same calls, and are compared after each."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, Protocol

from conformance.comparison import (
    Difference,
    WordDifference,
    compare_receipts,
    differing_words,
    first_differing_word,
    words_differing_from,
)
from conformance.machines import FOREIGN, Machine, SlowToTell
from conformance.machines.specification import SpecificationMachine
from conformance.storage_names import describe_word, name_of
from spec.abi import SELECTOR
from spec.encoding import WORD
from spec.errors import reason_of
from spec.invariants import InvariantViolation, Monitor
from spec.machine import CONTRACTS
from spec.messages import Address, Call, Receipt

AHEAD: Final = 50
"""How many calls the specification may go ahead."""


class Divergence(Exception):
    """The machines do not agree, or an invariant does not hold, after one call."""

    def __init__(self, index: int, call: Call, difference: Difference) -> None:
        super().__init__(f"call {index}: {difference}")
        self.index: Final = index
        """Which call of the program, from 0."""
        self.call: Final = call
        self.difference: Final = difference


class Tally:
    """What was compared, for the report."""

    def __init__(self) -> None:
        self.calls = 0
        self.accepted: Counter[str] = Counter()
        """Function |-> calls that were accepted."""
        self.refused: Counter[tuple[str, str]] = Counter()
        """(function, reason) |-> calls that were refused."""
        self.logs = 0
        self.words = 0
        self.roots = 0
        """How often all storage of a contract was compared: by its root, or by all of its words."""
        self.views = 0
        """Views of contracts whose words cannot be compared."""
        self.left_out: Counter[str] = Counter()
        """Function that the other machine does not have |-> calls of it that were not made."""

    def count(self, call: Call, receipt: Receipt, words: int) -> None:
        """Count one call that was answered alike."""
        function = function_name(call)
        self.calls += 1
        self.logs += len(receipt.logs)
        self.words += words
        if receipt.status:
            self.accepted[function] += 1
        else:
            self.refused[function, reason_of(receipt.output)] += 1

    @property
    def refused_by_reason(self) -> Counter[str]:
        """Reason |-> calls that were refused for it, whatever the function."""
        reasons: Counter[str] = Counter()
        for (_, reason), count in self.refused.items():
            reasons[reason] += count
        return reasons


class Observer(Protocol):
    """Compares by views the contracts whose words lie nobody knows where."""

    @property
    def contracts(self) -> frozenset[Address]:
        """Which they are."""

    def after(self, call: Call, receipt: Receipt, tally: Tally) -> Difference | None:
        """Return what differs in the views that a call may have changed, and count them."""

    def everything(self, timestamp: int, tally: Tally) -> Difference | None:
        """Return what differs in any view, for any account there has been, and count them."""


class _Answer(NamedTuple):
    """What the specification has answered to a call."""

    call: Call
    receipt: Receipt
    written: Mapping[tuple[Address, int], int]


class Lockstep:
    """Two machines side by side, from one preset on; the specification is watched by its invariants."""

    def __init__(
        self,
        specification: SpecificationMachine,
        other: Machine,
        tally: Tally | None = None,
        observer: Observer | None = None,
        *,
        careful: bool = False,
    ) -> None:
        """Put two machines side by side that are in the same state; what is compared is counted in ``tally``.

        A machine that is slow to tell what a call wrote is asked for the words that the specification wrote, and at a
        checkpoint for all there are; if one has to be ``careful``, it is asked what it wrote after each call too.
        """
        self.specification: Final = specification
        self.other: Final = other
        self.tally: Final = tally if tally is not None else Tally()
        self._observer = observer
        self._by_views = observer.contracts if observer else frozenset[Address]()
        self._tells_at_once = other if isinstance(other, SlowToTell) else None
        self._asks_what_was_written = careful or self._tells_at_once is None
        self._monitor = Monitor(specification.world)
        self._index = 0

    def step(self, call: Call) -> Receipt:
        """Carry out one call on both machines and compare receipt and storage words.

        Raises
        ------
        Divergence : at the first difference, or an invariant that does not hold.
        """
        try:
            answer = self._answer(call)
        except InvariantViolation as violation:
            raise self._violated(call, violation) from None
        self._compare(answer)
        return answer.receipt

    def follow(self, calls: Iterable[Call]) -> Iterator[Call]:
        """Carry out calls as ``step`` does, and yield each once the machines have agreed on it.

        The specification goes first by up to ``AHEAD`` calls, unless the other machine is asked after each call what it
        wrote: so each of them finds in the processor's caches what it needs. The calls may be made up on the way.

        Raises
        ------
        Divergence : as ``step``.
        """
        ahead = 1 if self._asks_what_was_written or self._observer is not None else AHEAD
        answers: list[_Answer] = []
        for call in calls:
            try:
                answers.append(self._answer(call))
            except InvariantViolation as violation:
                yield from self._caught_up(answers)
                raise self._violated(call, violation) from None
            if len(answers) == ahead:
                yield from self._caught_up(answers)
                answers.clear()
        yield from self._caught_up(answers)

    def checkpoint(self, call: Call) -> None:
        """Compare all storage of all contracts, so that no word can hide; ``call`` is the last one made.

        By the roots; or of a machine that is slow to tell, by all words, and then it may be an earlier call that wrote
        what differs. Of contracts whose words cannot be compared, all views are looked at instead, for all accounts.

        Raises
        ------
        Divergence : two roots, two words or two views differ.
        """
        for address in CONTRACTS:
            if address in self._by_views:
                continue
            difference = self._difference_as_a_whole(address, call)
            if difference is not None:
                raise Divergence(self._index - 1, call, difference)
            self.tally.roots += 1
        if self._observer is not None:
            difference = self._observer.everything(call.timestamp, self.tally)
            if difference is not None:
                raise Divergence(self._index - 1, call, difference)

    def run(self, program: Iterable[Call]) -> None:
        """Carry out a whole program, and compare the roots at its end.

        Raises
        ------
        Divergence : at the first difference.
        """
        for call in deque(self.follow(program), maxlen=1):  # the last one, if there is any
            self.checkpoint(call)

    def _answer(self, call: Call) -> _Answer:
        receipt = self._monitor.watch(call, self.specification.call)
        return _Answer(call, receipt, self.specification.written())

    def _caught_up(self, answers: Iterable[_Answer]) -> Iterator[Call]:
        for answer in answers:
            self._compare(answer)
            yield answer.call

    def _compare(self, answer: _Answer) -> None:
        call, ours, written = answer
        theirs = self.other.call(call)
        difference = compare_receipts(ours, theirs) or self._storage_difference(call, written)
        if self._observer is not None and difference is None:
            difference = self._observer.after(call, ours, self.tally)
        if difference is not None:
            raise self._divergence(call, difference)
        by_views = self._by_views
        words = sum(address not in by_views for address, _ in written) if by_views else len(written)
        self.tally.count(call, ours, words)
        self._index += 1

    def _violated(self, call: Call, violation: InvariantViolation) -> Divergence:
        return self._divergence(call, Difference("invariant", str(violation), "has to hold"))

    def _storage_difference(self, call: Call, written: Mapping[tuple[Address, int], int]) -> Difference | None:
        if self._asks_what_was_written:
            words = differing_words(self.specification, self.other)
        else:
            words = words_differing_from(written, self.other)
        return next((self._described(word, call) for word in words), None)

    def _difference_as_a_whole(self, address: Address, call: Call) -> Difference | None:
        if self._tells_at_once is not None:
            word = first_differing_word(address, self.specification.words(address), self._tells_at_once.words(address))
            return None if word is None else self._described(word, call)
        ours, theirs = self.specification.storage_root(address), self.other.storage_root(address)
        if ours == theirs:
            return None
        return Difference(f"storage root of {CONTRACTS[address].name}", f"0x{ours.hex()}", f"0x{theirs.hex()}")

    def _described(self, word: WordDifference, call: Call) -> Difference:
        name = self._name_of(word.address, word.slot, call)
        return Difference(name, describe_word(word.left), describe_word(word.right))

    def _name_of(self, address: Address, slot: int, call: Call) -> str:
        if slot >= FOREIGN:
            return f"{CONTRACTS[address].name}: slot 0x{slot - FOREIGN:x} of its own, which stands for no variable"
        return name_of(self.specification.world, address, slot, _accounts_of(call))

    def _divergence(self, call: Call, difference: Difference) -> Divergence:
        return Divergence(self._index, call, difference)


def _accounts_of(call: Call) -> list[Address]:
    """Return the sender, and whatever in the calldata may be an account: the other machine may have looked at these."""
    words = [call.data[at : at + WORD] for at in range(SELECTOR, len(call.data), WORD)]
    return [call.sender, *(Address(word[12:]) for word in words if len(word) == WORD and not any(word[:12]))]


def function_name(call: Call) -> str:
    """Return ``staking.mintDiem`` and the like; ``staking.?`` where no function has this selector."""
    return _NAMES.get((call.to, call.data[:4])) or f"{CONTRACTS[call.to].name}.?"


_NAMES: Final = {
    (contract.address, selector): f"{contract.name}.{function.name}"
    for contract in CONTRACTS.values()
    for selector, function in contract.by_selector.items()
}
