"""VVV as solmate has it: PROTOCOL 2."""

from __future__ import annotations

from typing import Any

import pytest

from spec.messages import Address
from spec.world import World
from tests.spec.conftest import (
    DIEM,
    HOLDER,
    MAX,
    NEWCOMER,
    OVERFLOW,
    SMALL_STAKER,
    STAKER,
    STAKING,
    STRANGER,
    TRUE,
    UNIT,
    VVV,
    ZERO,
    Fault,
    Rule,
    approval_log,
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
    word,
)

SUPPLY = 100_000_500 * UNIT


@pytest.mark.parametrize("amount", [0, 1, 1000 * UNIT])
def test_transfer_moves_the_callers_balance(world: World, amount: int) -> None:
    assert_carried_out(
        world,
        call_of(VVV, "transfer(address,uint256)", STRANGER, amount, sender=STAKER),
        output=TRUE,
        logs=(transfer_log(VVV, STAKER, STRANGER, amount),),
        effects=(
            ("vvv.balanceOf", STAKER, 1000 * UNIT - amount),
            ("vvv.balanceOf", STRANGER, amount),
        )
        if amount
        else (),
    )


def test_transfer_to_the_zero_address_succeeds_and_does_not_lower_the_supply(world: World) -> None:
    assert_carried_out(
        world,
        call_of(VVV, "transfer(address,uint256)", ZERO, 5, sender=STAKER),
        output=TRUE,
        logs=(transfer_log(VVV, STAKER, ZERO, 5),),
        effects=(("vvv.balanceOf", STAKER, 1000 * UNIT - 5), ("vvv.balanceOf", ZERO, 5)),
    )
    assert view(world, VVV, "totalSupply()", returns="uint256") == SUPPLY


def test_transfer_to_oneself_changes_nothing_but_needs_the_balance(world: World) -> None:
    assert_carried_out(
        world,
        call_of(VVV, "transfer(address,uint256)", STAKER, 1000 * UNIT, sender=STAKER),
        output=TRUE,
        logs=(transfer_log(VVV, STAKER, STAKER, 1000 * UNIT),),
    )
    assert_refused(world, call_of(VVV, "transfer(address,uint256)", STAKER, 1000 * UNIT + 1, sender=STAKER), OVERFLOW)


@pytest.mark.parametrize("recipient", [VVV, STAKING, DIEM], ids=["vvv", "staking", "diem"])
def test_contracts_are_recipients_like_any_other(world: World, recipient: Address) -> None:
    before = word(world, "vvv.balanceOf", recipient)
    run(world, VVV, "transfer(address,uint256)", recipient, 5, sender=STAKER)
    assert word(world, "vvv.balanceOf", recipient) == before + 5


def test_balances_are_added_without_a_check_as_their_sum_is_the_supply(world: World) -> None:
    # No history leads here; solmate's sum is unchecked all the same.
    put(world, "vvv.balanceOf", STRANGER, MAX)
    run(world, VVV, "transfer(address,uint256)", STRANGER, 5, sender=STAKER)
    assert word(world, "vvv.balanceOf", STRANGER) == 4


def test_approve_replaces_the_allowance(world: World) -> None:
    for amount in (7, MAX, 0):
        assert_carried_out(
            world,
            call_of(VVV, "approve(address,uint256)", STRANGER, amount, sender=STAKER),
            output=TRUE,
            logs=(approval_log(VVV, STAKER, STRANGER, amount),),
            effects=(("vvv.allowance", STAKER, STRANGER, amount),),
        )
    assert view(world, VVV, "allowance(address,address)", STAKER, STRANGER, returns="uint256") == 0


@pytest.mark.parametrize("spender", [ZERO, STAKER], ids=["zero", "oneself"])
def test_anyone_may_be_allowed(world: World, spender: Address) -> None:
    run(world, VVV, "approve(address,uint256)", spender, 7, sender=STAKER)
    assert view(world, VVV, "allowance(address,address)", STAKER, spender, returns="uint256") == 7


@pytest.mark.parametrize("allowed,left", [(9, 4), (5, 0), (MAX - 1, MAX - 6), (MAX, MAX)])
def test_transfer_from_lowers_the_allowance_unless_it_is_without_limit(world: World, allowed: int, left: int) -> None:
    put(world, "vvv.allowance", STAKER, STRANGER, allowed)
    assert_carried_out(
        world,
        call_of(VVV, "transferFrom(address,address,uint256)", STAKER, HOLDER, 5, sender=STRANGER),
        output=TRUE,
        logs=(transfer_log(VVV, STAKER, HOLDER, 5),),
        effects=(
            ("vvv.balanceOf", STAKER, 1000 * UNIT - 5),
            ("vvv.balanceOf", HOLDER, 5),
            *([("vvv.allowance", STAKER, STRANGER, left)] if left != allowed else []),
        ),
    )


