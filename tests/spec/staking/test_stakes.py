"""Staking VVV and taking it out again: PROTOCOL 3.2."""

from __future__ import annotations

from typing import Any

import pytest

from spec.messages import Address, Log
from spec.world import World
from tests.spec.conftest import (
    EMPTY,
    MAX,
    MINTER,
    NEWCOMER,
    NOW,
    OVERFLOW,
    SCALE,
    SETTLEMENT_OVERFLOWS,
    SMALL_STAKER,
    STAKER,
    STAKING,
    STRANGER,
    TREASURY,
    TREASURY_VVV,
    UNIT,
    VVV,
    VVV_SUPPLY,
    ZERO,
    Fault,
    Rule,
    assert_carried_out,
    assert_first_fault_decides,
    assert_refused,
    call_of,
    error,
    every_mixture_of_faults,
    log,
    put,
    run,
    tiny_world,
    transfer_log,
    view,
    views,
    word,
)

STAKE = "stake(address,uint256)"
UNSTAKE = "initiateUnstake(uint256)"
FINALIZE = "finalizeUnstake()"
CLAIM_AND_STAKE = "claimAndStake()"
CLAIMED = "Claimed(address indexed,uint256)"
STAKED = "Staked(address indexed,uint256)"
INITIATED = "UnstakeInitiated(address indexed,uint256)"
FINALIZED = "UnstakeFinalized(address indexed,uint256)"

