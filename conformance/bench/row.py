"""One row of the benchmarks, and how it is measured: by turns, and round by round."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from time import process_time
from typing import NamedTuple

Work = Iterator[int]
"""Does a slice of something whenever it is asked for the next one, and yields how much that was."""

Clock = Callable[[], float]
"""Seconds from some beginning on."""


class Row(NamedTuple):
    """A comparison with a peer."""

    name: str
    unit: str
    ours: float
    peer: float
    peer_name: str
    ratio: float
    """Ours over the peer's: the median of the ratios of each round, not the ratio of the medians."""
    at_least: float | None = None
    """The ratio that we promise, where more is better."""
    at_most: float | None = None
    """The ratio that we promise, where less is better; where neither is given, we only look."""

    @property
    def holds(self) -> bool:
        """Whether the ratio is what we promise."""
        enough = self.at_least is None or self.ratio >= self.at_least
        return enough and (self.at_most is None or self.ratio <= self.at_most)

    @property
    def promise(self) -> str:
        """What we promise, in words."""
        for words, ratio in (("at least", self.at_least), ("at most", self.at_most)):
            if ratio is not None:
                return f"{words} {ratio:g}"
        return ""


class Note(NamedTuple):
    """What was measured beside the comparison."""

    name: str
    """Of the row."""
    what: str
    amount: float
    unit: str


class LeftOut(NamedTuple):
    """A row that could not be measured."""

    name: str
    reason: str


Finding = Row | Note | LeftOut


class Rates:
    """How much each contestant does in a second, round by round."""

    def __init__(self, contestants: Mapping[str, Callable[[], Work]], rounds: int, clock: Clock = process_time) -> None:
        """Measure: a contestant is prepared anew for each round, and only its work is timed.

        What is in this process and on one thread is measured in processor time, which leaves out what else the machine
        does. But a machine's speed drifts, by a third within a second where others share it: so the contestants take
        turns slice by slice, and are compared round by round.
        """
        self._measured: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name, rate in _round({name: prepare() for name, prepare in contestants.items()}, clock).items():
                self._measured[name].append(rate)

    def median(self, name: str) -> float:
        """Return what a contestant does in a second."""
        return median(self._measured[name])

    def row(self, name: str, unit: str, ours: str, peer: str, at_least: float | None) -> Row:
        """Return the row that compares two contestants."""
        rounds = zip(self._measured[ours], self._measured[peer], strict=True)
        ratio = median(mine / its for mine, its in rounds)
        return Row(name, unit, self.median(ours), self.median(peer), peer, ratio, at_least)

    def costs(self, name: str, unit: str, ours: str, peer: str, at_most: float) -> Row:
        """Return the row that compares what two contestants take for the same (µs)."""
        rounds = zip(self._measured[ours], self._measured[peer], strict=True)
        ratio = median(its / mine for mine, its in rounds)
        return Row(name, unit, 1e6 / self.median(ours), 1e6 / self.median(peer), peer, ratio, at_most=at_most)


def _round(works: Mapping[str, Work], clock: Clock) -> dict[str, float]:
    """Return each contestant's rate; they take turns until all of them have ended."""
    done, seconds = dict.fromkeys(works, 0), dict.fromkeys(works, 0.0)
    gc.collect()
    gc.freeze()  # what was prepared is not gone through again in the time of whoever's turn it is
    going = dict(works)
    while going:
        for name, work in tuple(going.items()):
            started = clock()
            amount = next(work, None)
            seconds[name] += clock() - started
            if amount is None:
                del going[name]
            else:
                done[name] += amount
    gc.unfreeze()
    return {name: done[name] / seconds[name] for name in works}
