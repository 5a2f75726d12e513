"""A run: all units on all cores, added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import as_completed
from functools import partial
from typing import Final, NamedTuple

from conformance.lockstep import Divergence
from conformance.trust.reach.counting import Reach
from conformance.trust.reach.specification import traced
from conformance.trust.reach.units import Functions, Unit, run_unit
from ledger.workers import pool_of, submit


class Reached(NamedTuple):
    """What a run has reached."""

    reach: Reach
    specification: Counter[str]
    """Way through the specification |-> how many units went it; 0 for those that none went."""
    divergences: tuple[str, ...]
    """Where the machines did not answer alike: nothing of such a unit is counted."""


class _Part(NamedTuple):
    reach: Reach
    gone: frozenset[str]
    not_gone: frozenset[str]
    divergence: str | None


def run(
    parts: Iterable[Unit],
    processes: int,
    left_out: Functions = frozenset(),
    progress: Callable[[int], None] = lambda _: None,
) -> Reached:
    """Return what the units reach; ``progress`` is told after each how many calls it made."""
    parts = list(parts)
    reach, specification, divergences = Reach(), Counter[str](), list[str]()
    with pool_of(processes) as pool:
        for future in as_completed([submit(pool, _part, unit, left_out) for unit in parts]):
            part = future.result()
            if part.divergence is not None:
                divergences.append(part.divergence)
            reach.add(part.reach)
            specification.update(part.gone)
            specification.update(dict.fromkeys(part.not_gone, 0))
            progress(part.reach.calls)
    return Reached(reach, specification, tuple(sorted(divergences)))


def _part(unit: Unit, left_out: Functions) -> _Part:
    """Run a unit; a divergence is told as a text, for not every exception gets from one process to another."""
    try:
        reach, ways = traced(partial(run_unit, unit, left_out))
    except Divergence as divergence:
        nowhere: Final = frozenset[str]()
        return _Part(Reach(), nowhere, nowhere, f"{' '.join(map(str, unit))}: {divergence}")
    return _Part(reach, ways.gone, ways.not_gone, None)
