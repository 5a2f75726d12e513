"""One row of the benchmarks, and how it is measured: by turns, in processor time."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import process_time
from typing import Final, NamedTuple

ROUNDS: Final = 5

Work = Callable[[], int]
"""Does something, and returns how much it was."""


class Row(NamedTuple):
    """A comparison with a peer."""

    name: str
    unit: str
    ours: float
    peer: float
    peer_name: str
    at_least: float | None
    """The ratio that we promise; None where we only look."""

    @property
    def ratio(self) -> float:
        """Ours over the peer's."""
        return self.ours / self.peer


def rates(contestants: Mapping[str, Callable[[], Work]], rounds: int = ROUNDS) -> dict[str, float]:
    """Return how much each contestant does in a second of processor time: the median over ``rounds``, taken by turns.

    A contestant is prepared anew for each round, and only its work is measured. All of it is in this process and on one
    thread, so processor time leaves out what else the machine does; by turns, because a machine's speed drifts.
    """
    measured: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, prepare in contestants.items():
            work = prepare()
            gc.collect()
            started = process_time()
            done = work()
            measured[name].append(done / (process_time() - started))
    return {name: median(values) for name, values in measured.items()}
