"""Changes of a state that no call makes: what holds of the protocol does not hold afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from spec import addresses
from spec.diem.token import MINTER_BURNER_ROLE
from spec.messages import ZERO_ADDRESS, Address
from spec.uint256 import MAX_UINT256, U256, ZERO
from spec.world import World

UNIT: Final = U256(10**18)
LARGEST: Final = U256(MAX_UINT256)

Accounts = Callable[[str], Address]
"""Name |-> account."""


def as_it_is(world: World, account: Accounts) -> None:
    """Change nothing: it is the caller who is out of the ordinary."""


def with_a_lock(world: World, account: Address) -> None:
    """Let an account have sVVV, half of it locked, and DIEM of every kind."""
    staking, diem = world.staking, world.diem
    staking.svvv.balance_of[account] += 4 * UNIT
    staking.svvv.total_supply += 4 * UNIT
    staking.locked_stakes[account].svvv_locked_amount += 2 * UNIT
    staking.locked_stakes[account].outstanding_diem_amount += UNIT
    staking.total_locked_staked_vvv += 2 * UNIT
    diem.balance_of[account] += UNIT
    diem.total_supply += UNIT


def another_minter(world: World, account: Accounts) -> None:
    with_a_lock(world, account("staker"))
    world.vvv.owner = account("staker")


def no_stake_at_all(world: World, account: Accounts) -> None:
    with_a_lock(world, account("staker"))
    world.staking.svvv.total_supply = world.staking.total_locked_staked_vvv = ZERO


def more_locked_than_staked(world: World, account: Accounts) -> None:
    with_a_lock(world, account("staker"))
    world.staking.total_locked_staked_vvv = world.staking.svvv.total_supply + 1
    staker = account("staker")
    world.staking.locked_stakes[staker].svvv_locked_amount = world.staking.svvv.balance_of[staker] + 1


def largest_supplies(world: World, account: Accounts) -> None:
    with_a_lock(world, account("staker"))
    world.vvv.total_supply = world.diem.total_supply = LARGEST


def largest_supply_to_stakers_alone(world: World, account: Accounts) -> None:
    with_a_lock(world, account("staker"))
    world.vvv.total_supply = LARGEST
    world.staking.total_locked_staked_vvv = world.staking.venice_emissions_percentage = ZERO


def staking_without_vvv(world: World, account: Accounts) -> None:
    world.vvv.balance_of[addresses.STAKING] = ZERO
    world.staking.emission_rate_per_second = ZERO
    stake = world.staking.stakes[account("staker")]
    world.staking.acc_reward_per_share += U256(10**36)
    stake.cooldown_amount = UNIT


def largest_emission_rate(world: World, account: Accounts) -> None:
    with_a_lock(world, account("staker"))
    world.staking.emission_rate_per_second = LARGEST


def nobody_with_everything(world: World, account: Accounts) -> None:
    with_a_lock(world, ZERO_ADDRESS)
    info = world.diem.staked_infos[ZERO_ADDRESS]
    info.cool_down_amount = UNIT
    world.diem.total_staked += UNIT
    world.diem.balance_of[addresses.DIEM] += UNIT
    world.diem.allowance[ZERO_ADDRESS].of[account("staker")] = LARGEST
    world.staking.svvv.allowance[ZERO_ADDRESS].of[account("staker")] = LARGEST


def nothing_staked_of_what_cools(world: World, account: Accounts) -> None:
    world.diem.staked_infos[account("staker")].cool_down_amount = UNIT
    world.diem.total_staked = ZERO


def diem_that_is_not_there(world: World, account: Accounts) -> None:
    world.diem.staked_infos[account("staker")].cool_down_amount = UNIT
    world.diem.total_staked = UNIT
    world.diem.balance_of[addresses.DIEM] = ZERO


def largest_stakes(world: World, account: Accounts) -> None:
    with_a_lock(world, account("staker"))
    world.diem.total_staked = LARGEST
    world.diem.staked_infos[account("staker")].amount_staked = UNIT
    world.diem.staked_infos[account("staker")].cool_down_amount = LARGEST


def no_epochs(world: World, account: Accounts) -> None:
    world.credits.epoch_duration = ZERO


def overspent(world: World, account: Accounts) -> None:
    credit, now = world.credits.accounts[account("staker")], int(world.staking.last_reward_timestamp) + 1
    credit.epoch = U256(now // int(world.credits.epoch_duration))
    credit.allocation = world.credits.minimum_stake + 1
    credit.spent = credit.allocation + 1


def diem_outside_of_its_supply(world: World, account: Accounts) -> None:
    world.diem.roles[MINTER_BURNER_ROLE].has_role[account("staker")] = True
    world.diem.balance_of[account("staker")] = LARGEST
