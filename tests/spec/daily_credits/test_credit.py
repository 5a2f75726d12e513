"""Daily credit of staked DIEM: PROTOCOL 6. In the preset `minimal` an epoch takes 100 s and starts at ``NOW``."""

from __future__ import annotations

from typing import Any

import pytest

from spec.messages import Address
from spec.world import World
from tests.spec.conftest import (
    BY_ZERO,
    CREDITS,
    DIEM,
    GATEWAY,
    HOLDER,
    MAX,
    MINTER,
    NEWCOMER,
    NOW,
    OVERFLOW,
    OWNER,
    STAKER,
    STRANGER,
    UNIT,
    ZERO,
    Fault,
    Rule,
    assert_accepted,
    assert_carried_out,
    assert_first_fault_decides,
    assert_refused,
    call_of,
    every_mixture_of_faults,
    log,
    place,
    put,
    run,
    view,
    views,
    word,
)

RECORD = "record(address)"
SPEND = "spend(address,uint256)"
RECORDED = "Recorded(address indexed,uint256 indexed,uint256)"
SPENT = "Spent(address indexed,uint256 indexed,uint256)"
EPOCH = NOW // 100


def at_once(world: World, value: bool) -> None:
    """Write the flag that lies above the gateway."""
    gateway = int.from_bytes(GATEWAY, "big")
    put(world, "credits.gateway", gateway | int(value) << 160)


def credit(world: World, account: Address, at: int) -> tuple[int, int, int]:
    """Return allocation, spent and available."""
    allocation, spent, available = (
        int(view(world, CREDITS, f"{name}(address)", account, returns="uint256", at=at))
        for name in ("allocation", "spent", "available")
    )
    return allocation, spent, available


def staked(world: World, account: Address, amount: int) -> None:
    put(world, "diem.stakedInfos.amountStaked", account, amount)


@pytest.mark.parametrize(
    "at,epoch",
    [(0, 0), (99, 0), (100, 1), (NOW - 1, EPOCH - 1), (NOW, EPOCH), (NOW + 99, EPOCH), (NOW + 100, EPOCH + 1)],
)
def test_epoch_changes_at_its_boundary(world: World, at: int, epoch: int) -> None:
    assert view(world, CREDITS, "epoch()", returns="uint256", at=at) == epoch


@pytest.mark.parametrize("at,epoch", [(1755699889, 20320), (20321 * 86400 - 1, 20320), (20321 * 86400, 20321)])
def test_published_epoch_is_the_utc_day(world: World, at: int, epoch: int) -> None:
    put(world, "credits.epochDuration", 86400)
    assert view(world, CREDITS, "epoch()", returns="uint256", at=at) == epoch


def test_epoch_of_no_duration_divides_by_zero(world: World) -> None:
    put(world, "credits.epochDuration", 0)
    for call in (
        call_of(CREDITS, "epoch()"),
        call_of(CREDITS, "available(address)", MINTER),
        call_of(CREDITS, RECORD, MINTER),
        call_of(CREDITS, SPEND, MINTER, 1, sender=GATEWAY),
    ):
        assert_refused(world, call, BY_ZERO)


def test_overspent_credit_is_still_shown_by_the_views_that_need_no_difference(world: World) -> None:
    """No call leads here."""
    for name, value in (("epoch", EPOCH), ("allocation", 2 * UNIT), ("spent", 2 * UNIT + 1)):
        put(world, f"credits.accounts.{name}", MINTER, value)

    assert view(world, CREDITS, "allocation(address)", MINTER, returns="uint256", at=NOW) == 2 * UNIT
    assert view(world, CREDITS, "spent(address)", MINTER, returns="uint256", at=NOW) == 2 * UNIT + 1
    assert_refused(world, call_of(CREDITS, "available(address)", MINTER, at=NOW), OVERFLOW)
    assert_refused(world, call_of(CREDITS, SPEND, MINTER, 1, sender=GATEWAY, at=NOW), OVERFLOW)


# ------------------------------------------------------------------------------------------------ record


@pytest.mark.parametrize("sender", [GATEWAY, STRANGER, MINTER, ZERO], ids=["gateway", "stranger", "itself", "zero"])
def test_anyone_records_a_stake(world: World, sender: Address) -> None:
    at_once(world, False)
    assert_carried_out(
        world,
        call_of(CREDITS, RECORD, MINTER, sender=sender, at=NOW),
        logs=(log(CREDITS, RECORDED, MINTER, EPOCH, 5 * UNIT),),
        effects=(("credits.accounts.epoch", MINTER, EPOCH),),
    )


