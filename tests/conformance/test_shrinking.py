"""Shrinking leaves nothing out that is needed, nothing in that is not, and stops in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import shrinking
from conformance.shrinking import Program, shrink
from spec import addresses
from spec.messages import ZERO_ADDRESS, Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

START: Final = 1_000_000


def program(length: int) -> Program:
    """Return calls that are told apart by their times."""
    return tuple(Call(ZERO_ADDRESS, addresses.VVV, b"", START + number) for number in range(length))


def numbers(calls: Program) -> list[int]:
    return [call.timestamp - START for call in calls]


def needs(*wanted: int) -> Callable[[Program], bool]:
    """Return whether a program fails that has to hold all these calls."""
    return lambda calls: set(wanted) <= set(numbers(calls))


def without_one(calls: Program) -> Iterable[Program]:
    return (calls[:number] + calls[number + 1 :] for number in range(len(calls) - 1))


@pytest.mark.parametrize(
    "length, wanted",
    [
        (250, [249]),
        (250, [0, 249]),
        (250, [3, 100, 101, 249]),
        (7, [0, 1, 2, 3, 4, 5, 6]),
        (1, [0]),
        (2, [0, 1]),
        (2, [1]),
    ],
)
def test_only_the_calls_that_are_needed_stay_in_their_order(length: int, wanted: list[int]) -> None:
    assert numbers(shrink(program(length), needs(*wanted))) == wanted


@given(st.integers(1, 60), st.data())
def test_the_result_fails_and_no_call_but_the_last_can_be_left_out(length: int, data: st.DataObject) -> None:
    """Also where leaving out one call needs another left out: faults of any shape."""
    last = length - 1
    groups = data.draw(st.lists(st.frozensets(st.integers(0, last), max_size=4), min_size=1, max_size=3))

    def fails(calls: Program) -> bool:
        left = set(numbers(calls))
        return last in left and any(group <= left for group in groups)

    shrunk = shrink(program(length), fails)

    assert fails(shrunk)
    assert numbers(shrunk) == sorted(numbers(shrunk))
    assert not any(map(fails, without_one(shrunk)))


def test_the_last_call_is_never_left_out() -> None:
    tried: list[Program] = []

    def fails(calls: Program) -> bool:
        tried.append(calls)
        return True

    assert numbers(shrink(program(40), fails)) == [39]
    assert all(numbers(calls)[-1] == 39 for calls in tried)


def test_a_program_that_needs_all_its_calls_is_tried_in_few_more_than_twice_their_number() -> None:
    tried = 0

    def fails(calls: Program) -> bool:
        nonlocal tried
        tried += 1
        return len(calls) == 64

    assert len(shrink(program(64), fails)) == 64
    assert tried <= 3 * 64


def test_shrinking_stops_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0.0
    monkeypatch.setattr(shrinking, "monotonic", lambda: clock)
    tried = 0

    def fails(calls: Program) -> bool:
        nonlocal clock, tried
        clock += 1.0
        tried += 1
        return needs(0, 100, 200, 249)(calls)

    shrunk = shrink(program(250), fails, seconds=10.0)

    assert 10 <= tried <= 12
    assert needs(0, 100, 200, 249)(shrunk)
    assert 4 < len(shrunk) < 250


def test_without_time_nothing_is_tried() -> None:
    def fails(calls: Program) -> bool:
        raise AssertionError("there is no time for this")

    assert shrink(program(9), fails, seconds=0.0) == program(9)
