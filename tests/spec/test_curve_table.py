"""The mint curve's table is that of its formula, and has the entries read on chain: PROTOCOL 5."""

from __future__ import annotations

from math import exp

import pytest

from spec.curve_table import curve_table, mint_rate
from spec.uint256 import U256
from tests.spec.conftest import UNIT


def test_first_two_rates_are_those_on_chain() -> None:
    table = curve_table(90, 2, 40_000, 256, 500)
    assert table.rates[:2] == (90000351563186634752, 90002812543945768960)
    assert (mint_rate(90, 2, 40_000, 500), mint_rate(90, 2, 40_000, 1000)) == table.rates[:2]


def test_rate_after_10000_diem_is_the_published_one() -> None:
    assert mint_rate(90, 2, 38_000, 10_000) // 10**16 == 9334
    # To four places, rounded to the nearest.
    assert (mint_rate(90, 2, 38_000, 10_000) + 5 * 10**13) // 10**14 == 933409


def test_rate_at_no_supply_is_the_base_rate() -> None:
    assert mint_rate(90, 2, 38_000, 0) == 90 * UNIT


def test_rate_does_not_depend_on_supply_without_adjustment_power() -> None:
    assert set(curve_table(7, 0, 100, 256, 1).rates) == {7 * UNIT}


@pytest.mark.parametrize(
    "base,power,target,steps,width", [(90, 2, 80, 8, 10), (90, 2, 38_000, 256, 500), (1, 1, 1, 1, 1)]
)
def test_step_has_the_rate_of_its_upper_bound_and_past_the_last_all_is_zero(
    base: int, power: int, target: int, steps: int, width: int
) -> None:
    table = curve_table(base, power, target, steps, width)
    bounds = [width * (step + 1) for step in range(steps)]
    unused = [0] * (256 - steps)
    assert list(table.supply) == [bound * UNIT for bound in bounds] + unused
    assert list(table.rates) == [int(base * exp(power * (bound / target) ** 3) * 10**18) for bound in bounds] + unused
    assert {type(entry) for entry in table.supply + table.rates} == {U256}


def test_256_steps_fill_the_table() -> None:
    table = curve_table(90, 2, 40_000, 256, 500)
    assert len(table.supply) == len(table.rates) == 256
    assert table.supply[255] == 128_000 * UNIT
    assert all(table.rates)
