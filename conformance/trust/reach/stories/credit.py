"""Stories of daily credit: edges of epochs, the minimum stake, all that is available."""

from __future__ import annotations

from conformance.trust.reach.stories.story import UNIT, Story, story
from spec.uint256 import MAX_UINT256


def _next_epoch(told: Story, epochs: int = 1, seconds: int = 0) -> None:
    """Go on to some second of an epoch to come."""
    duration = int(told.world.credits.epoch_duration)
    told.now = (told.now // duration + epochs) * duration + seconds


def _with_diem(told: Story) -> None:
    """Let ``newcomer`` have DIEM, and never have been touched."""
    told.send("minter", "staking.mintDiem", 3000 * UNIT, 0)
    told.send("minter", "diem.transfer", "newcomer", 2 * UNIT)


@story
def spends_at_the_edges_of_epochs(told: Story) -> None:
    _with_diem(told)
    told.send("newcomer", "diem.stake", UNIT)
    told.send("staker", "credits.record", "newcomer")
    for epochs in (1, 1, 3):
        for seconds in (0, 1, -1):
            _next_epoch(told, epochs, seconds)
            told.outcome("gateway", "credits.spend", "newcomer", UNIT // 7)
            told.outcome("gateway", "credits.record", "newcomer")


@story
def spends_to_the_last_unit(told: Story) -> None:
    _with_diem(told)
    told.send("newcomer", "diem.stake", UNIT)
    told.send("staker", "credits.record", "newcomer")
    _next_epoch(told, 1, 5)
    for _ in range(3):
        available = told.view("credits.available", "newcomer")
        amounts = (available - 1, available, available + 1, 0, MAX_UINT256)
        told.outcomes_aside("gateway", "credits.spend", *(("newcomer", amount) for amount in amounts))
        told.outcomes_aside("staker", "credits.spend", ("newcomer", 1))
        told.send("gateway", "credits.spend", "newcomer", 1)


@story
def stakes_about_the_minimum(told: Story) -> None:
    _with_diem(told)
    minimum = int(told.world.credits.minimum_stake)
    for staked in (minimum - 1, minimum, minimum + 1):
        with told.aside():
            told.send("newcomer", "diem.stake", staked)
            told.send("staker", "credits.record", "newcomer")
            _next_epoch(told)
            told.outcomes_aside("gateway", "credits.spend", ("newcomer", 1), ("newcomer", minimum))
            told.send("newcomer", "diem.initiateUnstake", 1)
            told.send("staker", "credits.record", "newcomer")
            told.send("newcomer", "diem.stake", UNIT)
            told.send("staker", "credits.record", "newcomer")