def test_first_record_of_an_account_leaves_all_four_numbers(world: World) -> None:
    staked(world, STAKER, 3 * UNIT)
    assert_carried_out(
        world,
        call_of(CREDITS, RECORD, STAKER, at=NOW),
        logs=(log(CREDITS, RECORDED, STAKER, EPOCH, 3 * UNIT),),
        effects=(
            ("credits.accounts.epoch", STAKER, EPOCH),
            ("credits.accounts.staked", STAKER, 3 * UNIT),
            ("credits.accounts.allocation", STAKER, 3 * UNIT),
        ),
    )
    assert views(world, CREDITS, "accounts(address)", STAKER, returns="uint256,uint256,uint256,uint256") == (
        EPOCH,
        3 * UNIT,
        3 * UNIT,
        0,
    )


def test_cooling_diem_gives_no_credit(world: World) -> None:
    run(world, DIEM, "initiateUnstake(uint256)", 4 * UNIT, sender=MINTER, at=NOW)
    run(world, CREDITS, RECORD, MINTER, at=NOW)
    assert word(world, "credits.accounts.staked", MINTER) == UNIT


def test_account_that_was_never_recorded_has_no_credit_whatever_it_has_staked(world: World) -> None:
    staked(world, STAKER, 3 * UNIT)
    for at in (NOW, NOW + 1000):
        assert credit(world, STAKER, at) == (0, 0, 0)


# ------------------------------------------------------------------------------------------------ when credit comes


@pytest.mark.parametrize("flag,today", [(False, 0), (True, 3 * UNIT)])
def test_stake_gives_credit_from_the_next_epoch_or_at_once(world: World, flag: bool, today: int) -> None:
    at_once(world, flag)
    staked(world, STAKER, 3 * UNIT)
    run(world, CREDITS, RECORD, STAKER, at=NOW + 50)
    assert credit(world, STAKER, NOW + 50) == (today, 0, today)
    assert credit(world, STAKER, NOW + 99) == (today, 0, today)
    assert credit(world, STAKER, NOW + 100) == (3 * UNIT, 0, 3 * UNIT)
    assert credit(world, STAKER, NOW + 100_000) == (3 * UNIT, 0, 3 * UNIT)


@pytest.mark.parametrize("flag", [False, True])
def test_unstake_leaves_the_credit_of_its_epoch(world: World, flag: bool) -> None:
    at_once(world, flag)
    run(world, DIEM, "initiateUnstake(uint256)", 4 * UNIT, sender=MINTER, at=NOW + 50)
    run(world, CREDITS, RECORD, MINTER, at=NOW + 50)
    assert credit(world, MINTER, NOW + 99) == (5 * UNIT, 0, 5 * UNIT)
    assert credit(world, MINTER, NOW + 100) == (UNIT, 0, UNIT)


@pytest.mark.parametrize("flag", [False, True])
def test_unstake_that_is_not_recorded_keeps_its_credit(world: World, flag: bool) -> None:
    at_once(world, flag)
    run(world, DIEM, "initiateUnstake(uint256)", 4 * UNIT, sender=MINTER, at=NOW)
    assert credit(world, MINTER, NOW + 500) == (5 * UNIT, 0, 5 * UNIT)
    run(world, CREDITS, RECORD, MINTER, at=NOW + 500)
    assert credit(world, MINTER, NOW + 599) == (5 * UNIT, 0, 5 * UNIT)
    assert credit(world, MINTER, NOW + 600) == (UNIT, 0, UNIT)


def test_credit_at_once_raises_an_allocation_and_never_lowers_it(world: World) -> None:
    for stake, allocation in ((7, 7), (6, 7), (8, 8), (0, 8)):
        staked(world, STAKER, stake * UNIT)
        run(world, CREDITS, RECORD, STAKER, at=NOW + 10)
        assert credit(world, STAKER, NOW + 10)[0] == allocation * UNIT
    assert credit(world, STAKER, NOW + 100)[0] == 0


def test_last_record_before_the_boundary_counts(world: World) -> None:
    at_once(world, False)
    for stake, at in ((7, NOW + 10), (9, NOW + 99)):
        staked(world, STAKER, stake)
        run(world, CREDITS, RECORD, STAKER, at=at)
    staked(world, STAKER, 11)
    run(world, CREDITS, RECORD, STAKER, at=NOW + 100)
    assert credit(world, STAKER, NOW + 100)[0] == 9
    assert credit(world, STAKER, NOW + 199)[0] == 9
    assert credit(world, STAKER, NOW + 200)[0] == 11


