"""Stories of the mint curve: where a lock ends on it."""

from __future__ import annotations

from conformance.trust.reach.stories.story import UNIT, Story, story
from spec.uint256 import MAX_UINT256

ROOM = 1000
"""DIEM base units in a step of these curves."""


def _steps(told: Story, *rates: int) -> list[tuple[int, int]]:
    supply = int(told.world.diem.total_supply)
    return [(supply + ROOM * number, rate) for number, rate in enumerate(rates, 1)]


def _costs(steps: list[tuple[int, int]]) -> list[int]:
    """Return what each whole step costs (sVVV base units)."""
    return [-(-ROOM * rate // UNIT) for _, rate in steps]


@story
def locks_end_on_steps(told: Story) -> None:
    steps = _steps(told, 90 * UNIT + 7, 91 * UNIT + 1, 95 * UNIT + 3, 99 * UNIT + 9, 120 * UNIT + 1)
    told.set_curve(*steps)
    first, *_ = costs = _costs(steps)
    fourth, everything = sum(costs[:4]), sum(costs)
    for amount in (1, 90, first - 1, first, first + 1, fourth, everything - 1, everything, everything + 1):
        told.outcomes_aside("minter", "staking.mintDiem", (amount, 0))
        told.outcomes_aside("minter", "staking.getDiemAmountOut", (amount,))
    for amount in (first - 91, first, first + 92):  # leaves the supply before, at and beyond the end of a step
        with told.aside():
            told.outcome("minter", "staking.mintDiem", amount, 0)
            told.outcome("staker", "staking.mintDiem", first, 0)
    told.send("minter", "staking.mintDiem", everything, 0)
    told.outcome("staker", "staking.mintDiem", 1, 0)
    told.outcome("staker", "staking.getDiemAmountOut", 1)


@story
def supplies_one_unit_from_a_step(told: Story) -> None:
    supply = int(told.world.diem.total_supply)
    for offset in (-1, 0, 1):
        with told.aside():
            told.set_curve((supply + 10 + offset, 90 * UNIT), (supply + 10**6, 91 * UNIT))
            told.send("minter", "staking.mintDiem", 900, 0)
            told.outcome("staker", "staking.mintDiem", 1000, 0)


@story
def asks_for_more_than_the_quote(told: Story) -> None:
    quote = told.view("staking.getDiemAmountOut", UNIT)
    told.outcomes_aside("minter", "staking.mintDiem", (UNIT, quote), (UNIT, quote + 1), (UNIT, MAX_UINT256), (0, 0))


@story
def tables_that_nobody_would_set(told: Story) -> None:
    supply = int(told.world.diem.total_supply)
    for table in ([(supply + UNIT, MAX_UINT256)], [(MAX_UINT256, 1)], [(supply + UNIT, 0), (supply + 2 * UNIT, UNIT)]):
        told.set_curve(*table)
        told.outcomes_aside("minter", "staking.mintDiem", (UNIT, 0), (1, 0))
        told.outcome("minter", "staking.getDiemAmountOut", MAX_UINT256)
        told.outcome("minter", "staking.getDiemAmountOut", UNIT)
    told.outcomes_aside("minter", "staking.diemSupply", (0,), (255,), (256,), (MAX_UINT256,))
    told.outcomes_aside("minter", "staking.diemMintRates", (0,), (255,), (256,), (MAX_UINT256,))