# Three seconds of `tiny_world`, worked out in test_rewards: 3 to the treasury, 17 to stakers, 12 of them the staker's.
MINTED = (transfer_log(VVV, ZERO, TREASURY, 3), transfer_log(VVV, ZERO, STAKING, 17))
SETTLED: tuple[tuple[Any, ...], ...] = (
    ("staking.accRewardPerShare", 2 * SCALE),
    ("staking.accRewardPerShareLocked", 4 * SCALE // 3),
    ("staking.lastRewardTimestamp", NOW + 3),
    ("vvv.totalSupply", VVV_SUPPLY + 20),
    ("vvv.balanceOf", TREASURY, TREASURY_VVV + 3),
)
REWARD = (transfer_log(VVV, STAKING, STAKER, 12), log(STAKING, CLAIMED, STAKER, 12))


def staked_logs(sender: Address, recipient: Address, amount: int) -> tuple[Log, ...]:
    return (
        transfer_log(STAKING, ZERO, recipient, amount),
        transfer_log(VVV, sender, STAKING, amount),
        log(STAKING, STAKED, recipient, amount),
    )


# ------------------------------------------------------------------------------------------------ stake


def test_stake_pays_the_recipient_and_pulls_the_callers_vvv() -> None:
    world = tiny_world()
    put(world, "vvv.allowance", NEWCOMER, STAKING, 100)
    assert_carried_out(
        world,
        call_of(STAKING, STAKE, STAKER, 5, sender=NEWCOMER, at=NOW + 3),
        logs=(*MINTED, *REWARD, *staked_logs(NEWCOMER, STAKER, 5)),
        effects=(
            *SETTLED,
            ("vvv.balanceOf", STAKER, 1000 * UNIT + 12),
            ("vvv.balanceOf", NEWCOMER, 700 * UNIT - 5),
            ("vvv.balanceOf", STAKING, 9 + 17 - 12 + 5),
            ("vvv.allowance", NEWCOMER, STAKING, 95),
            ("svvv.balanceOf", STAKER, 11),
            ("svvv.totalSupply", 15),
            # The debt of the new balance: nothing of what came before is earned twice.
            ("staking.stakes.rewardDebt", STAKER, 22),
        ),
    )
    assert view(world, STAKING, "pendingRewards(address)", STAKER, returns="uint256", at=NOW + 3) == 0


def test_stake_of_a_newcomer_earns_from_now_on_only() -> None:
    world = tiny_world()
    put(world, "vvv.allowance", NEWCOMER, STAKING, MAX)
    assert_carried_out(
        world,
        call_of(STAKING, STAKE, NEWCOMER, 5, sender=NEWCOMER, at=NOW + 3),
        logs=(*MINTED, *staked_logs(NEWCOMER, NEWCOMER, 5)),
        effects=(
            *SETTLED,
            ("vvv.balanceOf", NEWCOMER, 700 * UNIT - 5),
            ("vvv.balanceOf", STAKING, 9 + 17 + 5),
            ("svvv.balanceOf", NEWCOMER, 5),
            ("svvv.totalSupply", 15),
            ("staking.stakes.rewardDebt", NEWCOMER, 10),
        ),
    )


def test_reward_just_paid_to_the_caller_can_fund_the_stake() -> None:
    world = tiny_world()
    put(world, "vvv.balanceOf", STAKER, 0)
    put(world, "vvv.allowance", STAKER, STAKING, MAX)
    assert_refused(world, call_of(STAKING, STAKE, STAKER, 13, sender=STAKER, at=NOW + 3), OVERFLOW)
    assert_carried_out(
        world,
        call_of(STAKING, STAKE, STAKER, 12, sender=STAKER, at=NOW + 3),
        logs=(*MINTED, *REWARD, *staked_logs(STAKER, STAKER, 12)),
        effects=(
            *SETTLED,
            ("vvv.balanceOf", STAKING, 9 + 17),
            ("svvv.balanceOf", STAKER, 18),
            ("svvv.totalSupply", 22),
            ("staking.stakes.rewardDebt", STAKER, 36),
        ),
    )


def test_reward_of_another_recipient_does_not_fund_the_callers_stake() -> None:
    world = tiny_world()
    put(world, "vvv.balanceOf", MINTER, 0)
    put(world, "vvv.allowance", MINTER, STAKING, MAX)
    assert_refused(world, call_of(STAKING, STAKE, STAKER, 3, sender=MINTER, at=NOW + 3), OVERFLOW)


def test_stake_leaves_the_callers_own_position_alone(world: World) -> None:
    put(world, "vvv.allowance", STAKER, STAKING, 5)
    run(world, STAKING, STAKE, NEWCOMER, 5, sender=STAKER, at=NOW + 10)
    assert word(world, "svvv.balanceOf", STAKER) == 5000 * UNIT
    assert word(world, "staking.stakes.rewardDebt", STAKER) == 0
    assert view(world, STAKING, "pendingRewards(address)", STAKER, returns="uint256", at=NOW + 10) > 0


# ------------------------------------------------------------------------------------------------ initiateUnstake


def test_initiate_unstake_burns_svvv_and_starts_the_cooldown() -> None:
    world = tiny_world()
    assert_carried_out(
        world,
        call_of(STAKING, UNSTAKE, 4, sender=STAKER, at=NOW + 3),
        logs=(*MINTED, *REWARD, transfer_log(STAKING, STAKER, ZERO, 4), log(STAKING, INITIATED, STAKER, 4)),
        effects=(
            *SETTLED,
            ("vvv.balanceOf", STAKER, 1000 * UNIT + 12),
            ("vvv.balanceOf", STAKING, 9 + 17 - 12),
            ("svvv.balanceOf", STAKER, 2),
            ("svvv.totalSupply", 6),
            ("staking.stakes.rewardDebt", STAKER, 4),
            ("staking.stakes.cooldownEnd", STAKER, NOW + 3 + 60),
            ("staking.stakes.cooldownAmount", STAKER, 4),
        ),
    )


@pytest.mark.parametrize("amount", [1, 3000 * UNIT])
def test_unlocked_svvv_may_be_unstaked_to_the_last_unit(world: World, amount: int) -> None:
    assert_carried_out(
        world,
        call_of(STAKING, UNSTAKE, amount, sender=MINTER),
        logs=(transfer_log(STAKING, MINTER, ZERO, amount), log(STAKING, INITIATED, MINTER, amount)),
        effects=(
            ("svvv.balanceOf", MINTER, 4000 * UNIT - amount),
            ("svvv.totalSupply", 9001 * UNIT + 3 - amount),
            ("staking.stakes.cooldownEnd", MINTER, NOW + 60),
            ("staking.stakes.cooldownAmount", MINTER, amount),
        ),
    )


def test_locked_svvv_cannot_be_unstaked(world: World) -> None:
    assert_refused(world, call_of(STAKING, UNSTAKE, 3000 * UNIT + 1, sender=MINTER), "INSUFFICIENT_BALANCE")


def test_cooling_vvv_earns_nothing() -> None:
    world = tiny_world()
    run(world, STAKING, UNSTAKE, 6, sender=STAKER, at=NOW)
    for at in (NOW + 59, NOW + 60, NOW + 10_000):
        assert view(world, STAKING, "pendingRewards(address)", STAKER, returns="uint256", at=at) == 0


def test_new_cooldown_duration_holds_for_future_cooldowns_only(world: World) -> None:
    run(world, STAKING, UNSTAKE, 5, sender=STAKER)
    put(world, "staking.cooldownDuration", 0)
    assert_refused(world, call_of(STAKING, FINALIZE, sender=STAKER, at=NOW + 59), "COOLDOWN_NOT_OVER")
    run(world, STAKING, UNSTAKE, 5, sender=MINTER)
    assert run(world, STAKING, FINALIZE, sender=MINTER, at=NOW).status


# ------------------------------------------------------------------------------------------------ finalizeUnstake


def test_finalize_unstake_pays_one_to_one_and_settles_nothing(world: World) -> None:
    assert_carried_out(
        world,
        call_of(STAKING, FINALIZE, sender=SMALL_STAKER, at=NOW + 1000),
        logs=(
            transfer_log(VVV, STAKING, SMALL_STAKER, 15 * UNIT // 10),
            log(STAKING, FINALIZED, SMALL_STAKER, 15 * UNIT // 10),
        ),
        effects=(
            ("staking.stakes.cooldownEnd", SMALL_STAKER, 0),
            ("staking.stakes.cooldownAmount", SMALL_STAKER, 0),
            ("vvv.balanceOf", SMALL_STAKER, 11_500_000_000_000_000_000),
            ("vvv.balanceOf", STAKING, 9000 * UNIT + 3),
        ),
    )


def test_cooldown_is_over_at_its_end_and_not_one_second_before(world: World) -> None:
    run(world, STAKING, UNSTAKE, 5, sender=STAKER, at=NOW + 7)
    assert views(world, STAKING, "stakes(address)", STAKER, returns="uint256,uint256,uint256")[1:] == (NOW + 67, 5)
    assert_refused(world, call_of(STAKING, FINALIZE, sender=STAKER, at=NOW + 66), "COOLDOWN_NOT_OVER")
    assert run(world, STAKING, FINALIZE, sender=STAKER, at=NOW + 67).status
    assert_refused(world, call_of(STAKING, FINALIZE, sender=STAKER, at=NOW + 67), "NO_COOLDOWN")


def test_next_cooldown_may_start_once_the_last_is_paid_out(world: World) -> None:
    run(world, STAKING, UNSTAKE, 5, sender=STAKER)
    assert_refused(world, call_of(STAKING, UNSTAKE, 5, sender=STAKER, at=NOW + 60), "COOLDOWN_IN_PROGRESS")
    run(world, STAKING, FINALIZE, sender=STAKER, at=NOW + 60)
    assert run(world, STAKING, UNSTAKE, 5, sender=STAKER, at=NOW + 60).status


# ------------------------------------------------------------------------------------------------ claimAndStake


def test_claim_and_stake_stakes_the_reward_without_an_allowance() -> None:
    world = tiny_world()
    assert word(world, "vvv.allowance", STAKER, STAKING) == 0
    assert_carried_out(
        world,
        call_of(STAKING, CLAIM_AND_STAKE, sender=STAKER, at=NOW + 3),
        logs=(
            *MINTED,
            transfer_log(STAKING, ZERO, STAKER, 12),
            log(STAKING, CLAIMED, STAKER, 12),
            log(STAKING, STAKED, STAKER, 12),
        ),
        effects=(
            *SETTLED,
            ("vvv.balanceOf", STAKING, 9 + 17),
            ("svvv.balanceOf", STAKER, 18),
            ("svvv.totalSupply", 22),
            ("staking.stakes.rewardDebt", STAKER, 36),
        ),
    )


def test_reward_of_one_base_unit_is_staked() -> None:
    world = tiny_world(staker=8, minter=1)
    run(world, STAKING, CLAIM_AND_STAKE, sender=MINTER, at=NOW + 3)
    assert word(world, "svvv.balanceOf", MINTER) == 2


def test_reward_of_locked_stake_is_staked_unlocked() -> None:
    world = tiny_world()
    run(world, STAKING, CLAIM_AND_STAKE, sender=MINTER, at=NOW + 3)
    assert word(world, "svvv.balanceOf", MINTER) == 6
    assert view(world, STAKING, "balanceOfUnlocked(address)", MINTER, returns="uint256") == 3
    # Three unlocked at 2, three locked at 1.33..
    assert word(world, "staking.stakes.rewardDebt", MINTER) == 6 + 3


def test_claim_and_stake_of_nothing_is_refused_and_settles_nothing(world: World) -> None:
    assert_refused(world, call_of(STAKING, CLAIM_AND_STAKE, sender=STRANGER, at=NOW + 1000), "STAKE_ZERO")
    assert word(world, "staking.lastRewardTimestamp") == NOW


# ------------------------------------------------------------------------------------------------ refusals

RULES = (
    Rule(
        STAKING,
        STAKE,
        (STAKER, 5),
        sender=NEWCOMER,
        words=(("vvv.allowance", NEWCOMER, STAKING, 5),),
        faults=(
            Fault("STAKE_ZERO", {1: 0}),
            SETTLEMENT_OVERFLOWS,
            Fault(error("ERC20InvalidReceiver", ZERO), {0: ZERO}),
            Fault(OVERFLOW, words=(("svvv.totalSupply", MAX),)),
            Fault(OVERFLOW, words=(("vvv.allowance", NEWCOMER, STAKING, 4),)),
            Fault(OVERFLOW, words=(("vvv.balanceOf", NEWCOMER, 4),)),
        ),
    ),
    Rule(
        STAKING,
        UNSTAKE,
        (5000 * UNIT,),
        sender=STAKER,
        faults=(
            Fault("UNSTAKE_ZERO", {0: 0}),
            Fault("COOLDOWN_IN_PROGRESS", words=(("staking.stakes.cooldownAmount", STAKER, 1),)),
            Fault("INSUFFICIENT_BALANCE", {0: 5000 * UNIT + 1}),
            SETTLEMENT_OVERFLOWS,
            Fault(OVERFLOW, words=(("staking.cooldownDuration", MAX),)),
        ),
    ),
    Rule(
        STAKING,
        FINALIZE,
        sender=SMALL_STAKER,
        faults=(
            Fault("NO_COOLDOWN", words=(("staking.stakes.cooldownAmount", SMALL_STAKER, 0),)),
            Fault("COOLDOWN_NOT_OVER", words=(("staking.stakes.cooldownEnd", SMALL_STAKER, NOW + 1),)),
            Fault(OVERFLOW, words=(("vvv.balanceOf", STAKING, UNIT),)),
        ),
    ),
    # One reward is pending by the accumulator alone, so that time need not pass.
    Rule(
        STAKING,
        CLAIM_AND_STAKE,
        sender=STAKER,
        words=(("staking.accRewardPerShare", SCALE),),
        faults=(
            SETTLEMENT_OVERFLOWS,
            Fault("STAKE_ZERO", words=(("staking.accRewardPerShare", 0),)),
            Fault(OVERFLOW, words=(("svvv.totalSupply", MAX),)),
        ),
    ),
)


@pytest.mark.parametrize("rule,present", every_mixture_of_faults(*RULES))
def test_first_fault_in_the_protocols_order_decides(rule: Rule, present: int) -> None:
    assert_first_fault_decides(rule, present)


def test_there_is_no_stake_for_oneself_without_a_recipient(world: World) -> None:
    assert_refused(world, call_of(STAKING, "stake(uint256)", 5, sender=STAKER), EMPTY)


def test_one_reward_is_claimed_once_whoever_stakes_for_its_owner() -> None:
    world = tiny_world()
    put(world, "vvv.allowance", STRANGER, STAKING, MAX)
    put(world, "vvv.balanceOf", STRANGER, 10)
    run(world, STAKING, STAKE, STAKER, 1, sender=STRANGER, at=NOW + 3)
    assert word(world, "vvv.balanceOf", STAKER) == 1000 * UNIT + 12
    run(world, STAKING, "claim()", sender=STAKER, at=NOW + 3)
    assert word(world, "vvv.balanceOf", STAKER) == 1000 * UNIT + 12
