"""One row of the benchmarks, and how it is measured: by turns, in processor time."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import process_time
from typing import NamedTuple

Work = Callable[[], int]
"""Does something, and returns how much it was."""


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

        All of it is in this process and on one thread, so processor time leaves out what else the machine does; the
        contestants take turns and are compared round by round, because a machine's speed drifts.
        """
        self._measured: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name, prepare in contestants.items():
                self._measured[name].append(_rate(prepare()))

    def row(self, name: str, unit: str, ours: str, peer: str, at_least: float | None) -> Row:
        """Return the row that compares two contestants."""
        our_rates, peer_rates = self._measured[ours], self._measured[peer]
        ratio = median(mine / its for mine, its in zip(our_rates, peer_rates, strict=True))
        return Row(name, unit, median(our_rates), median(peer_rates), peer, ratio, at_least)


def _rate(work: Work) -> float:
    gc.collect()
    started = process_time()
    done = work()
    return done / (process_time() - started)
