"""Staking behind its proxy: initialization is over, and upgrades are OpenZeppelin's UUPS."""

from __future__ import annotations

import pytest

from spec.messages import Address
from spec.world import World
from tests.spec.conftest import (
    CREDITS,
    DIEM,
    IMPLEMENTATION,
    MAX,
    NOW,
    OWNER,
    STAKER,
    STAKING,
    STRANGER,
    TREASURY,
    UNIT,
    VVV,
    ZERO,
    Fault,
    Rule,
    assert_carried_out,
    assert_first_fault_decides,
    assert_refused,
    call_of,
    calldata,
    error,
    every_mixture_of_faults,
    log,
    put,
    selector,
    view,
    word,
)

UPGRADE = "upgradeToAndCall(address,bytes)"
UPGRADED = log(STAKING, "Upgraded(address indexed)", IMPLEMENTATION)


@pytest.mark.parametrize("sender", [OWNER, STRANGER, STAKING], ids=["owner", "stranger", "staking"])
def test_initializer_is_refused_to_everyone(world: World, sender: Address) -> None:
    call = call_of(STAKING, "initialize(address,address,address,address)", VVV, DIEM, TREASURY, sender, sender=sender)
    assert_refused(world, call, "InvalidInitialization()")


def test_proxy_itself_has_no_proxiable_uuid(world: World) -> None:
    assert_refused(world, call_of(STAKING, "proxiableUUID()", sender=OWNER), "UUPSUnauthorizedCallContext()")


def test_upgrade_interface_version_is_openzeppelins(world: World) -> None:
    assert view(world, STAKING, "UPGRADE_INTERFACE_VERSION()", returns="string") == "5.0.0"


def test_upgrade_to_the_same_code_emits_and_changes_nothing(world: World) -> None:
    assert_carried_out(world, call_of(STAKING, UPGRADE, IMPLEMENTATION, b"", sender=OWNER), logs=(UPGRADED,))
    assert word(world, "staking.implementation") == int.from_bytes(IMPLEMENTATION, "big")


def test_upgrade_runs_its_data_as_a_call_of_the_owner(world: World) -> None:
    assert_carried_out(
        world,
        call_of(STAKING, UPGRADE, IMPLEMENTATION, calldata("setCooldownDuration(uint256)", 9), sender=OWNER),
        logs=(UPGRADED, log(STAKING, "CooldownDurationUpdated(uint256)", 9)),
        effects=(("staking.cooldownDuration", 9),),
    )


def test_upgrade_returns_nothing_even_if_its_data_are_a_views(world: World) -> None:
    call = call_of(STAKING, UPGRADE, IMPLEMENTATION, calldata("totalSupply()"), sender=OWNER)
    assert_carried_out(world, call, logs=(UPGRADED,))


def test_upgrades_nest(world: World) -> None:
    inner = calldata(UPGRADE, IMPLEMENTATION, calldata("setTreasury(address)", STRANGER))
    assert_carried_out(
        world,
        call_of(STAKING, UPGRADE, IMPLEMENTATION, calldata(UPGRADE, IMPLEMENTATION, inner), sender=OWNER),
        logs=(UPGRADED, UPGRADED, UPGRADED, log(STAKING, "TreasuryUpdated(address)", STRANGER)),
        effects=(("staking.treasury", STRANGER),),
    )


def test_ownership_given_away_in_the_data_is_gone_for_the_data_behind_it(world: World) -> None:
    call = call_of(STAKING, UPGRADE, IMPLEMENTATION, calldata("renounceOwnership()"), sender=OWNER)
    assert_carried_out(
        world,
        call,
        logs=(UPGRADED, log(STAKING, "OwnershipTransferred(address indexed,address indexed)", OWNER, ZERO)),
        effects=(("staking.owner", ZERO),),
    )
    assert_refused(world, call, error("OwnableUnauthorizedAccount", OWNER))


