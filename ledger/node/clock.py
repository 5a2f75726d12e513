"""The time that blocks are given: the clock on the wall, or one that was set and moved."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from ledger.transactions import MAX_UINT64

LATEST: Final = MAX_UINT64 // 2
"""The latest time (s) that one can be sent to: as much again is left, to go on from it."""

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

    def advance(self, seconds: int, parent: int) -> None:
        """Go forward by some seconds, from ``parent`` (s), the time of the last block, if that is later than now.

        Raises
        ------
        ClockError : it is less than none, or the time would be after ``LATEST``.
        """
        time_now = max(self.now(), parent)
        if not 0 <= seconds <= LATEST - time_now:
            raise ClockError(f"time: found {seconds} s to go forward, expected 0 or more, to {LATEST} at the latest")
        self.offset += time_now + seconds - self.now()

    @property
    def is_given(self) -> bool:
        """Whether the next block was given its time."""
        return self._next is not None

    def next_after(self, parent: int) -> int:
        """The time (s) of the next block after one of time ``parent``: never before it, and always a uint64."""
        return min(max(self.now() if self._next is None else self._next, parent), MAX_UINT64)

    def set_next(self, timestamp: int, parent: int) -> None:
        """Give a time (s) to the next block, from which time goes on then.

        Raises
        ------
        ClockError : it is before ``parent``, the time of the block before, or after ``LATEST``.
        """
        if not parent <= timestamp <= LATEST:
            raise ClockError(
                f"time: found {timestamp}, expected {parent} (the head's) or later, to {LATEST} at the latest"
            )
        self._next = timestamp

    def used(self, timestamp: int) -> None:
        """Take note that a block has this time (s)."""
        if self._next is not None:
            self.set(timestamp)
