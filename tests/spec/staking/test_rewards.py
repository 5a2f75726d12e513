"""Emissions and who earns them, by hand: PROTOCOL 3.1."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec.messages import Address
from spec.world import World
from tests.spec.conftest import (
    BY_ZERO,
    MAX,
    MINTER,
    NOW,
    OVERFLOW,
    OWNER,
    SCALE,
    STAKER,
    STAKING,
    STRANGER,
    TREASURY,
    TREASURY_VVV,
    UNIT,
    VVV,
    VVV_SUPPLY,
    ZERO,
    assert_accepted,
    assert_carried_out,
    assert_refused,
    call_of,
    log,
    put,
    run,
    tiny_world,
    transfer_log,
    view,
    word,
)

CLAIMED = "Claimed(address indexed,uint256)"


class Settlement(NamedTuple):
    """What one settlement comes to."""

    acc: int
    acc_locked: int
    to_treasury: int
    to_stakers: int


NOTHING = Settlement(0, 0, 0, 0)


# Worked out by hand. T = staker + minter + seed, K = minter, U = T - K.
TABLE = [
    # E = 21, v = 2, raw = 19. P_locked = floor(19 * 3 / 10) = 5, P_unlocked = 14.
    # d = 14 / 7 = 2, paid 14. fee = floor(5 * 0.2) = 1; d = 4 / 3, paid floor(3.99..) = 3: one base unit is dust.
    pytest.param(
        {}, 3, Settlement(2 * SCALE, 1_333333333333333333333333333333333333, 3, 17), id="fee-and-share-and-dust"
    ),
    # As above, and of P_locked = 5 all is paid but floor(3 * 1.66..) leaves one.
    pytest.param(
        {"fee": 0}, 3, Settlement(2 * SCALE, 1_666666666666666666666666666666666666, 2, 18), id="fee-of-nothing"
    ),
    # All of P_locked = 5 is the fee.
    pytest.param({"fee": UNIT}, 3, Settlement(2 * SCALE, 0, 7, 14), id="fee-of-all"),
    pytest.param({"share": UNIT}, 3, Settlement(0, 0, 21, 0), id="share-of-all"),
    # raw = 21: P_locked = 6, P_unlocked = 15. d = 15 / 7, paid floor(14.99..). fee = 1; d = 5 / 3, paid floor(4.99..).
    pytest.param(
        {"share": 0},
        3,
        Settlement(2_142857142857142857142857142857142857, 1_666666666666666666666666666666666666, 1, 18),
        id="share-of-nothing",
    ),
    # T = U = 10, raw = 19.
    pytest.param({"staker": 9, "minter": 0}, 3, Settlement(19 * SCALE // 10, 0, 2, 19), id="nothing-locked"),
    # T = K = 10, raw = 19 = P_locked; fee = floor(3.8) = 3; d = 1.6.
    pytest.param({"staker": 0, "minter": 10, "seed": 0}, 3, Settlement(0, 16 * SCALE // 10, 5, 16), id="all-locked"),
    # K = 9, U = 1: P_locked = floor(17.1) = 17, P_unlocked = 2; d = 2. fee = 3; d = 14 / 9, paid floor(13.99..).
    pytest.param(
        {"staker": 0, "minter": 9},
        3,
        Settlement(2 * SCALE, 1_555555555555555555555555555555555555, 5, 15),
        id="all-but-the-seed-locked",
    ),
    pytest.param({"rate": 0}, 3, NOTHING, id="rate-of-nothing"),
    # E = 1 = P_unlocked; d = 1 / 7, of which floor(0.99..) is minted: nothing, though the accumulator moves.
    pytest.param({"rate": 1}, 1, Settlement(142857142857142857142857142857142857, 0, 0, 0), id="all-dust"),
    # E = 7, v = floor(0.7) = 0. P_locked = 2, P_unlocked = 5: d = 5 / 7, paid 4. fee = floor(0.4); d = 2 / 3, paid 1.
    pytest.param(
        {},
        1,
        Settlement(714285714285714285714285714285714285, 666666666666666666666666666666666666, 0, 5),
        id="share-and-fee-round-down-to-nothing",
    ),
    # E = 2 = P_unlocked; d = 2 / 7, of which floor(1.99..) is minted.
    pytest.param({"rate": 2}, 1, Settlement(285714285714285714285714285714285714, 0, 0, 1), id="one-for-stakers"),
    # raw = 19: P_locked = floor(1.9) = 1, P_unlocked = 18, U = 9: d = 2. fee = floor(0.2) = 0; d = 1.
    pytest.param({"staker": 8, "minter": 1}, 3, Settlement(2 * SCALE, SCALE, 2, 19), id="one-locked"),
    # E = 4, raw = 4: P_locked = floor(1.2) = 1, fee = floor(0.999999999999999999) = 0, d = 1 / 3: nothing paid.
    pytest.param(
        {"rate": 4, "fee": UNIT - 1},
        1,
        Settlement(428571428571428571428571428571428571, 333333333333333333333333333333333333, 0, 2),
        id="fee-just-below-all",
    ),
    # Only the seed: its earnings are nobody's, and are minted all the same.
    pytest.param({"staker": 0, "minter": 0}, 3, Settlement(19 * SCALE, 0, 2, 19), id="only-the-seed"),
]


@pytest.mark.parametrize("stakes,seconds,settlement", TABLE)
def test_settlement_is_the_one_worked_out_by_hand(stakes: dict[str, int], seconds: int, settlement: Settlement) -> None:
    world = tiny_world(**stakes)
    acc, acc_locked, to_treasury, to_stakers = settlement
    staked = word(world, "vvv.balanceOf", STAKING)
    logs = []
    effects: list[tuple[object, ...]] = [("staking.lastRewardTimestamp", NOW + seconds)]
    if acc:
        effects.append(("staking.accRewardPerShare", acc))
    if acc_locked:
        effects.append(("staking.accRewardPerShareLocked", acc_locked))
    if to_treasury:
        logs.append(transfer_log(VVV, ZERO, TREASURY, to_treasury))
        effects.append(("vvv.balanceOf", TREASURY, TREASURY_VVV + to_treasury))
    if to_stakers:
        logs.append(transfer_log(VVV, ZERO, STAKING, to_stakers))
        effects.append(("vvv.balanceOf", STAKING, staked + to_stakers))
    if to_treasury + to_stakers:
        effects.append(("vvv.totalSupply", VVV_SUPPLY + to_treasury + to_stakers))
    # A stranger's claim settles the accumulators and nothing else.
    assert_carried_out(
        world, call_of(STAKING, "claim()", sender=STRANGER, at=NOW + seconds), logs=tuple(logs), effects=tuple(effects)
    )


def by_the_page(*, rate: int, seconds: int, share: int, fee: int, unlocked: int, locked: int) -> Settlement:
    """Return a settlement by steps 1 to 6 of PROTOCOL 3.1, for what the table above has no rows."""
    total = unlocked + locked
    emitted = seconds * rate
    v = emitted * share // UNIT
    raw = emitted - v
    p_locked = raw * locked // total
    p_unlocked = raw - p_locked
    acc = acc_locked = paid = 0
    if p_unlocked > 0 and unlocked > 0:
        acc = p_unlocked * SCALE // unlocked
        paid += acc * unlocked // SCALE
    if p_locked > 0 and locked > 0:
        of_locked = p_locked * fee // UNIT
        acc_locked = (p_locked - of_locked) * SCALE // locked
        paid += acc_locked * locked // SCALE
        v += of_locked
    return Settlement(acc, acc_locked, v, paid)


@given(
    rate=st.one_of(st.integers(0, 100), st.integers(0, 10**19)),
    seconds=st.integers(1, 10**6),
    share=st.integers(0, UNIT),
    fee=st.integers(0, UNIT),
    staker=st.one_of(st.integers(0, 100), st.integers(0, 10**26)),
    minter=st.one_of(st.integers(0, 100), st.integers(0, 10**26)),
)
def test_settlement_follows_the_page_and_emits_at_most_the_emission(
    rate: int, seconds: int, share: int, fee: int, staker: int, minter: int
) -> None:
    world = tiny_world(rate=rate, share=share, fee=fee, staker=staker, minter=minter)
    staked = word(world, "vvv.balanceOf", STAKING)
    run(world, STAKING, "claim()", at=NOW + seconds)
    settled = Settlement(
        word(world, "staking.accRewardPerShare"),
        word(world, "staking.accRewardPerShareLocked"),
        word(world, "vvv.balanceOf", TREASURY) - TREASURY_VVV,
        word(world, "vvv.balanceOf", STAKING) - staked,
    )
    assert settled == by_the_page(rate=rate, seconds=seconds, share=share, fee=fee, unlocked=staker + 1, locked=minter)
    assert settled.to_treasury + settled.to_stakers <= rate * seconds
    assert word(world, "vvv.totalSupply") - VVV_SUPPLY == settled.to_treasury + settled.to_stakers


def claims(world: World, account: Address, at: int) -> int:
    """Return what a claim pays the account; ``pendingRewards`` has to be the same number."""
    pending = view(world, STAKING, "pendingRewards(address)", account, returns="uint256", at=at)
    before = word(world, "vvv.balanceOf", account)
    receipt = run(world, STAKING, "claim()", sender=account, at=at)
    assert receipt.status
    paid = word(world, "vvv.balanceOf", account) - before
    assert paid == pending
    expected = (transfer_log(VVV, STAKING, account, paid), log(STAKING, CLAIMED, account, paid)) if paid else ()
    assert receipt.logs[len(receipt.logs) - len(expected) :] == expected
    assert view(world, STAKING, "pendingRewards(address)", account, returns="uint256", at=at) == 0
    return paid


def test_claim_pays_what_is_pending_and_writes_the_debt() -> None:
    world = tiny_world()
    assert_carried_out(
        world,
        call_of(STAKING, "claim()", sender=STAKER, at=NOW + 3),
        logs=(
            transfer_log(VVV, ZERO, TREASURY, 3),
            transfer_log(VVV, ZERO, STAKING, 17),
            transfer_log(VVV, STAKING, STAKER, 12),
            log(STAKING, CLAIMED, STAKER, 12),
        ),
        effects=(
            ("staking.accRewardPerShare", 2 * SCALE),
            ("staking.accRewardPerShareLocked", 4 * SCALE // 3),
            ("staking.lastRewardTimestamp", NOW + 3),
            ("staking.stakes.rewardDebt", STAKER, 12),
            ("vvv.totalSupply", VVV_SUPPLY + 20),
            ("vvv.balanceOf", TREASURY, TREASURY_VVV + 3),
            ("vvv.balanceOf", STAKING, 9 + 17 - 12),
            ("vvv.balanceOf", STAKER, 1000 * UNIT + 12),
        ),
    )


def test_second_settlement_in_the_same_second_emits_nothing_and_still_pays() -> None:
    world = tiny_world()
    run(world, STAKING, "claim()", sender=STAKER, at=NOW + 3)
    assert_carried_out(
        world,
        call_of(STAKING, "claim()", sender=MINTER, at=NOW + 3),
        logs=(transfer_log(VVV, STAKING, MINTER, 3), log(STAKING, CLAIMED, MINTER, 3)),
        effects=(
            ("staking.stakes.rewardDebt", MINTER, 3),
            ("vvv.balanceOf", STAKING, 9 + 17 - 12 - 3),
            ("vvv.balanceOf", MINTER, 100 * UNIT + 3),
        ),
    )
    assert_carried_out(world, call_of(STAKING, "claim()", sender=MINTER, at=NOW + 3))


def test_later_settlement_adds_to_the_accumulators() -> None:
    world = tiny_world()
    assert [claims(world, account, NOW + 3) for account in (STAKER, MINTER, STRANGER)] == [12, 3, 0]
    # Of the next second 5 / 7 and 2 / 3 are added: 6 * 2.71.. = 16.2.., 3 * 1.99.. = 5.99..
    assert [claims(world, account, NOW + 4) for account in (STAKER, MINTER)] == [4, 2]
    assert word(world, "staking.accRewardPerShare") == 2_714285714285714285714285714285714285
    assert word(world, "staking.accRewardPerShareLocked") == 1_999999999999999999999999999999999999


def test_reward_of_one_base_unit_is_paid() -> None:
    assert claims(tiny_world(staker=8, minter=1), MINTER, NOW + 3) == 1


def test_claim_with_nothing_pending_is_no_error_and_emits_no_claim(world: World) -> None:
    assert_carried_out(world, call_of(STAKING, "claim()", sender=STAKER, at=NOW))
    assert claims(world, STRANGER, NOW + 100) == 0


@given(st.lists(st.tuples(st.integers(0, 100_000), st.sampled_from([STAKER, MINTER])), max_size=8))
def test_pending_is_what_a_claim_pays_and_all_that_is_paid_was_minted(steps: list[tuple[int, Address]]) -> None:
    world = tiny_world(rate=10**17 + 1, staker=10**19 + 7, minter=10**18 + 3, seed=UNIT)
    staked = word(world, "vvv.balanceOf", STAKING)
    now = NOW
    for seconds, account in steps:
        now += seconds
        claims(world, account, now)
    for account in (STAKER, MINTER):
        claims(world, account, now)
    # Staking keeps the stakes, and what the seed has earned: never less.
    assert word(world, "vvv.balanceOf", STAKING) >= staked


def test_floors_of_each_settlement_can_come_to_less_than_the_floor_of_all_and_only_the_seed_makes_up_for_it() -> None:
    world = tiny_world(staker=7, seed=0)
    for at in (NOW + 1, NOW + 2):
        # d = 5 / 7 and 2 / 3, of which floor(4.99..) and floor(1.99..) are minted.
        assert run(world, STAKING, "claim()", at=at).logs == (transfer_log(VVV, ZERO, STAKING, 5),)
    # floor(7 * 1.42..) = floor(9.99..) and floor(3 * 1.33..) = floor(3.99..): 12 are due, and 10 were minted.
    assert [claims(world, account, NOW + 2) for account in (STAKER, MINTER)] == [9, 3]
    assert word(world, "vvv.balanceOf", STAKING) == 7 + 3 + 10 - 12


def test_locked_stake_earns_80_percent_of_what_unlocked_stake_earns_and_the_treasury_the_rest() -> None:
    world = tiny_world(rate=UNIT, share=0, staker=49 * UNIT, minter=50 * UNIT, seed=UNIT)
    # 10 VVV in ten seconds on 100 sVVV: a tenth each.
    assert claims(world, STAKER, NOW + 10) == 49 * UNIT // 10
    assert claims(world, MINTER, NOW + 10) == 4 * UNIT
    assert word(world, "vvv.balanceOf", TREASURY) == TREASURY_VVV + UNIT


def test_unlocked_stake_earns_the_same_whether_others_lock_or_not() -> None:
    rewards = set()
    for locked in (0, 20, 50):
        world = tiny_world(rate=UNIT, share=0, staker=49 * UNIT, minter=50 * UNIT, seed=UNIT)
        put(world, "staking.lockedStakes.sVVVLockedAmount", MINTER, locked * UNIT)
        put(world, "staking.totalLockedStakedVVV", locked * UNIT)
        rewards.add(claims(world, STAKER, NOW + 10))
    assert rewards == {49 * UNIT // 10}


def test_earnings_of_unlocked_and_locked_stake_are_rounded_down_apart() -> None:
    world = tiny_world()
    put(world, "staking.accRewardPerShare", 15 * SCALE // 10)
    put(world, "staking.accRewardPerShareLocked", 5 * SCALE // 10)
    put(world, "svvv.balanceOf", MINTER, 4)
    # One unlocked at 1.5 and three locked at 0.5: floor(1.5) + floor(1.5), not floor(3.0).
    assert claims(world, MINTER, NOW) == 2


def test_seed_stake_earns_for_staking_itself_and_nobody_can_take_it() -> None:
    world = tiny_world()
    run(world, STAKING, "claim()", at=NOW + 3)
    assert view(world, STAKING, "pendingRewards(address)", STAKING, returns="uint256", at=NOW + 3) == 2


# ------------------------------------------------------------------------------------------------ what the owner sets


@pytest.mark.parametrize(
    "setter,value",
    [
        ("setEmissionRate(uint256)", 700),
        ("setVeniceEmissionsPercentage(uint256)", UNIT),
        ("setVeniceEmissionsPercentageWhenLocked(uint256)", UNIT),
    ],
)
def test_setter_is_not_retroactive(setter: str, value: int) -> None:
    world = tiny_world()
    run(world, STAKING, setter, value, sender=OWNER, at=NOW + 3)
    assert word(world, "vvv.balanceOf", TREASURY) == TREASURY_VVV + 3
    assert [claims(world, account, NOW + 3) for account in (STAKER, MINTER)] == [12, 3]


def test_setters_hold_from_the_second_after() -> None:
    world = tiny_world()
    run(world, STAKING, "setEmissionRate(uint256)", 21, sender=OWNER, at=NOW)
    run(world, STAKING, "claim()", at=NOW + 1)
    # One second at 21 is three at 7.
    assert word(world, "staking.accRewardPerShare") == 2 * SCALE
    run(world, STAKING, "setVeniceEmissionsPercentage(uint256)", UNIT, sender=OWNER, at=NOW + 1)
    run(world, STAKING, "claim()", at=NOW + 2)
    assert word(world, "staking.accRewardPerShare") == 2 * SCALE
    assert word(world, "vvv.balanceOf", TREASURY) == TREASURY_VVV + 3 + 21


def test_new_treasury_receives_what_is_not_yet_settled() -> None:
    world = tiny_world()
    run(world, STAKING, "setTreasury(address)", STRANGER, sender=OWNER, at=NOW + 3)
    assert word(world, "staking.lastRewardTimestamp") == NOW
    run(world, STAKING, "claim()", at=NOW + 3)
    assert word(world, "vvv.balanceOf", STRANGER) == 3
    assert word(world, "vvv.balanceOf", TREASURY) == TREASURY_VVV


def test_treasury_may_be_staking_itself() -> None:
    world = tiny_world()
    run(world, STAKING, "setTreasury(address)", STAKING, sender=OWNER, at=NOW)
    run(world, STAKING, "claim()", at=NOW + 3)
    assert word(world, "vvv.balanceOf", STAKING) == 9 + 3 + 17


# ------------------------------------------------------------------------------------------------ where it breaks


SETTLING = [
    call_of(STAKING, "claim()", sender=STAKER, at=NOW + 1),
    call_of(STAKING, "claimAndStake()", sender=STAKER, at=NOW + 1),
    call_of(STAKING, "stake(address,uint256)", STAKER, 1, sender=STAKER, at=NOW + 1),
    call_of(STAKING, "initiateUnstake(uint256)", 1, sender=STAKER, at=NOW + 1),
    call_of(STAKING, "mintDiem(uint256,uint256)", 1, 0, sender=STAKER, at=NOW + 1),
    call_of(STAKING, "burnDiem(uint256)", 1, sender=MINTER, at=NOW + 1),
    call_of(STAKING, "setEmissionRate(uint256)", 0, sender=OWNER, at=NOW + 1),
    call_of(STAKING, "setVeniceEmissionsPercentage(uint256)", 0, sender=OWNER, at=NOW + 1),
    call_of(STAKING, "setVeniceEmissionsPercentageWhenLocked(uint256)", 0, sender=OWNER, at=NOW + 1),
    call_of(STAKING, "pendingRewards(address)", STAKER, at=NOW + 1),
]
NOT_SETTLING = [
    call_of(STAKING, "finalizeUnstake()", sender=STAKER, at=NOW + 1),
    call_of(STAKING, "setTreasury(address)", STRANGER, sender=OWNER, at=NOW + 1),
    call_of(STAKING, "setCooldownDuration(uint256)", 0, sender=OWNER, at=NOW + 1),
    call_of(STAKING, "setDiemMintCurve(uint256[256],uint256[256])", [0] * 256, [0] * 256, sender=OWNER, at=NOW + 1),
]


def test_rate_whose_emission_overflows_stops_every_settlement_its_own_correction_included(world: World) -> None:
    put(world, "staking.stakes.cooldownAmount", STAKER, 1)
    put(world, "vvv.allowance", STAKER, STAKING, MAX)
    assert run(world, STAKING, "setEmissionRate(uint256)", MAX, sender=OWNER, at=NOW).status
    for call in SETTLING:
        put(world, "staking.stakes.cooldownAmount", STAKER, 0)
        assert_refused(world, call, OVERFLOW)
    put(world, "staking.stakes.cooldownAmount", STAKER, 1)
    for call in NOT_SETTLING:
        assert_accepted(world, call)
    assert word(world, "staking.lastRewardTimestamp") == NOW


def test_such_a_rate_can_be_corrected_in_the_same_second(world: World) -> None:
    run(world, STAKING, "setEmissionRate(uint256)", MAX, sender=OWNER, at=NOW)
    assert run(world, STAKING, "setEmissionRate(uint256)", 1, sender=OWNER, at=NOW).status
    assert run(world, STAKING, "claim()", sender=STAKER, at=NOW + 1).status


@pytest.mark.parametrize(
    "variable,value",
    [
        ("staking.accRewardPerShare", MAX),
        ("staking.accRewardPerShareLocked", MAX),
        ("vvv.totalSupply", MAX),
    ],
)
def test_sum_that_overflows_refuses_the_settlement(variable: str, value: int) -> None:
    world = tiny_world()
    put(world, variable, value)
    assert_refused(world, call_of(STAKING, "claim()", at=NOW + 3), OVERFLOW)


def test_no_stake_at_all_would_divide_by_zero() -> None:
    # The seed rules it out.
    world = tiny_world(staker=0, minter=0, seed=0)
    assert_refused(world, call_of(STAKING, "claim()", at=NOW + 1), BY_ZERO)
    assert run(world, STAKING, "claim()", at=NOW).status


def test_staking_cannot_pay_more_than_it_has() -> None:
    world = tiny_world()
    put(world, "staking.accRewardPerShare", 100 * SCALE)
    assert_refused(world, call_of(STAKING, "claim()", sender=STAKER, at=NOW), OVERFLOW)


def test_debt_above_the_earnings_is_an_underflow() -> None:
    # No history leads here: debts are written after every change of a balance.
    world = tiny_world()
    put(world, "staking.stakes.rewardDebt", STAKER, 13)
    assert_refused(world, call_of(STAKING, "claim()", sender=STAKER, at=NOW + 3), OVERFLOW)
    assert_refused(world, call_of(STAKING, "pendingRewards(address)", STAKER, at=NOW + 3), OVERFLOW)