def test_mint_raises_the_supply_and_has_no_cap(world: World) -> None:
    assert_carried_out(
        world,
        call_of(VVV, "mint(address,uint256)", STRANGER, MAX - SUPPLY, sender=STAKING),
        logs=(transfer_log(VVV, ZERO, STRANGER, MAX - SUPPLY),),
        effects=(("vvv.totalSupply", MAX), ("vvv.balanceOf", STRANGER, MAX - SUPPLY)),
    )


def test_mint_to_the_zero_address_succeeds(world: World) -> None:
    assert_carried_out(
        world,
        call_of(VVV, "mint(address,uint256)", ZERO, 5, sender=STAKING),
        logs=(transfer_log(VVV, ZERO, ZERO, 5),),
        effects=(("vvv.totalSupply", SUPPLY + 5), ("vvv.balanceOf", ZERO, 5)),
    )


@pytest.mark.parametrize("new_owner", [STRANGER, ZERO, VVV, STAKING], ids=["stranger", "zero", "vvv", "the-same"])
def test_ownership_goes_to_whomever_the_owner_names(world: World, new_owner: Address) -> None:
    assert_carried_out(
        world,
        call_of(VVV, "transferOwnership(address)", new_owner, sender=STAKING),
        logs=(log(VVV, "OwnershipTransferred(address indexed,address indexed)", STAKING, new_owner),),
        effects=(("vvv.owner", new_owner),) if new_owner != STAKING else (),
    )
    assert view(world, VVV, "owner()", returns="address") == new_owner
    run(world, VVV, "mint(address,uint256)", STAKER, 1, sender=new_owner)
    assert word(world, "vvv.totalSupply") == SUPPLY + 1


RULES = (
    Rule(
        VVV,
        "transfer(address,uint256)",
        (STRANGER, 1000 * UNIT),
        sender=STAKER,
        faults=(Fault(OVERFLOW, {1: 1000 * UNIT + 1}),),
    ),
    Rule(
        VVV,
        "transferFrom(address,address,uint256)",
        (STAKER, HOLDER, 5),
        words=(("vvv.allowance", STAKER, STRANGER, 5),),
        faults=(
            Fault(OVERFLOW, words=(("vvv.allowance", STAKER, STRANGER, 4),)),
            Fault(OVERFLOW, words=(("vvv.balanceOf", STAKER, 4),)),
        ),
    ),
    Rule(
        VVV,
        "mint(address,uint256)",
        (STAKER, 5),
        sender=STAKING,
        faults=(
            Fault("UNAUTHORIZED", sender=STRANGER),
            Fault(OVERFLOW, {1: MAX}),
        ),
    ),
    Rule(VVV, "transferOwnership(address)", (STAKER,), sender=STAKING, faults=(Fault("UNAUTHORIZED", sender=STAKER),)),
)


@pytest.mark.parametrize("rule,present", every_mixture_of_faults(*RULES))
def test_first_fault_in_the_protocols_order_decides(rule: Rule, present: int) -> None:
    assert_first_fault_decides(rule, present)


def test_allowance_does_not_help_its_owner(world: World) -> None:
    call = call_of(VVV, "transferFrom(address,address,uint256)", STAKER, HOLDER, 5, sender=STAKER)
    assert_refused(world, call, OVERFLOW)
    run(world, VVV, "approve(address,uint256)", STAKER, 5, sender=STAKER)
    assert run(world, VVV, "transferFrom(address,address,uint256)", STAKER, HOLDER, 5, sender=STAKER).status


@pytest.mark.parametrize(
    "signature,arguments,returns,value",
    [
        ("name()", (), "string", "Venice Token"),
        ("symbol()", (), "string", "VVV"),
        ("decimals()", (), "uint8", 18),
        ("totalSupply()", (), "uint256", SUPPLY),
        ("balanceOf(address)", (SMALL_STAKER,), "uint256", 10 * UNIT),
        ("balanceOf(address)", (NEWCOMER,), "uint256", 700 * UNIT),
        ("balanceOf(address)", (STRANGER,), "uint256", 0),
        ("allowance(address,address)", (STAKER, STRANGER), "uint256", 31),
        ("allowance(address,address)", (STRANGER, STAKER), "uint256", 0),
        ("nonces(address)", (STAKER,), "uint256", 32),
        ("owner()", (), "address", STAKING),
    ],
)
def test_view_returns_the_variable_of_its_name(
    world: World, signature: str, arguments: tuple[Any, ...], returns: str, value: object
) -> None:
    put(world, "vvv.allowance", STAKER, STRANGER, 31)
    put(world, "vvv.nonces", STAKER, 32)
    assert view(world, VVV, signature, *arguments, returns=returns) == value
