"""One row of the benchmarks, and how it is measured: by turns, in processor time."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from time import process_time
from typing import NamedTuple

Work = Iterator[int]
"""Does a slice of something whenever it is asked for the next one, and yields how much that was."""


class Row(NamedTuple):
    """A comparison with a peer."""

    name: str
    unit: str
    ours: float
    peer: float
    peer_name: str
    ratio: float
    """Ours over the peer's: the median of the ratios of each round, not the ratio of the medians."""
    at_least: float | None
    """The ratio that we promise; None where we only look."""


class Rates:
    """How much each contestant does in a second of processor time, round by round."""

    def __init__(self, contestants: Mapping[str, Callable[[], Work]], rounds: int) -> None:
        """Measure: a contestant is prepared anew for each round, and only its work is timed.

        All of it is in this process and on one thread, so processor time leaves out what else the machine does. But a
        machine's speed drifts, by a third within a second where others share it: so the contestants take turns slice by
        slice, and are compared round by round.
        """
        self._measured: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name, rate in _round({name: prepare() for name, prepare in contestants.items()}).items():
                self._measured[name].append(rate)

    def row(self, name: str, unit: str, ours: str, peer: str, at_least: float | None) -> Row:
        """Return the row that compares two contestants."""
        our_rates, peer_rates = self._measured[ours], self._measured[peer]
        ratio = median(mine / its for mine, its in zip(our_rates, peer_rates, strict=True))
        return Row(name, unit, median(our_rates), median(peer_rates), peer, ratio, at_least)


def _round(works: Mapping[str, Work]) -> dict[str, float]:
    """Return each contestant's rate; they take turns until all of them have ended."""
    done, seconds = dict.fromkeys(works, 0), dict.fromkeys(works, 0.0)
    gc.collect()
    going = dict(works)
    while going:
        for name, work in tuple(going.items()):
            started = process_time()
            amount = next(work, None)
            seconds[name] += process_time() - started
            if amount is None:
                del going[name]
            else:
                done[name] += amount
    return {name: done[name] / seconds[name] for name in works}
