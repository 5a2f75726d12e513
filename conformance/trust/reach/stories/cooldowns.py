"""Stories of cooldowns, of VVV and of DIEM."""

from __future__ import annotations

from conformance.trust.reach.stories.story import UNIT, Story, story
from spec.uint256 import MAX_UINT256


def _ends(told: Story, sender: str, function: str, end: int) -> None:
    """Try to take out a second before the end, and take out at it, or a second after it."""
    told.now = end - 1
    told.outcome(sender, function)
    told.now = end
    with told.aside():
        told.outcome(sender, function)
    told.now = end + 1
    told.outcome(sender, function)


@story
def vvv_cools_down(told: Story) -> None:
    staker = told.accounts["staker"]
    told.outcome("staker", "staking.finalizeUnstake")
    told.send("staker", "staking.initiateUnstake", 5 * UNIT)
    told.outcome("staker", "staking.initiateUnstake", 1)
    _ends(told, "staker", "staking.finalizeUnstake", int(told.world.staking.stakes[staker].cooldown_end))
    told.send("owner", "staking.setCooldownDuration", 0)
    told.send("staker", "staking.initiateUnstake", 5 * UNIT)
    told.send("staker", "staking.finalizeUnstake")
    told.send("owner", "staking.setCooldownDuration", MAX_UINT256)
    told.outcome("staker", "staking.initiateUnstake", 1)


@story
def diem_cools_down(told: Story) -> None:
    minter = told.accounts["minter"]
    told.send("minter", "staking.mintDiem", 1000 * UNIT, 0)
    told.send("minter", "diem.stake", UNIT)
    told.send("minter", "diem.initiateUnstake", UNIT // 2)
    told.now += 1
    told.send("minter", "diem.initiateUnstake", UNIT // 4)
    _ends(told, "minter", "diem.unstake", int(told.world.diem.staked_infos[minter].cool_down_end))
    told.outcome("minter", "diem.unstake")
    told.send("admin", "diem.setCooldownDuration", 0)
    told.send("minter", "diem.initiateUnstake", 1)
    told.send("minter", "diem.unstake")
    told.send("admin", "diem.setCooldownDuration", MAX_UINT256)
    told.outcome("minter", "diem.initiateUnstake", 1)
