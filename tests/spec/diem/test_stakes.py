"""Staked DIEM: PROTOCOL 4."""

from __future__ import annotations

import pytest

from spec.world import World
from tests.spec.conftest import (
    DIEM,
    HOLDER,
    MAX,
    MINTER,
    NOW,
    OVERFLOW,
    STAKER,
    UNIT,
    Fault,
    Rule,
    assert_accepted,
    assert_carried_out,
    assert_first_fault_decides,
    assert_refused,
    call_of,
    every_mixture_of_faults,
    log,
    put,
    run,
    transfer_log,
    view,
    views,
    word,
)

STAKE = "stake(uint256)"
INITIATE = "initiateUnstake(uint256)"
UNSTAKE = "unstake()"
STAKED = "Staked(address indexed,uint256)"
INITIATED = "UnstakeInitiated(address indexed,uint256)"
UNSTAKED = "Unstaked(address indexed,uint256)"
TOTAL = 7_050_000_000_000_000_000
"""Staked and cooling in the preset `minimal`: the minter's 5 and 2, the holder's 0.05."""


def info(world: World, account: bytes) -> tuple[int, int, int]:
    staked, end, cooling = views(world, DIEM, "stakedInfos(address)", account, returns="uint256,uint256,uint256")
    return staked, end, cooling


@pytest.mark.parametrize("amount", [1, 3 * UNIT])
def test_stake_moves_diem_into_the_contract_without_an_allowance(world: World, amount: int) -> None:
    assert_carried_out(
        world,
        call_of(DIEM, STAKE, amount, sender=MINTER),
        logs=(transfer_log(DIEM, MINTER, DIEM, amount), log(DIEM, STAKED, MINTER, amount)),
        effects=(
            ("diem.totalStaked", TOTAL + amount),
            ("diem.stakedInfos.amountStaked", MINTER, 5 * UNIT + amount),
            ("diem.balanceOf", MINTER, 3 * UNIT - amount),
            ("diem.balanceOf", DIEM, TOTAL + amount),
        ),
    )


def test_stake_leaves_what_is_cooling_alone(world: World) -> None:
    before = info(world, MINTER)
    run(world, DIEM, STAKE, 1, sender=MINTER, at=NOW + 500)
    assert info(world, MINTER) == (before[0] + 1, *before[1:])


