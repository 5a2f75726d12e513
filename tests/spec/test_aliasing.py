"""One account in two roles: sender and recipient, a contract itself, the zero address, the treasury."""

from __future__ import annotations

from typing import Any

import pytest

from spec.messages import Address
from spec.world import World
from tests.spec.conftest import (
    CREDITS,
    DIEM,
    GATEWAY,
    IMPLEMENTATION,
    MAX,
    MINTER,
    NOW,
    OWNER,
    SCALE,
    STAKER,
    STAKING,
    STRANGER,
    TREASURY,
    UNIT,
    VVV,
    VVV_SUPPLY,
    ZERO,
    assert_carried_out,
    assert_refused,
    call_of,
    calldata,
    error,
    log,
    put,
    run,
    tiny_world,
    transfer_log,
    word,
)

CLAIMED = "Claimed(address indexed,uint256)"
STAKED = "Staked(address indexed,uint256)"
MINTED = (transfer_log(VVV, ZERO, TREASURY, 3), transfer_log(VVV, ZERO, STAKING, 17))


def test_vvv_moved_by_its_owner_to_itself_lowers_only_the_allowance(world: World) -> None:
    put(world, "vvv.allowance", STAKER, STAKER, 5)
    assert_carried_out(
        world,
        call_of(VVV, "transferFrom(address,address,uint256)", STAKER, STAKER, 5, sender=STAKER),
        output=(1).to_bytes(32, "big"),
        logs=(transfer_log(VVV, STAKER, STAKER, 5),),
        effects=(("vvv.allowance", STAKER, STAKER, 0),),
    )


def test_diem_moved_by_its_owner_to_itself_lowers_only_the_allowance(world: World) -> None:
    put(world, "diem.allowance", MINTER, MINTER, 5)
    assert_carried_out(
        world,
        call_of(DIEM, "transferFrom(address,address,uint256)", MINTER, MINTER, 5, sender=MINTER),
        output=(1).to_bytes(32, "big"),
        logs=(transfer_log(DIEM, MINTER, MINTER, 5),),
        effects=(("diem.allowance", MINTER, MINTER, 0),),
    )


