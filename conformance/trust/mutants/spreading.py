"""Work on all cores: the same function for each of many numbers, in processes that know what this one knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import as_completed
from typing import Any, Final

from ledger.workers import pool_of, submit

CHUNK: Final = 8
"""Numbers that a process is given at a time."""

_FUNCTIONS: Final[list[Callable[[int], Any]]] = []
"""What the processes are to do; they have it because they are forked."""


def spread(function: Callable[[int], Any], count: int, workers: int) -> Iterator[tuple[int, Any]]:
    """Yield number and result for all numbers below ``count``, as they get done.

    Raises
    ------
    WorkerDied
    """
    if workers == 1:
        yield from ((number, function(number)) for number in range(count))
        return
    _FUNCTIONS.append(function)
    try:
        with pool_of(workers) as pool:
            chunks = [submit(pool, _done, range(count)[first : first + CHUNK]) for first in range(0, count, CHUNK)]
            for chunk in as_completed(chunks):
                yield from chunk.result()
    finally:
        _FUNCTIONS.pop()


def _done(numbers: range) -> list[tuple[int, Any]]:
    return [(number, _FUNCTIONS[-1](number)) for number in numbers]
