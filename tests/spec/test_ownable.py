"""OpenZeppelin's Ownable, which staking has."""

from __future__ import annotations

import pytest

from spec.messages import Address
from spec.world import World
from tests.spec.conftest import (
    OWNER,
    STAKING,
    STRANGER,
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
    view,
)

TRANSFERRED = "OwnershipTransferred(address indexed,address indexed)"


@pytest.mark.parametrize("new_owner", [STRANGER, STAKING, OWNER], ids=["stranger", "staking", "the-same"])
def test_owner_hands_ownership_over_at_once(world: World, new_owner: Address) -> None:
    assert_carried_out(
        world,
        call_of(STAKING, "transferOwnership(address)", new_owner, sender=OWNER),
        logs=(log(STAKING, TRANSFERRED, OWNER, new_owner),),
        effects=(("staking.owner", new_owner),) if new_owner != OWNER else (),
    )
    assert view(world, STAKING, "owner()", returns="address") == new_owner


def test_renounced_ownership_is_nobodys(world: World) -> None:
    assert_carried_out(
        world,
        call_of(STAKING, "renounceOwnership()", sender=OWNER),
        logs=(log(STAKING, TRANSFERRED, OWNER, ZERO),),
        effects=(("staking.owner", ZERO),),
    )
    assert view(world, STAKING, "owner()", returns="address") == ZERO
    reason = error("OwnableUnauthorizedAccount", OWNER)
    assert_refused(world, call_of(STAKING, "transferOwnership(address)", OWNER, sender=OWNER), reason)


def test_after_renouncing_the_zero_address_compares_as_the_owner(world: World) -> None:
    # No transaction comes from it; OpenZeppelin's comparison does not know that.
    put(world, "staking.owner", 0)
    assert_carried_out(
        world,
        call_of(STAKING, "transferOwnership(address)", STRANGER, sender=ZERO),
        logs=(log(STAKING, TRANSFERRED, ZERO, STRANGER),),
        effects=(("staking.owner", STRANGER),),
    )


RULES = (
    Rule(
        STAKING,
        "transferOwnership(address)",
        (STRANGER,),
        sender=OWNER,
        faults=(
            Fault(error("OwnableUnauthorizedAccount", STRANGER), sender=STRANGER),
            Fault(error("OwnableInvalidOwner", ZERO), {0: ZERO}),
        ),
    ),
    Rule(
        STAKING,
        "renounceOwnership()",
        sender=OWNER,
        faults=(Fault(error("OwnableUnauthorizedAccount", STRANGER), sender=STRANGER),),
    ),
)


@pytest.mark.parametrize("rule,present", every_mixture_of_faults(*RULES))
def test_first_fault_in_openzeppelins_order_decides(rule: Rule, present: int) -> None:
    assert_first_fault_decides(rule, present)
