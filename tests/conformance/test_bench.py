"""How a row of the benchmarks is measured: by turns, in rates, against what is promised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from conformance.bench import row as measuring
from conformance.bench.row import Rates


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second pass between any two looks at the clock: each slice takes one, and each end too."""
    ticks = count()
    monkeypatch.setattr(measuring, "process_time", lambda: float(next(ticks)))


def contestant(name: str, slices: list[int], turns: list[str]) -> Callable[[], Iterator[int]]:
    def work() -> Iterator[int]:
        for amount in slices:
            turns.append(name)
            yield amount

    return work


def test_contestants_take_turns_slice_by_slice_and_the_longer_one_ends_alone() -> None:
    turns: list[str] = []
    Rates({name: contestant(name, [1] * slices, turns) for name, slices in (("a", 3), ("b", 1))}, rounds=2)
    assert turns == ["a", "b", "a", "a"] * 2


def test_a_row_has_the_rates_their_ratio_and_the_promise() -> None:
    rates = Rates({"ours": contestant("ours", [8, 8, 8], []), "peer": contestant("peer", [4], [])}, rounds=3)
    row = rates.row("example", "calls/s", "ours", "peer", at_least=2)
    assert row == ("example", "calls/s", 24 / 4, 4 / 2, "peer", 3.0, 2)


def test_the_ratio_is_the_median_of_the_rounds_and_not_the_ratio_of_the_medians() -> None:
    ours, peers = iter([10, 20, 90]), iter([10, 40, 30])
    rates = Rates({"ours": lambda: iter([next(ours)]), "peer": lambda: iter([next(peers)])}, rounds=3)
    assert rates.row("example", "calls/s", "ours", "peer", None).ratio == 1.0
