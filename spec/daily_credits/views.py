"""DailyCredits' views. Source: PROTOCOL 6, grade E."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.daily_credits.contract import DAILY_CREDITS
from spec.daily_credits.credit import available_of, credit_of, current_epoch
from spec.messages import Address, Call
from spec.uint256 import U256

if TYPE_CHECKING:
    from spec.world import World


@DAILY_CREDITS.view("epoch()", returns="uint256")
def epoch(world: World, call: Call) -> U256:
    return current_epoch(world, call)


@DAILY_CREDITS.view("allocation(address account)", returns="uint256")
def allocation(world: World, call: Call, account: Address) -> U256:
    return credit_of(world, call, account).allocation


@DAILY_CREDITS.view("spent(address account)", returns="uint256")
def spent(world: World, call: Call, account: Address) -> U256:
    return credit_of(world, call, account).spent


@DAILY_CREDITS.view("available(address account)", returns="uint256")
def available(world: World, call: Call, account: Address) -> U256:
    return available_of(world, call, account)


@DAILY_CREDITS.view(
    "accounts(address account)", returns="uint256 epoch,uint256 allocation,uint256 staked,uint256 spent"
)
def accounts(world: World, call: Call, account: Address) -> tuple[U256, U256, U256, U256]:
    state = world.credits.accounts[account]
    return state.epoch, state.allocation, state.staked, state.spent


@DAILY_CREDITS.view("diem()", returns="address")
def diem(world: World, call: Call) -> Address:
    return world.credits.diem


@DAILY_CREDITS.view("gateway()", returns="address")
def gateway(world: World, call: Call) -> Address:
    return world.credits.gateway


@DAILY_CREDITS.view("creditAtOnce()", returns="bool")
def credit_at_once(world: World, call: Call) -> bool:
    return world.credits.credit_at_once


@DAILY_CREDITS.view("epochDuration()", returns="uint256")
def epoch_duration(world: World, call: Call) -> U256:
    return world.credits.epoch_duration


@DAILY_CREDITS.view("minimumStake()", returns="uint256")
def minimum_stake(world: World, call: Call) -> U256:
    return world.credits.minimum_stake
