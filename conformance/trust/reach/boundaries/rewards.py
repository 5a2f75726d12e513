"""Boundaries of settlements: no time, no emissions, everything or nothing to one side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conformance.trust.reach.boundaries.moment import Boundary, Moment
from spec.errors import Revert
from spec.messages import Address
from spec.staking.rewards import pending_rewards

SETTLED: Final = (
    *("staking.initiateUnstake", "staking.claim", "staking.claimAndStake", "staking.mintDiem", "staking.burnDiem"),
    *("staking.stake",),
)
"""Calls that settle an account."""

ACCRUES: Final = (
    *SETTLED,
    *("staking.setEmissionRate", "staking.setVeniceEmissionsPercentage"),
    "staking.setVeniceEmissionsPercentageWhenLocked",
)
"""Calls that bring the accumulators up to now."""

PERCENTAGES: Final = ACCRUES[-2:]

HUNDRED_PERCENT: Final = 10**18


def _elapsed(moment: Moment) -> int:
    return moment.now - int(moment.world.staking.last_reward_timestamp)


def _emits(holds: Callable[[Moment], bool]) -> Callable[[Moment], bool]:
    """Whether there is something to emit, and besides ``holds``."""
    return lambda at: _elapsed(at) > 0 and at.world.staking.emission_rate_per_second > 0 and holds(at)


def _pending(moment: Moment, account: Address) -> int | None:
    try:
        return int(pending_rewards(moment.world, account, moment.now))
    except Revert:
        return None


def _funded_by_reward(moment: Moment) -> bool:
    """Whether the caller stakes, for itself, more than it has before it is paid what is pending."""
    balance = int(moment.world.vvv.balance_of[moment.sender])
    return moment.arguments[0] == moment.sender and moment.amount > balance


REWARDS: Final = (
    Boundary("settlement: before the last one", ACCRUES, lambda at: _elapsed(at) < 0, least=1),
    Boundary("settlement: in the second of the last one", ACCRUES, lambda at: _elapsed(at) == 0),
    Boundary("settlement: a second after the last one", ACCRUES, lambda at: _elapsed(at) == 1),
    Boundary(
        "settlement: no emissions",
        ACCRUES,
        lambda at: _elapsed(at) > 0 and at.world.staking.emission_rate_per_second == 0,
    ),
    Boundary("settlement: nothing locked", ACCRUES, _emits(lambda at: at.world.staking.total_locked_staked_vvv == 0)),
    Boundary(
        "settlement: all to the treasury",
        ACCRUES,
        _emits(lambda at: at.world.staking.venice_emissions_percentage == HUNDRED_PERCENT),
    ),
    Boundary(
        "settlement: nothing to the treasury",
        ACCRUES,
        _emits(lambda at: at.world.staking.venice_emissions_percentage == 0),
    ),
    Boundary(
        "settlement: an emission fee of everything",
        ACCRUES,
        _emits(lambda at: at.world.staking.venice_emissions_percentage_when_locked == HUNDRED_PERCENT),
    ),
    Boundary(
        "settlement: no emission fee",
        ACCRUES,
        _emits(lambda at: at.world.staking.venice_emissions_percentage_when_locked == 0),
    ),
    Boundary("reward: none to be claimed", ("staking.claim",), lambda at: _pending(at, at.sender) == 0),
    Boundary(
        "reward: none to be staked", ("staking.claimAndStake",), lambda at: _pending(at, at.sender) == 0, "STAKE_ZERO"
    ),
    Boundary("reward: funds a part of the stake", ("staking.stake",), _funded_by_reward),
    Boundary("percentage: all", PERCENTAGES, lambda at: at.amount == HUNDRED_PERCENT),
    Boundary(
        "percentage: one more than all", PERCENTAGES, lambda at: at.amount == HUNDRED_PERCENT + 1, "INVALID_PERCENTAGE"
    ),
)
"""Source: PROTOCOL 3.1 and 3.3."""
