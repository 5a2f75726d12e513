"""How a row of the benchmarks is measured: by turns, in rates, against what is promised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from conformance.bench.row import Rates, Row


@pytest.fixture
def clock() -> Callable[[], float]:
    """Let a second pass between any two looks: each slice takes one, and each end too."""
    ticks = count()
    return lambda: float(next(ticks))


def contestant(name: str, slices: list[int], turns: list[str]) -> Callable[[], Iterator[int]]:
    def work() -> Iterator[int]:
        for amount in slices:
            turns.append(name)
            yield amount

    return work


def test_contestants_take_turns_slice_by_slice_and_the_longer_one_ends_alone(clock: Callable[[], float]) -> None:
    turns: list[str] = []
    Rates({name: contestant(name, [1] * slices, turns) for name, slices in (("a", 3), ("b", 1))}, 2, clock)
    assert turns == ["a", "b", "a", "a"] * 2


def test_a_row_has_the_rates_their_ratio_and_the_promise(clock: Callable[[], float]) -> None:
    rates = Rates({"ours": contestant("ours", [8, 8, 8], []), "peer": contestant("peer", [4], [])}, 3, clock)
    row = rates.row("example", "calls/s", "ours", "peer", at_least=2)
    assert row == ("example", "calls/s", 24 / 4, 4 / 2, "peer", 3.0, 2, None)


def test_the_ratio_is_the_median_of_the_rounds_and_not_the_ratio_of_the_medians(clock: Callable[[], float]) -> None:
    ours, peers = iter([10, 20, 90]), iter([10, 40, 30])
    rates = Rates({"ours": lambda: iter([next(ours)]), "peer": lambda: iter([next(peers)])}, 3, clock)
    assert rates.row("example", "calls/s", "ours", "peer", None).ratio == 1.0


@pytest.mark.parametrize(
    "promised,ratio,holds,words",
    [
        ({}, 0.1, True, ""),
        ({"at_least": 2.0}, 2.0, True, "at least 2"),
        ({"at_least": 2.0}, 1.9, False, "at least 2"),
        ({"at_most": 1.1}, 1.1, True, "at most 1.1"),
        ({"at_most": 1.1}, 1.2, False, "at most 1.1"),
    ],
)
def test_a_promise_is_kept_or_not(promised: dict[str, float], ratio: float, holds: bool, words: str) -> None:
    row = Row("example", "calls/s", 1.0, 1.0, "peer", ratio, **promised)
    assert (row.holds, row.promise) == (holds, words)