def test_epochs_that_nobody_touched_cost_nothing(world: World) -> None:
    run(world, CREDITS, SPEND, MINTER, UNIT, sender=GATEWAY, at=NOW)
    later = NOW + 10**9
    assert credit(world, MINTER, later) == (5 * UNIT, 0, 5 * UNIT)
    run(world, CREDITS, SPEND, MINTER, 2 * UNIT, sender=GATEWAY, at=later)
    assert views(world, CREDITS, "accounts(address)", MINTER, returns="uint256,uint256,uint256,uint256") == (
        later // 100,
        5 * UNIT,
        5 * UNIT,
        2 * UNIT,
    )


# ------------------------------------------------------------------------------------------------ spend


def test_spend_rolls_and_takes_from_the_epochs_credit(world: World) -> None:
    # The minter's account was last touched an epoch before genesis.
    assert_carried_out(
        world,
        call_of(CREDITS, SPEND, MINTER, 2 * UNIT, sender=GATEWAY, at=NOW),
        logs=(log(CREDITS, SPENT, MINTER, EPOCH, 2 * UNIT),),
        effects=(("credits.accounts.epoch", MINTER, EPOCH), ("credits.accounts.spent", MINTER, 2 * UNIT)),
    )
    assert_carried_out(
        world,
        call_of(CREDITS, SPEND, MINTER, 3 * UNIT, sender=GATEWAY, at=NOW + 99),
        logs=(log(CREDITS, SPENT, MINTER, EPOCH, 3 * UNIT),),
        effects=(("credits.accounts.spent", MINTER, 5 * UNIT),),
    )
    assert credit(world, MINTER, NOW + 99) == (5 * UNIT, 5 * UNIT, 0)


def test_spending_to_the_last_unit_is_allowed_and_one_more_is_not(world: World) -> None:
    assert_refused(world, call_of(CREDITS, SPEND, MINTER, 5 * UNIT + 1, sender=GATEWAY), "INSUFFICIENT_BALANCE")
    assert_accepted(world, call_of(CREDITS, SPEND, MINTER, 5 * UNIT, sender=GATEWAY))
    assert_refused(world, call_of(CREDITS, SPEND, MINTER, 1, sender=GATEWAY, at=NOW + 99), "INSUFFICIENT_BALANCE")


@pytest.mark.parametrize("spent", [UNIT, 5 * UNIT])
def test_unused_credit_does_not_roll_over(world: World, spent: int) -> None:
    run(world, CREDITS, SPEND, MINTER, spent, sender=GATEWAY, at=NOW + 99)
    assert credit(world, MINTER, NOW + 99) == (5 * UNIT, spent, 5 * UNIT - spent)
    assert credit(world, MINTER, NOW + 100) == (5 * UNIT, 0, 5 * UNIT)
    call = call_of(CREDITS, SPEND, MINTER, 5 * UNIT + 1, sender=GATEWAY, at=NOW + 100)
    assert_refused(world, call, "INSUFFICIENT_BALANCE")


