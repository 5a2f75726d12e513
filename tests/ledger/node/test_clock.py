"""The time of blocks: never backwards, and moved at will."""

from __future__ import annotations

import pytest

from ledger.node import Clock, ClockError
from ledger.node.clock import LATEST
from ledger.transactions import MAX_UINT64
from tests.ledger.node.conftest import Wall


def test_shows_the_time_on_the_wall_in_whole_seconds() -> None:
    wall = Wall(1000.9)
    clock = Clock(wall)
    assert (clock.now(), clock.offset) == (1000, 0)
    wall.time = 1002.0
    assert clock.next_after(5) == 1002


def test_starts_where_it_is_told_and_goes_on() -> None:
    wall = Wall(1000.0)
    clock = Clock(wall, start=50)
    wall.time = 1010.0
    assert clock.now() == 60


def test_never_runs_backwards() -> None:
    clock = Clock(Wall(1000.0))
    assert clock.next_after(2000) == 2000


def test_goes_forward_only() -> None:
    clock = Clock(Wall(1000.0))
    clock.advance(0, parent=900)
    clock.advance(5, parent=1000)
    assert (clock.now(), clock.offset) == (1005, 5)
    for seconds in (-1, LATEST - 1004):
        with pytest.raises(ClockError, match="at the latest"):
            clock.advance(seconds, parent=900)
    assert clock.now() == 1005
    clock.advance(LATEST - 1005, parent=900)
    assert clock.now() == LATEST


def test_goes_forward_from_a_block_that_is_ahead() -> None:
    clock = Clock(Wall(1000.0))
    clock.advance(5, parent=2000)
    assert (clock.now(), clock.offset) == (2005, 1005)


def test_comes_to_a_stand_at_the_last_uint64() -> None:
    wall = Wall(1000.0)
    clock = Clock(wall, start=MAX_UINT64)
    wall.time = 2000.0
    assert clock.next_after(MAX_UINT64) == MAX_UINT64


def test_next_block_has_the_time_it_was_given_and_time_goes_on_from_there() -> None:
    wall = Wall(1000.0)
    clock = Clock(wall)
    given = [clock.is_given]
    clock.set_next(5000, parent=1000)
    assert [*given, clock.is_given] == [False, True]
    wall.time = 1001.0
    assert clock.next_after(1000) == 5000
    assert clock.now() == 1001
    clock.used(5000)
    wall.time = 1003.0
    assert clock.next_after(5000) == 5002


def test_a_block_without_a_given_time_leaves_the_clock_alone() -> None:
    clock = Clock(Wall(1000.0))
    clock.used(3000)
    assert clock.now() == 1000


@pytest.mark.parametrize("timestamp", [999, LATEST + 1])
def test_next_block_cannot_be_before_its_parent(timestamp: int) -> None:
    clock = Clock(Wall(1000.0))
    with pytest.raises(ClockError, match="expected 1000"):
        clock.set_next(timestamp, parent=1000)
    assert clock.next_after(1000) == 1000


def test_is_restored() -> None:
    clock = Clock(Wall(1000.0))
    clock.advance(5, parent=0)
    clock.set_next(7000, parent=0)
    clock.restore(2)
    assert clock.next_after(0) == 1002
