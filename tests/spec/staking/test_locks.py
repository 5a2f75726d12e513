"""Locking sVVV to mint DIEM, and burning DIEM to unlock it: PROTOCOL 3.2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec.world import World
from tests.spec.conftest import (
    DIEM,
    HOLDER,
    MAX,
    MINTER,
    MINTER_BURNER_ROLE,
    NOW,
    OVERFLOW,
    SCALE,
    SETTLEMENT_OVERFLOWS,
    STAKER,
    STAKING,
    TREASURY,
    TREASURY_VVV,
    UNIT,
    VVV,
    VVV_SUPPLY,
    ZERO,
    Fault,
    Rule,
    assert_accepted,
    assert_carried_out,
    assert_first_fault_decides,
    assert_refused,
    call_of,
    error,
    every_mixture_of_faults,
    log,
    new_world,
    put,
    run,
    set_curve,
    tiny_world,
    transfer_log,
    view,
    views,
    word,
)

MINT = "mintDiem(uint256,uint256)"
BURN = "burnDiem(uint256)"
CLAIMED = "Claimed(address indexed,uint256)"
MINTED = "DiemMinted(address indexed,uint256,uint256)"
BURNED = "DiemBurned(address indexed,uint256,uint256)"
HUNDRED = ((1000 * UNIT, 100 * UNIT),)
"""100 sVVV per DIEM, up to 1000 DIEM."""


# ------------------------------------------------------------------------------------------------ mintDiem


def test_mint_locks_svvv_on_top_of_what_is_locked_and_mints_the_quote(world: World) -> None:
    set_curve(world, *HUNDRED, supply=11 * UNIT)
    assert_carried_out(
        world,
        call_of(STAKING, MINT, 250 * UNIT, 25 * UNIT // 10, sender=MINTER),
        logs=(
            transfer_log(DIEM, ZERO, MINTER, 25 * UNIT // 10),
            log(STAKING, MINTED, MINTER, 250 * UNIT, 25 * UNIT // 10),
        ),
        effects=(
            ("staking.lockedStakes.outstandingDiemAmount", MINTER, 13_500_000_000_000_000_000),
            ("staking.lockedStakes.sVVVLockedAmount", MINTER, 1250 * UNIT),
            ("staking.totalLockedStakedVVV", 1250 * UNIT),
            ("diem.totalSupply", 13_500_000_000_000_000_000),
            ("diem.balanceOf", MINTER, 5_500_000_000_000_000_000),
        ),
    )
    # Locked and unlocked sVVV alike are a balance.
    assert view(world, STAKING, "balanceOf(address)", MINTER, returns="uint256") == 4000 * UNIT
    assert view(world, STAKING, "balanceOfUnlocked(address)", MINTER, returns="uint256") == 2750 * UNIT


def test_mint_settles_first_and_writes_the_debt_of_the_new_lock() -> None:
    world = tiny_world()
    set_curve(world, (100, UNIT), supply=0)
    assert_carried_out(
        world,
        call_of(STAKING, MINT, 4, 4, sender=STAKER, at=NOW + 3),
        logs=(
            transfer_log(VVV, ZERO, TREASURY, 3),
            transfer_log(VVV, ZERO, STAKING, 17),
            transfer_log(VVV, STAKING, STAKER, 12),
            log(STAKING, CLAIMED, STAKER, 12),
            transfer_log(DIEM, ZERO, STAKER, 4),
            log(STAKING, MINTED, STAKER, 4, 4),
        ),
        effects=(
            ("staking.accRewardPerShare", 2 * SCALE),
            ("staking.accRewardPerShareLocked", 4 * SCALE // 3),
            ("staking.lastRewardTimestamp", NOW + 3),
            ("vvv.totalSupply", VVV_SUPPLY + 20),
            ("vvv.balanceOf", TREASURY, TREASURY_VVV + 3),
            ("vvv.balanceOf", STAKING, 9 + 17 - 12),
            ("vvv.balanceOf", STAKER, 1000 * UNIT + 12),
            ("staking.lockedStakes.outstandingDiemAmount", STAKER, 4),
            ("staking.lockedStakes.sVVVLockedAmount", STAKER, 4),
            ("staking.totalLockedStakedVVV", 7),
            ("diem.totalSupply", 4),
            ("diem.balanceOf", STAKER, 4),
            # Two unlocked at 2, four locked at 1.33..: 4 + floor(5.33..).
            ("staking.stakes.rewardDebt", STAKER, 9),
        ),
    )


def test_reward_settled_in_the_call_is_paid_out_and_cannot_be_locked() -> None:
    world = tiny_world()
    set_curve(world, (100, UNIT), supply=0)
    assert_refused(world, call_of(STAKING, MINT, 7, 0, sender=STAKER, at=NOW + 3), "INSUFFICIENT_BALANCE")
    assert_accepted(world, call_of(STAKING, MINT, 6, 0, sender=STAKER, at=NOW + 3))


def test_quote_of_nothing_is_allowed_and_locks(world: World) -> None:
    set_curve(world, *HUNDRED)
    assert_carried_out(
        world,
        call_of(STAKING, MINT, 99, 0, sender=STAKER),
        logs=(transfer_log(DIEM, ZERO, STAKER, 0), log(STAKING, MINTED, STAKER, 99, 0)),
        effects=(
            ("staking.lockedStakes.sVVVLockedAmount", STAKER, 99),
            ("staking.totalLockedStakedVVV", 1000 * UNIT + 99),
        ),
    )
    # What is locked for nothing stays locked until its owner has DIEM outstanding.
    assert_refused(world, call_of(STAKING, BURN, 1, sender=STAKER), "INSUFFICIENT_BALANCE")
    put(world, "diem.balanceOf", STAKER, 1)
    assert_refused(world, call_of(STAKING, BURN, 1, sender=STAKER), "INSUFFICIENT_OUTSTANDING_DIEM")


# ------------------------------------------------------------------------------------------------ burnDiem


def test_burn_unlocks_at_the_accounts_own_average(world: World) -> None:
    # 11 DIEM are outstanding on 1000 sVVV, whatever the curve says now.
    set_curve(world)
    put(world, "diem.totalSupply", 11 * UNIT)
    assert_carried_out(
        world,
        call_of(STAKING, BURN, 22 * UNIT // 10, sender=MINTER),
        logs=(
            transfer_log(DIEM, MINTER, ZERO, 22 * UNIT // 10),
            log(STAKING, BURNED, MINTER, 200 * UNIT, 22 * UNIT // 10),
        ),
        effects=(
            ("staking.lockedStakes.outstandingDiemAmount", MINTER, 8_800_000_000_000_000_000),
            ("staking.lockedStakes.sVVVLockedAmount", MINTER, 800 * UNIT),
            ("staking.totalLockedStakedVVV", 800 * UNIT),
            ("diem.totalSupply", 8_800_000_000_000_000_000),
            ("diem.balanceOf", MINTER, 800_000_000_000_000_000),
        ),
    )


def test_burn_settles_first_and_writes_the_debt_of_what_is_left() -> None:
    world = tiny_world()
    put(world, "staking.lockedStakes.outstandingDiemAmount", MINTER, 3)
    assert_carried_out(
        world,
        call_of(STAKING, BURN, 2, sender=MINTER, at=NOW + 3),
        logs=(
            transfer_log(VVV, ZERO, TREASURY, 3),
            transfer_log(VVV, ZERO, STAKING, 17),
            transfer_log(VVV, STAKING, MINTER, 3),
            log(STAKING, CLAIMED, MINTER, 3),
            transfer_log(DIEM, MINTER, ZERO, 2),
            log(STAKING, BURNED, MINTER, 2, 2),
        ),
        effects=(
            ("staking.accRewardPerShare", 2 * SCALE),
            ("staking.accRewardPerShareLocked", 4 * SCALE // 3),
            ("staking.lastRewardTimestamp", NOW + 3),
            ("vvv.totalSupply", VVV_SUPPLY + 20),
            ("vvv.balanceOf", TREASURY, TREASURY_VVV + 3),
            ("vvv.balanceOf", STAKING, 9 + 17 - 3),
            ("vvv.balanceOf", MINTER, 100 * UNIT + 3),
            ("staking.lockedStakes.outstandingDiemAmount", MINTER, 1),
            ("staking.lockedStakes.sVVVLockedAmount", MINTER, 1),
            ("staking.totalLockedStakedVVV", 1),
            ("diem.totalSupply", 11 * UNIT - 2),
            ("diem.balanceOf", MINTER, 3 * UNIT - 2),
            # Two unlocked at 2, one locked at 1.33..
            ("staking.stakes.rewardDebt", MINTER, 5),
        ),
    )


@pytest.mark.parametrize(
    "locked,outstanding,burns,unlocks",
    [
        (10, 3, (1, 1, 1), (3, 3, 4)),
        (10, 3, (2, 1), (6, 4)),
        (10, 3, (3,), (10,)),
        (2, 3, (1, 1, 1), (0, 1, 1)),
        (0, 3, (3,), (0,)),
        (7, 1, (1,), (7,)),
        (999, 1000, (999, 1), (998, 1)),
    ],
)
def test_unlocked_amount_is_rounded_down_and_the_last_burn_unlocks_the_rest(
    locked: int, outstanding: int, burns: tuple[int, ...], unlocks: tuple[int, ...]
) -> None:
    world = tiny_world(minter=locked)
    put(world, "staking.lockedStakes.outstandingDiemAmount", MINTER, outstanding)
    for burn, unlock in zip(burns, unlocks, strict=True):
        receipt = run(world, STAKING, BURN, burn, sender=MINTER)
        assert receipt.logs[-1] == log(STAKING, BURNED, MINTER, unlock, burn)
    assert views(world, STAKING, "lockedStakes(address)", MINTER, returns="uint256,uint256") == (0, 0)
    assert word(world, "staking.totalLockedStakedVVV") == 0


@given(st.lists(st.integers(1, 700 * UNIT), min_size=1, max_size=4), st.integers(0, 40 * UNIT))
def test_minting_and_burning_all_in_one_second_returns_exactly_the_principal(amounts: list[int], supply: int) -> None:
    world = new_world()
    put(world, "diem.totalSupply", supply)
    minted = 0
    for amount in amounts:
        before = word(world, "diem.balanceOf", STAKER)
        run(world, STAKING, MINT, amount, 0, sender=STAKER)
        minted += word(world, "diem.balanceOf", STAKER) - before
    position = views(world, STAKING, "lockedStakes(address)", STAKER, returns="uint256,uint256")
    assert position == (sum(amounts), minted)
    if minted:
        run(world, STAKING, BURN, minted, sender=STAKER)
        assert views(world, STAKING, "lockedStakes(address)", STAKER, returns="uint256,uint256") == (0, 0)
        assert view(world, STAKING, "balanceOfUnlocked(address)", STAKER, returns="uint256") == 5000 * UNIT
        assert word(world, "staking.totalLockedStakedVVV") == 1000 * UNIT
        assert word(world, "diem.totalSupply") == supply


def test_holder_without_outstanding_diem_cannot_burn(world: World) -> None:
    assert_refused(world, call_of(STAKING, BURN, 1, sender=HOLDER), "INSUFFICIENT_OUTSTANDING_DIEM")


@pytest.mark.parametrize("amount", [3 * UNIT + 1, 8 * UNIT, 11 * UNIT])
def test_staked_and_cooling_diem_do_not_count(world: World, amount: int) -> None:
    # The minter has 3 in hand, 5 staked, 2 cooling, 11 outstanding.
    assert_refused(world, call_of(STAKING, BURN, amount, sender=MINTER), "INSUFFICIENT_BALANCE")


@pytest.mark.parametrize(
    "locked,outstanding,burned,reason",
    [
        # floor(3 * 10 / 2) = 15 > 10.
        (10, 2, 3, "INSUFFICIENT_LOCKED_BALANCE"),
        # floor(3 * 2 / 2) = 3 > 2.
        (2, 2, 3, "INSUFFICIENT_LOCKED_BALANCE"),
        # floor(3 * 1 / 2) = 1: the lock would do, what is outstanding would not.
        (1, 2, 3, "INSUFFICIENT_OUTSTANDING_DIEM"),
        (0, 2, 3, "INSUFFICIENT_OUTSTANDING_DIEM"),
        (10, 0, 3, "INSUFFICIENT_OUTSTANDING_DIEM"),
        (0, 0, 3, "INSUFFICIENT_OUTSTANDING_DIEM"),
    ],
)
def test_burning_more_than_is_outstanding_is_refused_for_the_lock_if_it_does_not_suffice(
    locked: int, outstanding: int, burned: int, reason: str
) -> None:
    world = tiny_world(minter=locked)
    put(world, "staking.lockedStakes.outstandingDiemAmount", MINTER, outstanding)
    assert_refused(world, call_of(STAKING, BURN, burned, sender=MINTER), reason)


def test_locking_is_incremental_and_averages() -> None:
    world = new_world()
    set_curve(world, (10 * UNIT, 100 * UNIT), (20 * UNIT, 200 * UNIT))
    run(world, STAKING, MINT, 1000 * UNIT, 10 * UNIT, sender=STAKER)
    run(world, STAKING, MINT, 2000 * UNIT, 10 * UNIT, sender=STAKER)
    assert run(world, STAKING, BURN, UNIT, sender=STAKER).logs[-1] == log(STAKING, BURNED, STAKER, 150 * UNIT, UNIT)
    # Who has burned mints the next again at the price of its place on the curve.
    assert view(world, STAKING, "getDiemAmountOut(uint256)", 150 * UNIT, returns="uint256") == 75 * UNIT // 100


# ------------------------------------------------------------------------------------------------ refusals

NO_ROLE = Fault(
    error("AccessControlUnauthorizedAccount", STAKING, MINTER_BURNER_ROLE),
    words=(("diem.hasRole", MINTER_BURNER_ROLE, STAKING, 0),),
)

RULES = (
    Rule(
        STAKING,
        MINT,
        (3000 * UNIT, 0),
        sender=MINTER,
        faults=(
            Fault("LOCK_ZERO", {0: 0}),
            SETTLEMENT_OVERFLOWS,
            Fault("INSUFFICIENT_BALANCE", {0: 3000 * UNIT + 1}),
            Fault("INSUFFICIENT_SUPPLY", words=(("diem.totalSupply", 80 * UNIT),)),
            Fault("MIN_AMOUNT_OUT", {1: MAX}),
            Fault(OVERFLOW, words=(("staking.lockedStakes.outstandingDiemAmount", MINTER, MAX),)),
            NO_ROLE,
        ),
    ),
    Rule(
        STAKING,
        BURN,
        (2 * UNIT,),
        sender=MINTER,
        faults=(
            Fault("BURN_ZERO", {0: 0}),
            Fault("INSUFFICIENT_BALANCE", words=(("diem.balanceOf", MINTER, 2 * UNIT - 1),)),
            Fault(
                "INSUFFICIENT_OUTSTANDING_DIEM",
                words=(("staking.lockedStakes.outstandingDiemAmount", MINTER, 0),),
            ),
            SETTLEMENT_OVERFLOWS,
            Fault(
                "INSUFFICIENT_LOCKED_BALANCE",
                words=(
                    ("staking.lockedStakes.outstandingDiemAmount", MINTER, UNIT),
                    ("staking.lockedStakes.sVVVLockedAmount", MINTER, 1000 * UNIT),
                ),
            ),
            Fault(
                "INSUFFICIENT_OUTSTANDING_DIEM",
                words=(
                    ("staking.lockedStakes.outstandingDiemAmount", MINTER, 2 * UNIT - 1),
                    ("staking.lockedStakes.sVVVLockedAmount", MINTER, 0),
                ),
            ),
            NO_ROLE,
        ),
    ),
    # The product of the DIEM and the lock is formed before it is compared with anything.
    Rule(
        STAKING,
        BURN,
        (2 * UNIT,),
        sender=MINTER,
        faults=(
            Fault(
                OVERFLOW,
                words=(
                    ("svvv.balanceOf", MINTER, MAX // UNIT),
                    ("staking.lockedStakes.sVVVLockedAmount", MINTER, MAX // UNIT),
                ),
            ),
            Fault("INSUFFICIENT_LOCKED_BALANCE", words=(("staking.lockedStakes.outstandingDiemAmount", MINTER, UNIT),)),
        ),
    ),
)


@pytest.mark.parametrize("rule,present", every_mixture_of_faults(*RULES))
def test_first_fault_in_the_protocols_order_decides(rule: Rule, present: int) -> None:
    assert_first_fault_decides(rule, present)