@pytest.mark.parametrize(
    "data,reason",
    [
        (calldata("setTreasury(address)", ZERO), "INVALID_ADDRESS"),
        (calldata("transferOwnership(address)", ZERO), error("OwnableInvalidOwner", ZERO)),
        (
            calldata("initialize(address,address,address,address)", VVV, DIEM, TREASURY, OWNER),
            "InvalidInitialization()",
        ),
        (calldata("proxiableUUID()"), "UUPSUnauthorizedCallContext()"),
        (calldata("initiateUnstake(uint256)", 0), "UNSTAKE_ZERO"),
        (calldata(UPGRADE, VVV, b""), error("ERC1967InvalidImplementation", VVV)),
        # Empty revert data of the inner call have a name in the outer one.
        (b"\x00", "FailedCall()"),
        (b"\xff\xff\xff\xff", "FailedCall()"),
        (selector("setTreasury(address)"), "FailedCall()"),
        (selector("setTreasury(address)") + b"\xff" * 32, "FailedCall()"),
        (calldata("diemSupply(uint256)", 256), "FailedCall()"),
        (calldata(UPGRADE, STRANGER, b""), "FailedCall()"),
        (calldata(UPGRADE, IMPLEMENTATION, b"\x00"), "FailedCall()"),
        (selector(UPGRADE) + bytes(12) + IMPLEMENTATION + (64).to_bytes(32, "big") + b"\xff" * 32, "Panic(0x41)"),
    ],
)
def test_refusal_of_the_data_is_the_refusal_of_the_upgrade(world: World, data: bytes, reason: str) -> None:
    assert_refused(world, call_of(STAKING, UPGRADE, IMPLEMENTATION, data, sender=OWNER), reason)


@pytest.mark.parametrize(
    "implementation,reason",
    [
        (VVV, error("ERC1967InvalidImplementation", VVV)),
        (DIEM, error("ERC1967InvalidImplementation", DIEM)),
        (CREDITS, error("ERC1967InvalidImplementation", CREDITS)),
        (STAKING, error("ERC1967InvalidImplementation", STAKING)),
        (STRANGER, "empty"),
        (ZERO, "empty"),
        (OWNER, "empty"),
        (Address(bytes(19) + b"\x01"), "empty"),
    ],
)
@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("data", [b"", calldata("claim()")])
def test_only_the_present_implementation_is_one(
    world: World, implementation: Address, reason: str, value: int, data: bytes
) -> None:
    assert_refused(world, call_of(STAKING, UPGRADE, implementation, data, sender=OWNER, value=value), reason)


def test_value_needs_data_that_take_it(world: World) -> None:
    for data, reason in (
        (b"", "ERC1967NonPayable()"),
        (calldata("claim()"), "FailedCall()"),
        (calldata("totalSupply()"), "FailedCall()"),
        (calldata(UPGRADE, IMPLEMENTATION, b""), "ERC1967NonPayable()"),
        (calldata(UPGRADE, IMPLEMENTATION, calldata("claim()")), "FailedCall()"),
    ):
        assert_refused(world, call_of(STAKING, UPGRADE, IMPLEMENTATION, data, sender=OWNER, value=1), reason)


def test_overflow_in_the_data_is_passed_on(world: World) -> None:
    put(world, "staking.emissionRatePerSecond", MAX)
    call = call_of(STAKING, UPGRADE, IMPLEMENTATION, calldata("claim()"), sender=OWNER, at=NOW + 1)
    assert_refused(world, call, "Panic(0x11)")


RULES = (
    Rule(
        STAKING,
        UPGRADE,
        (IMPLEMENTATION, b""),
        sender=OWNER,
        faults=(
            Fault(error("OwnableUnauthorizedAccount", STAKER), sender=STAKER),
            Fault("empty", {0: STRANGER}),
            Fault(error("ERC1967InvalidImplementation", VVV), {0: VVV}),
            Fault("ERC1967NonPayable()", value=UNIT),
        ),
    ),
)


@pytest.mark.parametrize("rule,present", every_mixture_of_faults(*RULES))
def test_first_fault_in_openzeppelins_order_decides(rule: Rule, present: int) -> None:
    assert_first_fault_decides(rule, present)
