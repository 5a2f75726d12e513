"""Staking's own views. Source: PROTOCOL 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.errors import EMPTY, require
from spec.messages import Address, Call
from spec.staking.contract import STAKING
from spec.staking.mint_curve import quote
from spec.staking.rewards import ACC_REWARD_SCALE, pending_rewards
from spec.staking.storage import CURVE_STEPS
from spec.uint256 import U256

if TYPE_CHECKING:
    from spec.world import World


@STAKING.view("pendingRewards(address user)", returns="uint256")
def pending_rewards_view(world: World, call: Call, account: Address) -> U256:
    return pending_rewards(world, account, call.timestamp)


@STAKING.view("getDiemAmountOut(uint256 sVVVAmountToLock)", returns="uint256")
def get_diem_amount_out(world: World, call: Call, svvv_amount: U256) -> U256:
    return quote(world, svvv_amount)


@STAKING.view("balanceOfUnlocked(address account)", returns="uint256")
def balance_of_unlocked(world: World, call: Call, account: Address) -> U256:
    return world.staking.unlocked(account)


@STAKING.view("stakes(address user)", returns="uint256 rewardDebt,uint256 cooldownEnd,uint256 cooldownAmount")
def stakes(world: World, call: Call, account: Address) -> tuple[U256, U256, U256]:
    position = world.staking.stakes[account]
    return position.reward_debt, position.cooldown_end, position.cooldown_amount


@STAKING.view("lockedStakes(address user)", returns="uint256 sVVVLockedAmount,uint256 outstandingDiemAmount")
def locked_stakes(world: World, call: Call, account: Address) -> tuple[U256, U256]:
    lock = world.staking.locked_stakes[account]
    return lock.svvv_locked_amount, lock.outstanding_diem_amount


@STAKING.view("diemSupply(uint256 index)", returns="uint256")
def diem_supply(world: World, call: Call, index: U256) -> U256:
    require(index < CURVE_STEPS, EMPTY)
    return world.staking.diem_supply[index]


@STAKING.view("diemMintRates(uint256 index)", returns="uint256")
def diem_mint_rates(world: World, call: Call, index: U256) -> U256:
    require(index < CURVE_STEPS, EMPTY)
    return world.staking.diem_mint_rates[index]


@STAKING.view("venice()", returns="address")
def venice(world: World, call: Call) -> Address:
    return world.staking.venice


@STAKING.view("diem()", returns="address")
def diem(world: World, call: Call) -> Address:
    return world.staking.diem


@STAKING.view("treasury()", returns="address")
def treasury(world: World, call: Call) -> Address:
    return world.staking.treasury


@STAKING.view("ACC_REWARD_SCALE()", returns="uint256")
def acc_reward_scale(world: World, call: Call) -> U256:
    return ACC_REWARD_SCALE


@STAKING.view("emissionRatePerSecond()", returns="uint256")
def emission_rate_per_second(world: World, call: Call) -> U256:
    return world.staking.emission_rate_per_second


@STAKING.view("veniceEmissionsPercentage()", returns="uint256")
def venice_emissions_percentage(world: World, call: Call) -> U256:
    return world.staking.venice_emissions_percentage


@STAKING.view("veniceEmissionsPercentageWhenLocked()", returns="uint256")
def venice_emissions_percentage_when_locked(world: World, call: Call) -> U256:
    return world.staking.venice_emissions_percentage_when_locked


@STAKING.view("cooldownDuration()", returns="uint256")
def cooldown_duration(world: World, call: Call) -> U256:
    return world.staking.cooldown_duration


@STAKING.view("accRewardPerShare()", returns="uint256")
def acc_reward_per_share(world: World, call: Call) -> U256:
    return world.staking.acc_reward_per_share


@STAKING.view("accRewardPerShareLocked()", returns="uint256")
def acc_reward_per_share_locked(world: World, call: Call) -> U256:
    return world.staking.acc_reward_per_share_locked


@STAKING.view("lastRewardTimestamp()", returns="uint256")
def last_reward_timestamp(world: World, call: Call) -> U256:
    return world.staking.last_reward_timestamp


@STAKING.view("totalLockedStakedVVV()", returns="uint256")
def total_locked_staked_vvv(world: World, call: Call) -> U256:
    return world.staking.total_locked_staked_vvv
