"""DIEM as a token that staking mints and burns: PROTOCOL 4. What every ERC-20 does is in test_erc20."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from spec.messages import Address
from spec.world import World
from tests.spec.conftest import (
    ADMIN,
    ADMIN_ROLE,
    DIEM,
    EMPTY,
    HOLDER,
    MAX,
    MINTER,
    MINTER_BURNER_ROLE,
    OVERFLOW,
    STAKER,
    STAKING,
    STRANGER,
    UNIT,
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
    transfer_log,
    view,
    views,
)

MINT = "mint(address,uint256)"
BURN = "burn(address,uint256)"
COOLDOWN = "setCooldownDuration(uint256)"


@pytest.mark.parametrize("amount", [0, 1, MAX - 11 * UNIT])
@pytest.mark.parametrize("recipient", [STRANGER, STAKING], ids=["stranger", "staking"])
def test_mint_raises_the_supply_and_has_no_cap(world: World, recipient: Address, amount: int) -> None:
    assert_carried_out(
        world,
        call_of(DIEM, MINT, recipient, amount, sender=STAKING),
        logs=(transfer_log(DIEM, ZERO, recipient, amount),),
        effects=(("diem.totalSupply", 11 * UNIT + amount), ("diem.balanceOf", recipient, amount)) if amount else (),
    )


@pytest.mark.parametrize("amount", [0, 1, 3 * UNIT])
def test_burn_needs_no_approval(world: World, amount: int) -> None:
    assert_carried_out(
        world,
        call_of(DIEM, BURN, MINTER, amount, sender=STAKING),
        logs=(transfer_log(DIEM, MINTER, ZERO, amount),),
        effects=(
            ("diem.totalSupply", 11 * UNIT - amount),
            ("diem.balanceOf", MINTER, 3 * UNIT - amount),
        )
        if amount
        else (),
    )


def test_errors_say_what_was_there_and_what_was_needed(world: World) -> None:
    reason = error("ERC20InsufficientBalance", MINTER, 3 * UNIT, 3 * UNIT + 1)
    assert_refused(world, call_of(DIEM, BURN, MINTER, 3 * UNIT + 1, sender=STAKING), reason)


def test_role_may_be_given_to_others_and_taken_from_staking(world: World) -> None:
    run(world, DIEM, "grantRole(bytes32,address)", MINTER_BURNER_ROLE, STRANGER, sender=ADMIN)
    assert run(world, DIEM, MINT, HOLDER, 5, sender=STRANGER).status
    run(world, DIEM, "revokeRole(bytes32,address)", MINTER_BURNER_ROLE, STAKING, sender=ADMIN)
    reason = error("AccessControlUnauthorizedAccount", STAKING, MINTER_BURNER_ROLE)
    assert_refused(world, call_of(DIEM, MINT, HOLDER, 5, sender=STAKING), reason)


def test_admin_does_not_mint(world: World) -> None:
    reason = error("AccessControlUnauthorizedAccount", ADMIN, MINTER_BURNER_ROLE)
    assert_refused(world, call_of(DIEM, MINT, ADMIN, 1, sender=ADMIN), reason)


@pytest.mark.parametrize("duration", [0, 1, MAX])
def test_admin_sets_the_cooldown(world: World, duration: int) -> None:
    assert_carried_out(
        world,
        call_of(DIEM, COOLDOWN, duration, sender=ADMIN),
        logs=(log(DIEM, "CooldownDurationUpdated(uint256)", duration),),
        effects=(("diem.cooldownDuration", duration),),
    )
    assert view(world, DIEM, "cooldownDuration()", returns="uint256") == duration


NOT_MINTER = Fault(error("AccessControlUnauthorizedAccount", STAKER, MINTER_BURNER_ROLE), sender=STAKER)
RULES = (
    Rule(
        DIEM,
        MINT,
        (HOLDER, 5),
        sender=STAKING,
        faults=(NOT_MINTER, Fault(error("ERC20InvalidReceiver", ZERO), {0: ZERO}), Fault(OVERFLOW, {1: MAX})),
    ),
    Rule(
        DIEM,
        BURN,
        (MINTER, 5),
        sender=STAKING,
        faults=(
            NOT_MINTER,
            Fault(error("ERC20InvalidSender", ZERO), {0: ZERO}),
            Fault("ERC20InsufficientBalance", {1: MAX}),
        ),
    ),
    Rule(
        DIEM,
        COOLDOWN,
        (5,),
        sender=ADMIN,
        faults=(Fault(error("AccessControlUnauthorizedAccount", STAKING, ADMIN_ROLE), sender=STAKING),),
    ),
)


@pytest.mark.parametrize("rule,present", every_mixture_of_faults(*RULES))
def test_first_fault_in_the_protocols_order_decides(rule: Rule, present: int) -> None:
    assert_first_fault_decides(rule, present)


def test_role_that_mints_is_the_hash_of_its_name(world: World) -> None:
    role = view(world, DIEM, "MINTER_BURNER_ROLE()", returns="bytes32")
    assert role == keccak(b"MINTER_BURNER_ROLE")
    assert view(world, DIEM, "hasRole(bytes32,address)", role, STAKING, returns="bool") is True


def test_view_returns_the_variable_of_its_name(world: World) -> None:
    put(world, "diem.stakedInfos.amountStaked", STAKER, 1)
    put(world, "diem.stakedInfos.coolDownEnd", STAKER, 2)
    put(world, "diem.stakedInfos.coolDownAmount", STAKER, 3)
    assert views(world, DIEM, "stakedInfos(address)", STAKER, returns="uint256,uint256,uint256") == (1, 2, 3)
    assert views(world, DIEM, "stakedInfos(address)", STRANGER, returns="uint256,uint256,uint256") == (0, 0, 0)
    assert view(world, DIEM, "totalStaked()", returns="uint256") == 7_050_000_000_000_000_000
    assert view(world, DIEM, "cooldownDuration()", returns="uint256") == 30


@pytest.mark.parametrize(
    "absent", ["permit(address,address,uint256,uint256,uint8,bytes32,bytes32)", "stakeFor(address,uint256)", "owner()"]
)
def test_diem_lacks_what_the_protocol_leaves_out(world: World, absent: str) -> None:
    arguments = [
        0 if part.startswith("uint") else bytes(20 if part == "address" else 32)
        for part in absent[:-1].partition("(")[2].split(",")
        if part
    ]
    assert_refused(world, call_of(DIEM, absent, *arguments, sender=MINTER), EMPTY)