def test_initiate_unstake_starts_the_clock_and_leaves_the_total(world: World) -> None:
    assert_carried_out(
        world,
        call_of(DIEM, INITIATE, UNIT // 20, sender=HOLDER, at=NOW + 3),
        logs=(log(DIEM, INITIATED, HOLDER, UNIT // 20),),
        effects=(
            ("diem.stakedInfos.amountStaked", HOLDER, 0),
            ("diem.stakedInfos.coolDownEnd", HOLDER, NOW + 33),
            ("diem.stakedInfos.coolDownAmount", HOLDER, UNIT // 20),
        ),
    )


def test_repeated_initiate_unstake_adds_up_and_starts_the_whole_buckets_clock_again(world: World) -> None:
    # Two DIEM of the minter have been ready since the time of genesis less 70 s.
    assert info(world, MINTER) == (5 * UNIT, NOW - 70, 2 * UNIT)
    run(world, DIEM, INITIATE, UNIT, sender=MINTER, at=NOW)
    assert info(world, MINTER) == (4 * UNIT, NOW + 30, 3 * UNIT)
    assert_refused(world, call_of(DIEM, UNSTAKE, sender=MINTER, at=NOW + 29), "COOLDOWN_NOT_OVER")
    run(world, DIEM, INITIATE, 1, sender=MINTER, at=NOW + 29)
    assert info(world, MINTER) == (4 * UNIT - 1, NOW + 59, 3 * UNIT + 1)
    assert_refused(world, call_of(DIEM, UNSTAKE, sender=MINTER, at=NOW + 58), "COOLDOWN_NOT_OVER")
    assert_accepted(world, call_of(DIEM, UNSTAKE, sender=MINTER, at=NOW + 59))
    assert info(world, MINTER) == (4 * UNIT - 1, 0, 0)
    assert view(world, DIEM, "totalStaked()", returns="uint256") == TOTAL - 3 * UNIT - 1


def test_unstake_takes_out_all_that_has_cooled_down(world: World) -> None:
    assert_carried_out(
        world,
        call_of(DIEM, UNSTAKE, sender=MINTER),
        logs=(transfer_log(DIEM, DIEM, MINTER, 2 * UNIT), log(DIEM, UNSTAKED, MINTER, 2 * UNIT)),
        effects=(
            ("diem.totalStaked", TOTAL - 2 * UNIT),
            ("diem.stakedInfos.coolDownAmount", MINTER, 0),
            ("diem.stakedInfos.coolDownEnd", MINTER, 0),
            ("diem.balanceOf", DIEM, TOTAL - 2 * UNIT),
            ("diem.balanceOf", MINTER, 5 * UNIT),
        ),
    )
    assert_refused(world, call_of(DIEM, UNSTAKE, sender=MINTER), "NO_COOLDOWN")


def test_cooldown_is_over_at_its_end_and_not_one_second_before(world: World) -> None:
    run(world, DIEM, INITIATE, 1, sender=HOLDER, at=NOW)
    assert_refused(world, call_of(DIEM, UNSTAKE, sender=HOLDER, at=NOW + 29), "COOLDOWN_NOT_OVER")
    assert_accepted(world, call_of(DIEM, UNSTAKE, sender=HOLDER, at=NOW + 30))


def test_new_cooldown_duration_holds_for_future_cooldowns_only(world: World) -> None:
    run(world, DIEM, INITIATE, 1, sender=HOLDER, at=NOW)
    put(world, "diem.cooldownDuration", 0)
    assert_refused(world, call_of(DIEM, UNSTAKE, sender=HOLDER, at=NOW + 29), "COOLDOWN_NOT_OVER")
    run(world, DIEM, INITIATE, 1, sender=HOLDER, at=NOW + 29)
    assert_accepted(world, call_of(DIEM, UNSTAKE, sender=HOLDER, at=NOW + 29))


def test_diem_sent_straight_to_the_contract_is_stuck(world: World) -> None:
    run(world, DIEM, "transfer(address,uint256)", DIEM, UNIT, sender=MINTER)
    assert view(world, DIEM, "totalStaked()", returns="uint256") == TOTAL
    assert word(world, "diem.balanceOf", DIEM) == TOTAL + UNIT
    assert info(world, MINTER)[0] == 5 * UNIT
    assert_refused(world, call_of(DIEM, INITIATE, 5 * UNIT + 1, sender=MINTER), "INSUFFICIENT_STAKED")


RULES = (
    Rule(
        DIEM,
        STAKE,
        (3 * UNIT,),
        sender=MINTER,
        faults=(
            Fault("STAKE_ZERO", {0: 0}),
            Fault("INSUFFICIENT_BALANCE", {0: 3 * UNIT + 1}),
            Fault(OVERFLOW, words=(("diem.totalStaked", MAX),)),
        ),
    ),
    Rule(
        DIEM,
        INITIATE,
        (5 * UNIT,),
        sender=MINTER,
        faults=(
            Fault("UNSTAKE_ZERO", {0: 0}),
            Fault("INSUFFICIENT_STAKED", {0: 5 * UNIT + 1}),
            Fault(OVERFLOW, words=(("diem.cooldownDuration", MAX),)),
        ),
    ),
    Rule(
        DIEM,
        UNSTAKE,
        sender=MINTER,
        faults=(
            Fault("NO_COOLDOWN", words=(("diem.stakedInfos.coolDownAmount", MINTER, 0),)),
            Fault("COOLDOWN_NOT_OVER", words=(("diem.stakedInfos.coolDownEnd", MINTER, NOW + 1),)),
            # No history leads to less than is cooling.
            Fault(OVERFLOW, words=(("diem.totalStaked", UNIT),)),
            Fault("ERC20InsufficientBalance", words=(("diem.balanceOf", DIEM, UNIT),)),
        ),
    ),
)


@pytest.mark.parametrize("rule,present", every_mixture_of_faults(*RULES))
def test_first_fault_in_the_protocols_order_decides(rule: Rule, present: int) -> None:
    assert_first_fault_decides(rule, present)


def test_account_without_a_stake_has_no_cooldown(world: World) -> None:
    assert_refused(world, call_of(DIEM, UNSTAKE, sender=STAKER), "NO_COOLDOWN")
    assert_refused(world, call_of(DIEM, INITIATE, 1, sender=STAKER), "INSUFFICIENT_STAKED")
    assert_refused(world, call_of(DIEM, STAKE, 1, sender=STAKER), "INSUFFICIENT_BALANCE")
