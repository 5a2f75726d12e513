"""Work on all cores: the same function for each of many numbers, in processes that know what this one knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from multiprocessing import get_context
from typing import Any, Final

from conformance.trust.workers import begin

CHUNK: Final = 8
"""Numbers that a process is given at a time."""

_FUNCTIONS: Final[list[Callable[[int], Any]]] = []
"""What the processes are to do; they have it because they are forked."""


def spread(function: Callable[[int], Any], count: int, workers: int) -> Iterator[tuple[int, Any]]:
    """Yield number and result for all numbers below ``count``, as they get done."""
    if workers == 1:
        yield from ((number, function(number)) for number in range(count))
        return
    _FUNCTIONS.append(function)
    try:
        with get_context("fork").Pool(workers, initializer=begin) as pool:
            yield from pool.imap_unordered(_done, range(count), chunksize=CHUNK)
    finally:
        _FUNCTIONS.pop()


def _done(number: int) -> tuple[int, Any]:
    return number, _FUNCTIONS[-1](number)
