"""The comparison: the same call on two machines gives the same receipt and the same storage words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import NamedTuple

from conformance.machines import Machine
from spec.errors import reason_of
from spec.events import Event
from spec.messages import Address, Log, Receipt


class Difference(NamedTuple):
    """Where two machines first differ after a call, and what each says."""

    where: str
    """``status``, ``output``, ``log 2``, or a storage variable with its keys."""

    left: str
    right: str

    def __str__(self) -> str:
        return f"{self.where}: {self.left} against {self.right}"


def compare_receipts(left: Receipt, right: Receipt) -> Difference | None:
    """Return the first difference in status, output and logs, in this order."""
    if left == right:
        return None
    if left.status != right.status:
        return Difference("status", _outcome(left), _outcome(right))
    if not left.status and left.output != right.output:
        return Difference("status", *_refusals(left.output, right.output))
    if left.output != right.output:
        return Difference("output", _hex(left.output), _hex(right.output))
    for number, (ours, theirs) in enumerate(zip_longest(left.logs, right.logs)):
        if ours != theirs:
            return Difference(f"log {number}", _describe(ours), _describe(theirs))
    return None


class WordDifference(NamedTuple):
    """A storage word that two machines do not agree on."""

    address: Address
    slot: int
    left: int
    right: int


def differing_words(left: Machine, right: Machine) -> Iterator[WordDifference]:
    """Yield the words that either machine wrote in the last call and that are not the same now, lowest slot first."""
    touched = left.written().keys() | right.written().keys()
    words = (WordDifference(at[0], at[1], left.word(*at), right.word(*at)) for at in touched)
    yield from sorted(word for word in words if word.left != word.right)


def words_differing_from(written: Mapping[tuple[Address, int], int], machine: Machine) -> Iterator[WordDifference]:
    """Yield the words of ``written`` that a machine has otherwise, lowest slot first."""
    word = machine.word
    words = [WordDifference(*at, ours, theirs) for at, ours in written.items() if ours != (theirs := word(*at))]
    yield from sorted(words)


def first_differing_word(address: Address, left: Mapping[int, int], right: Mapping[int, int]) -> WordDifference | None:
    """Return the lowest slot of a contract that does not hold the same word, given all words that are not 0."""
    if left == right:
        return None
    slots = sorted(slot for slot in left.keys() | right.keys() if left.get(slot, 0) != right.get(slot, 0))
    return WordDifference(address, slots[0], left.get(slots[0], 0), right.get(slots[0], 0)) if slots else None


def _outcome(receipt: Receipt) -> str:
    return "accepted" if receipt.status else f"refused with {reason_of(receipt.output)}"


def _refusals(left: bytes, right: bytes) -> tuple[str, str]:
    """Describe two refusals: by their reasons, and with the revert data if these read alike."""
    ours, theirs = reason_of(left), reason_of(right)
    if ours != theirs:
        return f"refused with {ours}", f"refused with {theirs}"
    return f"refused with {ours}, {_hex(left)}", f"refused with {theirs}, {_hex(right)}"


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"


def _describe(log: Log | None) -> str:
    if log is None:
        return "no log"
    event = Event.known.get(log.topics[0]) if log.topics else None
    name = event.name if event else "unknown event"
    topics = ", ".join(map(_hex, log.topics))
    return f"{name} from {_hex(log.address)} with topics [{topics}] and data {_hex(log.data)}"
