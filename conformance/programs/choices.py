"""Where a generator's decisions come from: a seeded pseudo-random source, or Hypothesis, which can shrink them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from operator import itemgetter
from random import Random
from typing import Protocol, TypeVar

Option = TypeVar("Option")

_weight = itemgetter(0)


class Source(Protocol):
    """A source of choices. 0 is the simplest choice, towards which a source may shrink."""

    def below(self, bound: int) -> int:
        """Return an integer in [0, bound)."""


class SeededSource:
    """Choices from a seed, the same for the same seed."""

    def __init__(self, seed: int | str) -> None:
        self._bits = Random(seed).getrandbits  # noqa: S311 (not for secrets)

    def below(self, bound: int) -> int:
        """Return an integer in [0, bound), as ``Random.randrange`` does."""
        size = bound.bit_length()
        while (drawn := self._bits(size)) >= bound:
            pass
        return drawn


class Choices:
    """Ways to choose, over any source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._tables: dict[int, tuple[Sequence[tuple[int, object]], list[int]]] = {}
        """Identity of options that cannot change |-> they, to keep them alive, and the sums of their weights."""

    def below(self, bound: int) -> int:
        """Return an integer in [0, bound); 0 if there is no other."""
        return self._source.below(bound) if bound > 1 else 0

    def one_of(self, options: Sequence[Option]) -> Option:
        """Return one of the options, each as likely as the other."""
        return options[self.below(len(options))]

    def weighted(self, options: Sequence[tuple[int, Option]]) -> Option:
        """Return one of the options of (weight, option), as likely as its weight."""
        _, up_to = self._tables.get(id(options)) or self._table(options)
        return options[bisect_right(up_to, self.below(up_to[-1]))][1]

    def _table(self, options: Sequence[tuple[int, object]]) -> tuple[Sequence[tuple[int, object]], list[int]]:
        table = options, list(accumulate(map(_weight, options)))
        if not table[1] or table[1][-1] < 1:
            raise AssertionError("the weights are not positive")
        if isinstance(options, tuple):
            self._tables[id(options)] = table
        return table

    def chance(self, percent: int) -> bool:
        """Return true in about ``percent`` of a hundred cases."""
        return self.below(100) >= 100 - percent

    def up_to(self, largest: int) -> int:
        """Return an integer in [0, largest], on every scale: small ones are as likely as large ones."""
        bits = self.below(max(largest, 1).bit_length() + 1)
        return min(largest, self.below(1 << bits))