def test_vvv_may_be_staked_for_staking_itself_whose_reward_it_pays_to_itself() -> None:
    world = tiny_world()
    put(world, "vvv.allowance", STAKER, STAKING, 5)
    assert_carried_out(
        world,
        call_of(STAKING, "stake(address,uint256)", STAKING, 5, sender=STAKER, at=NOW + 3),
        logs=(
            *MINTED,
            # The seed of one base unit has earned two.
            transfer_log(VVV, STAKING, STAKING, 2),
            log(STAKING, CLAIMED, STAKING, 2),
            transfer_log(STAKING, ZERO, STAKING, 5),
            transfer_log(VVV, STAKER, STAKING, 5),
            log(STAKING, STAKED, STAKING, 5),
        ),
        effects=(
            ("staking.accRewardPerShare", 2 * SCALE),
            ("staking.accRewardPerShareLocked", 4 * SCALE // 3),
            ("staking.lastRewardTimestamp", NOW + 3),
            ("staking.stakes.rewardDebt", STAKING, 12),
            ("vvv.totalSupply", VVV_SUPPLY + 20),
            ("vvv.balanceOf", TREASURY, word(world, "vvv.balanceOf", TREASURY) + 3),
            ("vvv.balanceOf", STAKING, 9 + 17 + 5),
            ("vvv.balanceOf", STAKER, 1000 * UNIT - 5),
            ("vvv.allowance", STAKER, STAKING, 0),
            ("svvv.balanceOf", STAKING, 6),
            ("svvv.totalSupply", 15),
        ),
    )


@pytest.mark.parametrize("recipient", [VVV, DIEM, CREDITS, IMPLEMENTATION], ids=["vvv", "diem", "credits", "code"])
def test_contracts_hold_stakes_like_anyone(world: World, recipient: Address) -> None:
    put(world, "vvv.allowance", STAKER, STAKING, 5)
    assert run(world, STAKING, "stake(address,uint256)", recipient, 5, sender=STAKER).status
    assert word(world, "svvv.balanceOf", recipient) == 5


def test_staking_as_caller_moves_its_own_vvv_to_itself(world: World) -> None:
    # It never calls itself; a machine that is asked to has to agree all the same.
    put(world, "vvv.allowance", STAKING, STAKING, 5)
    before = word(world, "vvv.balanceOf", STAKING)
    assert run(world, STAKING, "stake(address,uint256)", STRANGER, 5, sender=STAKING).status
    assert word(world, "vvv.balanceOf", STAKING) == before
    assert word(world, "svvv.balanceOf", STRANGER) == 5


def test_staker_that_is_the_treasury_receives_both_shares() -> None:
    world = tiny_world()
    run(world, STAKING, "setTreasury(address)", STAKER, sender=OWNER, at=NOW)
    run(world, STAKING, "claim()", sender=STAKER, at=NOW + 3)
    assert word(world, "vvv.balanceOf", STAKER) == 1000 * UNIT + 3 + 12


def test_diem_contract_as_staker_moves_nothing_and_counts_all_the_same(world: World) -> None:
    staked = word(world, "diem.totalStaked")
    assert_carried_out(
        world,
        call_of(DIEM, "stake(uint256)", 5, sender=DIEM),
        logs=(transfer_log(DIEM, DIEM, DIEM, 5), log(DIEM, STAKED, DIEM, 5)),
        effects=(("diem.totalStaked", staked + 5), ("diem.stakedInfos.amountStaked", DIEM, 5)),
    )


def test_gateway_may_spend_its_own_credit(world: World) -> None:
    put(world, "diem.stakedInfos.amountStaked", GATEWAY, UNIT)
    run(world, CREDITS, "record(address)", GATEWAY, sender=GATEWAY)
    assert run(world, CREDITS, "spend(address,uint256)", GATEWAY, UNIT, sender=GATEWAY).status


@pytest.mark.parametrize("account", [ZERO, CREDITS, DIEM], ids=["zero", "credits", "diem"])
def test_any_account_may_be_recorded(world: World, account: Address) -> None:
    assert run(world, CREDITS, "record(address)", account).status


@pytest.mark.parametrize(
    "to,signature,arguments,reason",
    [
        (STAKING, "finalizeUnstake()", (), "NO_COOLDOWN"),
        (STAKING, "claimAndStake()", (), "STAKE_ZERO"),
        (STAKING, "initiateUnstake(uint256)", (1,), "INSUFFICIENT_BALANCE"),
        (STAKING, "mintDiem(uint256,uint256)", (1, 0), "INSUFFICIENT_BALANCE"),
        (STAKING, "burnDiem(uint256)", (1,), "INSUFFICIENT_BALANCE"),
        (STAKING, "stake(address,uint256)", (STRANGER, 1), "Panic(0x11)"),
        (STAKING, "setTreasury(address)", (STRANGER,), error("OwnableUnauthorizedAccount", ZERO)),
        (DIEM, "stake(uint256)", (1,), "INSUFFICIENT_BALANCE"),
        (DIEM, "unstake()", (), "NO_COOLDOWN"),
        (VVV, "mint(address,uint256)", (STRANGER, 1), "UNAUTHORIZED"),
        (CREDITS, "spend(address,uint256)", (MINTER, 1), "NOT_GATEWAY"),
    ],
)
def test_zero_address_as_caller_is_nobody(
    world: World, to: Address, signature: str, arguments: tuple[Any, ...], reason: str
) -> None:
    assert_refused(world, call_of(to, signature, *arguments, sender=ZERO, at=NOW + 9), reason)


def test_zero_address_as_caller_may_claim_nothing_and_approve_vvv(world: World) -> None:
    assert run(world, STAKING, "claim()", sender=ZERO).logs == ()
    assert run(world, VVV, "approve(address,uint256)", STRANGER, MAX, sender=ZERO).status
    put(world, "vvv.balanceOf", ZERO, 7)
    assert run(world, VVV, "transferFrom(address,address,uint256)", ZERO, STRANGER, 7).status
    assert word(world, "vvv.balanceOf", STRANGER) == 7


@pytest.mark.parametrize(
    "call,reason",
    [
        (call_of(STAKING, "claimAndStake()", sender=ZERO), error("ERC20InvalidReceiver", ZERO)),
        (call_of(STAKING, "initiateUnstake(uint256)", 5, sender=ZERO), error("ERC20InvalidSender", ZERO)),
        (call_of(STAKING, "mintDiem(uint256,uint256)", 5, 0, sender=ZERO), error("ERC20InvalidReceiver", ZERO)),
        (call_of(STAKING, "burnDiem(uint256)", 5, sender=ZERO), error("ERC20InvalidSender", ZERO)),
        (call_of(DIEM, "stake(uint256)", 5, sender=ZERO), error("ERC20InvalidSender", ZERO)),
        (call_of(DIEM, "unstake()", sender=ZERO), error("ERC20InvalidReceiver", ZERO)),
    ],
)
def test_svvv_and_diem_of_the_zero_address_if_it_had_any_could_neither_come_nor_go(
    world: World, call: Any, reason: str
) -> None:
    put(world, "svvv.balanceOf", ZERO, 10)
    put(world, "diem.balanceOf", ZERO, 10)
    put(world, "staking.accRewardPerShare", SCALE)
    put(world, "staking.lockedStakes.outstandingDiemAmount", ZERO, 5)
    put(world, "staking.lockedStakes.sVVVLockedAmount", ZERO, 5)
    put(world, "diem.stakedInfos.coolDownAmount", ZERO, 5)
    assert_refused(world, call, reason)


def test_owner_who_is_staking_itself_acts_through_no_detour(world: World) -> None:
    put(world, "staking.owner", STAKING)
    call = call_of(
        STAKING,
        "upgradeToAndCall(address,bytes)",
        IMPLEMENTATION,
        calldata("setTreasury(address)", STRANGER),
        sender=STAKER,
    )
    assert_refused(world, call, error("OwnableUnauthorizedAccount", STAKER))
    assert run(world, STAKING, "setTreasury(address)", STRANGER, sender=STAKING).status
