"""Quotes of the mint curve, by hand: PROTOCOL 5."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec.curve_table import curve_table
from spec.world import World
from tests.spec.conftest import (
    MAX,
    MINTER,
    NOW,
    OVERFLOW,
    OWNER,
    STAKING,
    UNIT,
    assert_refused,
    call_of,
    put,
    run,
    set_curve,
    view,
    word,
)

QUOTE = "getDiemAmountOut(uint256)"
END = "INSUFFICIENT_SUPPLY"


class Curve(NamedTuple):
    """Steps of (end, rate) in base units, and the supply of DIEM already minted."""

    steps: tuple[tuple[int, int], ...]
    supply: int = 0


# 2, 3 and 5 sVVV per DIEM, ten base units of DIEM each: 20, 30 and 50 base units of sVVV.
THREE = ((10, 2 * UNIT), (20, 3 * UNIT), (30, 5 * UNIT))
# The second step has no rate: its DIEM are sold in the third, 20 at 5.
GAP = ((10, 2 * UNIT), (20, 0), (30, 5 * UNIT))
# The second step ends below the first: it is passed when its turn comes.
UNSORTED = ((20, 2 * UNIT), (10, 3 * UNIT), (30, 5 * UNIT))
# Three DIEM at 1.5 cost ceil(4.5) = 5; floor(4.5) = 4 would leave one more for the next step.
HALVES = ((3, 15 * UNIT // 10), (6, 2 * UNIT))
BELOW_ONE = ((11, 3 * UNIT // 10), (20, UNIT))
# A step at such a rate costs ceil(MAX / 10^18) for one base unit.
HUGE_COST = MAX // UNIT + 1

QUOTES = [
    *((Curve(THREE), amount, out) for amount, out in {
        0: 0, 1: 0, 2: 1, 3: 1, 19: 9, 20: 10, 21: 10, 22: 10, 23: 11, 49: 19, 50: 20, 51: 20, 54: 20, 55: 21,
        99: 29, 100: 30, 101: END, MAX: END,
    }.items()),
    # Within the first step, at its end, within the second, at the end of all.
    *((Curve(THREE, 5), amount, out) for amount, out in {0: 0, 9: 4, 10: 5, 12: 5, 13: 6, 90: 25, 91: END}.items()),
    *((Curve(THREE, 10), amount, out) for amount, out in {2: 0, 3: 1, 30: 10, 35: 11, 80: 20, 81: END}.items()),
    *((Curve(THREE, 15), amount, out) for amount, out in {15: 5, 19: 5, 20: 6, 65: 15, 66: END}.items()),
    *((Curve(THREE, 30), amount, out) for amount, out in {0: 0, 1: END}.items()),
    *((Curve(THREE, MAX), amount, out) for amount, out in {0: 0, 1: END}.items()),
    *((Curve(GAP), amount, out) for amount, out in {20: 10, 24: 10, 25: 11, 120: 30, 121: END}.items()),
    *((Curve(GAP, 15), amount, out) for amount, out in {5: 1, 75: 15, 76: END}.items()),
    *((Curve(UNSORTED), amount, out) for amount, out in {39: 19, 40: 20, 44: 20, 45: 21, 90: 30, 91: END}.items()),
    *((Curve(UNSORTED, 5), amount, out) for amount, out in {30: 15, 35: 16, 80: 25, 81: END}.items()),
    *((Curve(HALVES), amount, out) for amount, out in {1: 0, 3: 2, 4: 2, 5: 3, 6: 3, 7: 4, 11: 6, 12: END}.items()),
    # 11 at 0.3 cost ceil(3.3) = 4; a step that is used up is sold for all that 4 buy, which is 13.
    *((Curve(BELOW_ONE), amount, out) for amount, out in {1: 3, 3: 10, 4: 13, 5: 12, 13: 20, 14: END}.items()),
    *((Curve(()), amount, out) for amount, out in {0: 0, 1: END}.items()),
    *((Curve(((MAX, 1),)), amount, out) for amount, out in {
        1: UNIT, MAX // UNIT: MAX // UNIT * UNIT, HUGE_COST: OVERFLOW, HUGE_COST + 1: END,
    }.items()),
    # rate * room would reach 2^256, though a smaller room would do for what is asked.
    *((Curve(((MAX, 2),)), amount, out) for amount, out in {0: 0, 1: OVERFLOW}.items()),
    *((Curve(((2**128, 2**128),)), amount, out) for amount, out in {0: 0, 1: OVERFLOW}.items()),
    # A step that has been reached is priced only if something is left for it.
    *((Curve(((10, UNIT), (MAX, MAX))), amount, out) for amount, out in {10: 10, 11: OVERFLOW}.items()),
    # rate * room = MAX fits, and remaining * 10^18 is the first product that does not.
    *((Curve(((1, MAX),)), amount, out) for amount, out in {
        1: 0, HUGE_COST - 1: 0, HUGE_COST: OVERFLOW, HUGE_COST + 1: END,
    }.items()),
]  # fmt: skip


@pytest.mark.parametrize("curve,amount,out", QUOTES)
def test_quote_is_the_one_worked_out_by_hand(world: World, curve: Curve, amount: int, out: int | str) -> None:
    set_curve(world, *curve.steps, supply=curve.supply)
    if isinstance(out, str):
        assert_refused(world, call_of(STAKING, QUOTE, amount), out)
    else:
        assert view(world, STAKING, QUOTE, amount, returns="uint256") == out


def test_curve_may_use_all_of_its_256_steps(world: World) -> None:
    set_curve(world, *((index + 1, (index + 1) * UNIT) for index in range(256)))
    whole = 256 * 257 // 2
    assert view(world, STAKING, QUOTE, whole, returns="uint256") == 256
    assert view(world, STAKING, QUOTE, whole - 1, returns="uint256") == 255
    assert_refused(world, call_of(STAKING, QUOTE, whole + 1), END)


def test_only_the_first_256_words_are_the_supply_and_the_next_256_the_rates(world: World) -> None:
    set_curve(world)
    put(world, "staking.diemSupply", 255, 10)
    put(world, "staking.diemMintRates", 255, 2 * UNIT)
    assert view(world, STAKING, QUOTE, 20, returns="uint256") == 10


def by_the_page(curve: Curve, amount: int) -> int | str:
    """Return the quote by the walk of PROTOCOL 5, for tables without overflow."""
    supply, remaining, out = curve.supply, amount, 0
    if not remaining:
        return 0
    for end, rate in curve.steps:
        if end <= supply or not rate:
            continue
        room = end - supply
        cost = rate * room // UNIT + (rate * room % UNIT > 0)
        if cost >= remaining:
            return out + remaining * UNIT // rate
        out, supply, remaining = out + room, supply + room, remaining - cost
    return END


steps = st.tuples(
    st.integers(0, 40) | st.integers(0, 10**24),
    st.just(0) | st.integers(1, 10**20) | st.integers(1, 5).map(UNIT.__mul__),
)


@given(st.lists(steps, max_size=6), st.integers(0, 50), st.integers(0, 300) | st.integers(0, 10**26))
def test_quote_follows_the_page_on_any_table(table: list[tuple[int, int]], supply: int, amount: int) -> None:
    world = World()
    curve = Curve(tuple(table), supply)
    set_curve(world, *curve.steps, supply=supply)
    out = by_the_page(curve, amount)
    if isinstance(out, str):
        assert_refused(world, call_of(STAKING, QUOTE, amount), out)
    else:
        assert view(world, STAKING, QUOTE, amount, returns="uint256") == out


@pytest.mark.parametrize("amount", [1, 999_999, UNIT, 200 * UNIT, 1000 * UNIT + 1, 3000 * UNIT])
def test_mint_gives_what_was_quoted_and_asking_for_one_more_is_refused(world: World, amount: int) -> None:
    quoted = view(world, STAKING, QUOTE, amount, returns="uint256", at=NOW + 5)
    one_more = call_of(STAKING, "mintDiem(uint256,uint256)", amount, quoted + 1, sender=MINTER, at=NOW + 5)
    assert_refused(world, one_more, "MIN_AMOUNT_OUT")
    before = word(world, "diem.balanceOf", MINTER)
    run(world, STAKING, "mintDiem(uint256,uint256)", amount, quoted, sender=MINTER, at=NOW + 5)
    assert word(world, "diem.balanceOf", MINTER) == before + quoted


def test_published_rate_after_10000_diem_is_paid_by_who_mints_next(world: World) -> None:
    table = curve_table(90, 2, 38_000, 256, 500)
    run(world, STAKING, "setDiemMintCurve(uint256[256],uint256[256])", table.supply, table.rates, sender=OWNER)
    put(world, "diem.totalSupply", 9_500 * UNIT)
    # The twentieth step ends at 10,000 DIEM; one DIEM in it costs 93.34 sVVV.
    rate = word(world, "staking.diemMintRates", 19)
    assert rate // 10**16 == 9334
    assert view(world, STAKING, QUOTE, rate, returns="uint256") == UNIT
    assert view(world, STAKING, QUOTE, rate - 1, returns="uint256") == UNIT - 1
