"""The words of a contract, between where our variables lie and where the target's do."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Final, NamedTuple, TypeVar

from conformance.machines import FOREIGN
from conformance.target.layout import Place, Places
from spec.encoding import encode_word
from spec.hashing import keccak256

TAIL: Final = 2**64
"""How many words from its beginning on are taken to belong to a dynamic array."""

KEYS_AT_MOST: Final = 8
"""How many words of calldata are looked at for keys: no function has more arguments before a table."""


_ALL: Final = 2**256 - 1

_Thing = TypeVar("_Thing")


class Part(NamedTuple):
    """Some bytes of a word of ours, and where the target has them; ``slot`` is None if it does not."""

    shift: int
    """Bits below it in our word."""
    mask: int
    slot: int | None
    their_shift: int = 0
    their_mask: int = 0


class Words:
    """Translates the slots of one contract, for the keys that have been seen so far."""

    def __init__(self, places: Places) -> None:
        self._pairs = _by_keys(places.pairs, lambda pair: pair[0])
        self._missing = _by_keys(places.missing, lambda place: place)
        self._own = _by_keys(places.own, lambda place: place)
        self._parts: dict[int, list[Part]] = defaultdict(list)
        """Our slot |-> its parts."""
        self._ours: dict[int, list[int]] = defaultdict(list)
        """The target's slot |-> our slots that have a part of it."""
        self._covered: dict[int, int] = defaultdict(int)
        """The target's slot |-> the bits that stand for something."""
        self._tails: list[int] = []
        """Where what does not lie in its slot begins, of the target's own variables; in order."""
        self.incomplete: Final[set[int]] = set()
        """Our slots with a part that the target does not have."""
        self._known: set[tuple[bytes, ...]] = set()
        self._learn(())

    def learn(self, keys: Iterable[bytes], firm: Iterable[bytes]) -> None:
        """Note keys (32 bytes each) of mappings; in a mapping of mappings each with each and with ``firm`` ones."""
        new = set(keys)
        for key in new:
            self._learn((key,))
        both = new | set(firm)
        for pair in product(both, both):
            self._learn(pair)

    def ours(self, slot: int) -> Iterator[int]:
        """Yield the slots of ours that a slot of the target has to do with; and itself, marked, for its other bits."""
        yield from self._ours.get(slot, ())
        yield FOREIGN + slot

    def word(self, slot: int, read: Callable[[int], int], missing: Callable[[int], int]) -> int:
        """Return a word of ours, put together from what ``read`` has at the target's slots.

        ``missing`` has our own word, for the parts that the target does not have. Of a slot that is marked as the
        target's, the bits that stand for nothing are returned.
        """
        if slot >= FOREIGN:
            theirs = slot - FOREIGN
            return 0 if self._is_in_a_tail(theirs) else read(theirs) & ~self._covered.get(theirs, 0)
        word = 0
        for part in self._parts.get(slot, ()):
            if part.slot is None:
                word |= missing(slot) & part.mask
            else:
                word |= ((read(part.slot) >> part.their_shift) & part.their_mask) << part.shift
        return word

    def parts(self, slot: int) -> tuple[Part, ...]:
        """Return where the target has the bytes of a word of ours; those that it does not have are left out."""
        if slot >= FOREIGN:
            mask = _ALL & ~self._covered.get(slot - FOREIGN, 0)
            return (Part(0, mask, slot - FOREIGN, 0, mask),)
        return tuple(part for part in self._parts.get(slot, ()) if part.slot is not None)

    def _learn(self, keys: tuple[bytes, ...]) -> None:
        if keys in self._known:
            return
        self._known.add(keys)
        for ours, theirs in self._pairs[len(keys)]:
            self._pair(ours, theirs, keys)
        for ours in self._missing[len(keys)]:
            for slot in _slots(ours, keys):
                self._parts[slot].append(Part(8 * ours.lowest, _bits(ours) << 8 * ours.lowest, None))
                self.incomplete.add(slot)
        for own in self._own[len(keys)]:
            for slot in _slots(own, keys):
                self._covered[slot] |= _bits(own) << 8 * own.lowest
                if own.has_tail:
                    insort(self._tails, int.from_bytes(keccak256(encode_word(slot)), "big"))

    def _is_in_a_tail(self, slot: int) -> bool:
        at = bisect_right(self._tails, slot)
        return at > 0 and slot - self._tails[at - 1] < TAIL

    def _pair(self, ours: Place, theirs: Place, keys: tuple[bytes, ...]) -> None:
        for slot, their_slot in zip(_slots(ours, keys), _slots(theirs, keys), strict=True):
            part = Part(8 * ours.lowest, _bits(ours), their_slot, 8 * theirs.lowest, _bits(theirs))
            self._parts[slot].append(part)
            self._ours[their_slot].append(slot)
            self._covered[their_slot] |= _bits(theirs) << 8 * theirs.lowest


def _by_keys(things: Iterable[_Thing], place: Callable[[_Thing], Place]) -> dict[int, list[_Thing]]:
    """Return how many keys lead to it |-> what is there."""
    found: dict[int, list[_Thing]] = defaultdict(list)
    for thing in things:
        found[place(thing).keys].append(thing)
    return found


def _slots(place: Place, keys: tuple[bytes, ...]) -> range:
    first = place.slot(keys)
    return range(first, first + place.words)


def _bits(place: Place) -> int:
    return (1 << 8 * place.size) - 1
