"""The time that blocks are given: the clock on the wall, or one that was set and moved."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from ledger.transactions import MAX_UINT64

WallClock = Callable[[], float]
"""Seconds since 1970."""


class ClockError(ValueError):
    """A time that the chain cannot be given; the message says why."""


class Clock:
    """Seconds since 1970, as far off the wall clock as it was moved; and the time that the next block was given."""

    def __init__(self, wall: WallClock = time.time, start: int | None = None) -> None:
        """Make a clock that shows the time on the wall, or starts now from ``start`` (s)."""
        self._wall: Final = wall
        self.offset = 0
        """Seconds ahead of the wall clock; negative behind it."""
        self._next: int | None = None
        """What the next block was given (s)."""
        if start is not None:
            self.set(start)

    def now(self) -> int:
        """The time (s)."""
        return int(self._wall()) + self.offset

    def set(self, timestamp: int) -> None:
        """Go on from a time (s), and forget what the next block was given."""
        self.restore(timestamp - int(self._wall()))

    def restore(self, offset: int) -> None:
        """Be some seconds ahead of the wall clock again, and forget what the next block was given."""
        self.offset = offset
        self._next = None

    def advance(self, seconds: int) -> None:
        """Go forward by some seconds.

        Raises
        ------
        ClockError : it is less than none, or the time would be no uint64.
        """
        if not 0 <= seconds <= MAX_UINT64 - self.now():
            raise ClockError(f"time: found {seconds} s to go forward, expected 0 or more, within a uint64")
        self.offset += seconds

    def next_after(self, parent: int) -> int:
        """The time (s) of the next block after one of time ``parent``: never before it."""
        return max(self.now(), parent) if self._next is None else max(self._next, parent)

    def set_next(self, timestamp: int, parent: int) -> None:
        """Give a time (s) to the next block, from which time goes on then.

        Raises
        ------
        ClockError : it is before ``parent``, the time of the block before, or no uint64.
        """
        if not parent <= timestamp <= MAX_UINT64:
            raise ClockError(f"time: found {timestamp}, expected {parent} (the head's) or later, within a uint64")
        self._next = timestamp

    def used(self, timestamp: int) -> None:
        """Take note that a block has this time (s)."""
        if self._next is not None:
            self.set(timestamp)
