"""Emissions: the rate, how a settlement splits what was emitted, and what an account has earned. PROTOCOL 3.1 and 7."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conformance.vectors.components.component import (
    ACCOUNT,
    STRANGER,
    TREASURY,
    Asked,
    Computed,
    Input,
    Trial,
    call,
    shown,
    staking_world,
)
from conformance.vectors.encoding import Json, plain
from conformance.vectors.executors import Executor
from spec import addresses
from spec.messages import Address, Receipt
from spec.staking import STAKING
from spec.timeline import emission_rate_per_second
from spec.uint256 import U256
from spec.world import World


def _rate(given: Input) -> Json:
    return {"emission_rate_per_second": plain(emission_rate_per_second(given["annual"]))}


def _world(given: Input) -> World:
    world = staking_world()
    world.staking.acc_reward_per_share = U256(given["acc_reward_per_share"])
    world.staking.acc_reward_per_share_locked = U256(given["acc_reward_per_share_locked"])
    return world


def _settlement_trial(given: Input) -> Trial:
    world = _world(given)
    state = world.staking
    for name in ("emission_rate_per_second", "last_reward_timestamp", "total_locked_staked_vvv"):
        setattr(state, name, U256(given[name]))
    state.venice_emissions_percentage = U256(given["venice_emissions_percentage"])
    state.venice_emissions_percentage_when_locked = U256(given["venice_emissions_percentage_when_locked"])
    state.svvv.total_supply = U256(given["total_svvv"])
    return Trial(world, [call(STAKING.by_name["claim"].calldata(), given["timestamp"], sender=STRANGER)])


def _settlement_values(executor: Executor, world: World, _: Sequence[Receipt]) -> Json:
    def word(slot: int) -> str:
        return str(executor.word(addresses.STAKING, slot))

    def balance(account: Address) -> str:
        return str(executor.word(addresses.VVV, world.vvv.balance_of.slots[account]))

    return {
        "acc_reward_per_share": word(7),
        "acc_reward_per_share_locked": word(8),
        "last_reward_timestamp": word(9),
        "to_treasury": balance(TREASURY),
        "to_stakers": balance(addresses.STAKING),
    }


def _reward_trial(given: Input) -> Trial:
    world = _world(given)
    state = world.staking
    state.svvv.balance_of[ACCOUNT] = state.svvv.total_supply = U256(given["svvv_balance"])
    state.locked_stakes[ACCOUNT].svvv_locked_amount = U256(given["svvv_locked"])
    state.stakes[ACCOUNT].reward_debt = U256(given["reward_debt"])
    state.last_reward_timestamp = U256(1)  # the time of the call: the accumulators are up to date
    return Trial(world, [call(STAKING.by_name["pendingRewards"].calldata(ACCOUNT), 1)])


def _reward_values(_: Executor, __: World, receipts: Sequence[Receipt]) -> Json:
    return {"pending_rewards": shown(receipts[0].output)}


EMISSION_RATE: Final = Computed("PROTOCOL 7", "A", ("annual",), _rate)
SETTLEMENT: Final = Asked(
    "PROTOCOL 3.1",
    "C",
    (
        *("last_reward_timestamp", "timestamp", "emission_rate_per_second"),
        *("venice_emissions_percentage", "venice_emissions_percentage_when_locked"),
        *("total_svvv", "total_locked_staked_vvv", "acc_reward_per_share", "acc_reward_per_share_locked"),
    ),
    _settlement_trial,
    _settlement_values,
)
PENDING_REWARDS: Final = Asked(
    "PROTOCOL 3.1",
    "C",
    ("svvv_balance", "svvv_locked", "reward_debt", "acc_reward_per_share", "acc_reward_per_share_locked"),
    _reward_trial,
    _reward_values,
)