@pytest.mark.parametrize(
    "stake,available",
    [(UNIT // 10, UNIT // 10), (UNIT // 10 - 1, 0), (UNIT // 10 + 1, UNIT // 10 + 1), (1, 0), (0, 0)],
)
def test_nothing_is_available_below_a_tenth_and_exactly_a_tenth_may_be_spent(
    world: World, stake: int, available: int
) -> None:
    staked(world, STAKER, stake)
    run(world, CREDITS, RECORD, STAKER, at=NOW)
    assert credit(world, STAKER, NOW) == (stake, 0, available)
    if available:
        assert_accepted(world, call_of(CREDITS, SPEND, STAKER, available, sender=GATEWAY))
    else:
        assert_refused(world, call_of(CREDITS, SPEND, STAKER, 1, sender=GATEWAY), "INSUFFICIENT_BALANCE")


def test_threshold_is_of_the_allocation_and_not_of_what_is_left(world: World) -> None:
    assert_accepted(world, call_of(CREDITS, SPEND, MINTER, 5 * UNIT - 1, sender=GATEWAY))
    assert credit(world, MINTER, NOW) == (5 * UNIT, 5 * UNIT - 1, 1)
    assert_accepted(world, call_of(CREDITS, SPEND, MINTER, 1, sender=GATEWAY))


def test_holder_below_the_threshold_has_an_allocation_it_cannot_spend(world: World) -> None:
    assert credit(world, HOLDER, NOW) == (UNIT // 20, 0, 0)


def test_credit_raised_within_the_epoch_adds_to_what_is_left(world: World) -> None:
    run(world, CREDITS, SPEND, MINTER, 5 * UNIT, sender=GATEWAY)
    run(world, DIEM, "stake(uint256)", UNIT, sender=MINTER)
    assert_carried_out(
        world,
        call_of(CREDITS, RECORD, MINTER),
        logs=(log(CREDITS, RECORDED, MINTER, EPOCH, 6 * UNIT),),
        effects=(("credits.accounts.staked", MINTER, 6 * UNIT), ("credits.accounts.allocation", MINTER, 6 * UNIT)),
    )
    assert credit(world, MINTER, NOW) == (6 * UNIT, 5 * UNIT, UNIT)


def test_record_in_a_new_epoch_forgets_what_was_spent(world: World) -> None:
    run(world, CREDITS, SPEND, MINTER, UNIT, sender=GATEWAY)
    assert_carried_out(
        world,
        call_of(CREDITS, RECORD, MINTER, at=NOW + 100),
        logs=(log(CREDITS, RECORDED, MINTER, EPOCH + 1, 5 * UNIT),),
        effects=(("credits.accounts.epoch", MINTER, EPOCH + 1), ("credits.accounts.spent", MINTER, 0)),
    )


def test_using_credit_never_burns_diem(world: World) -> None:
    diem = {slot: int(value) for slot, value in world.accounts[DIEM].words.items()}
    run(world, CREDITS, SPEND, MINTER, 5 * UNIT, sender=GATEWAY)
    assert {slot: int(value) for slot, value in world.accounts[DIEM].words.items()} == diem


RULES = (
    Rule(
        CREDITS,
        SPEND,
        (MINTER, 5 * UNIT),
        sender=GATEWAY,
        faults=(
            Fault("NOT_GATEWAY", sender=OWNER),
            Fault("SPEND_ZERO", {1: 0}),
            Fault(BY_ZERO, words=(("credits.epochDuration", 0),)),
            Fault("INSUFFICIENT_BALANCE", {1: 5 * UNIT + 1}),
        ),
    ),
    Rule(
        CREDITS,
        SPEND,
        (MINTER, 5 * UNIT),
        sender=GATEWAY,
        faults=(
            Fault("NOT_GATEWAY", sender=MINTER),
            Fault("INSUFFICIENT_BALANCE", {0: NEWCOMER}),
        ),
    ),
    Rule(CREDITS, RECORD, (MINTER,), faults=(Fault(BY_ZERO, words=(("credits.epochDuration", 0),)),)),
)


@pytest.mark.parametrize("rule,present", every_mixture_of_faults(*RULES))
def test_first_fault_in_the_protocols_order_decides(rule: Rule, present: int) -> None:
    assert_first_fault_decides(rule, present)


@pytest.mark.parametrize("amount", [MAX, 2**255])
def test_spending_absurd_amounts_is_refused_like_any_other(world: World, amount: int) -> None:
    assert_refused(world, call_of(CREDITS, SPEND, MINTER, amount, sender=GATEWAY), "INSUFFICIENT_BALANCE")


@pytest.mark.parametrize(
    "signature,returns,value",
    [
        ("diem()", "address", DIEM),
        ("gateway()", "address", GATEWAY),
        ("epochDuration()", "uint256", 100),
        ("minimumStake()", "uint256", UNIT // 10),
        ("creditAtOnce()", "bool", True),
    ],
)
def test_view_returns_the_variable_of_its_name(world: World, signature: str, returns: str, value: Any) -> None:
    assert view(world, CREDITS, signature, returns=returns) == value


def test_flag_shares_its_word_with_the_gateway(world: World) -> None:
    assert word(world, "credits.gateway") == int.from_bytes(GATEWAY, "big") | 1 << 160
    at_once(world, False)
    assert view(world, CREDITS, "creditAtOnce()", returns="bool") is False
    assert view(world, CREDITS, "gateway()", returns="address") == GATEWAY
    assert place("credits.gateway") == (CREDITS, 1)


def test_account_as_it_stands_is_shown_unrolled(world: World) -> None:
    shown = views(world, CREDITS, "accounts(address)", MINTER, returns="uint256,uint256,uint256,uint256", at=NOW + 500)
    assert shown == (EPOCH - 1, 5 * UNIT, 5 * UNIT, 0)
