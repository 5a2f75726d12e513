"""OpenZeppelin's AccessControl, which DIEM has."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from spec.messages import Address, Call
from spec.world import World
from tests.spec.conftest import (
    ADMIN,
    ADMIN_ROLE,
    DIEM,
    EMPTY,
    MINTER_BURNER_ROLE,
    NOW,
    STAKER,
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
    run,
    selector,
    view,
)

GRANT = "grantRole(bytes32,address)"
REVOKE = "revokeRole(bytes32,address)"
RENOUNCE = "renounceRole(bytes32,address)"
GRANTED = "RoleGranted(bytes32 indexed,address indexed,address indexed)"
REVOKED = "RoleRevoked(bytes32 indexed,address indexed,address indexed)"
OTHER_ROLE = keccak(b"OTHER_ROLE")

roles = pytest.mark.parametrize(
    "role", [ADMIN_ROLE, MINTER_BURNER_ROLE, OTHER_ROLE, b"\xff" * 32], ids=["admin", "minter", "other", "ones"]
)


@roles
@pytest.mark.parametrize("account", [STRANGER, ZERO, DIEM], ids=["stranger", "zero", "diem"])
def test_admin_grants_and_revokes_any_role(world: World, role: bytes, account: Address) -> None:
    assert_carried_out(
        world,
        call_of(DIEM, GRANT, role, account, sender=ADMIN),
        logs=(log(DIEM, GRANTED, role, account, ADMIN),),
        effects=(("diem.hasRole", role, account, 1),),
    )
    assert view(world, DIEM, "hasRole(bytes32,address)", role, account, returns="bool") is True
    assert_carried_out(
        world,
        call_of(DIEM, REVOKE, role, account, sender=ADMIN),
        logs=(log(DIEM, REVOKED, role, account, ADMIN),),
        effects=(("diem.hasRole", role, account, 0),),
    )
    assert view(world, DIEM, "hasRole(bytes32,address)", role, account, returns="bool") is False


@roles
def test_holder_renounces_a_role_by_naming_itself(world: World, role: bytes) -> None:
    put(world, "diem.hasRole", role, STAKER, 1)
    assert_carried_out(
        world,
        call_of(DIEM, RENOUNCE, role, STAKER, sender=STAKER),
        logs=(log(DIEM, REVOKED, role, STAKER, STAKER),),
        effects=(("diem.hasRole", role, STAKER, 0),),
    )


def test_granting_what_is_held_and_taking_what_is_not_changes_and_emits_nothing(world: World) -> None:
    assert_carried_out(world, call_of(DIEM, GRANT, MINTER_BURNER_ROLE, STAKING, sender=ADMIN))
    assert_carried_out(world, call_of(DIEM, REVOKE, MINTER_BURNER_ROLE, STRANGER, sender=ADMIN))
    assert_carried_out(world, call_of(DIEM, RENOUNCE, MINTER_BURNER_ROLE, STRANGER, sender=STRANGER))


def test_role_is_given_by_its_own_admin_role_where_it_has_one(world: World) -> None:
    put(world, "diem.adminRole", MINTER_BURNER_ROLE, OTHER_ROLE)
    put(world, "diem.hasRole", OTHER_ROLE, STAKER, 1)
    assert view(world, DIEM, "getRoleAdmin(bytes32)", MINTER_BURNER_ROLE, returns="bytes32") == OTHER_ROLE
    reason = error("AccessControlUnauthorizedAccount", ADMIN, OTHER_ROLE)
    for signature in (GRANT, REVOKE):
        assert_refused(world, call_of(DIEM, signature, MINTER_BURNER_ROLE, STRANGER, sender=ADMIN), reason)
        assert run(world, DIEM, signature, MINTER_BURNER_ROLE, STRANGER, sender=STAKER).status


@pytest.mark.parametrize("signature", [RENOUNCE, REVOKE])
def test_admin_may_leave_nobody_in_charge(world: World, signature: str) -> None:
    assert run(world, DIEM, signature, ADMIN_ROLE, ADMIN, sender=ADMIN).status
    reason = error("AccessControlUnauthorizedAccount", ADMIN, ADMIN_ROLE)
    assert_refused(world, call_of(DIEM, GRANT, ADMIN_ROLE, ADMIN, sender=ADMIN), reason)


NOT_ADMIN = error("AccessControlUnauthorizedAccount", STAKING, ADMIN_ROLE)
RULES = (
    Rule(DIEM, GRANT, (MINTER_BURNER_ROLE, STRANGER), sender=ADMIN, faults=(Fault(NOT_ADMIN, sender=STAKING),)),
    Rule(DIEM, REVOKE, (MINTER_BURNER_ROLE, STAKING), sender=ADMIN, faults=(Fault(NOT_ADMIN, sender=STAKING),)),
    Rule(
        DIEM,
        RENOUNCE,
        (MINTER_BURNER_ROLE, STAKING),
        sender=STAKING,
        faults=(Fault("AccessControlBadConfirmation()", sender=ADMIN),),
    ),
)


@pytest.mark.parametrize("rule,present", every_mixture_of_faults(*RULES))
def test_first_fault_in_openzeppelins_order_decides(rule: Rule, present: int) -> None:
    assert_first_fault_decides(rule, present)


@pytest.mark.parametrize("role", [MINTER_BURNER_ROLE, OTHER_ROLE])
def test_holder_of_another_role_may_not_grant(world: World, role: bytes) -> None:
    put(world, "diem.hasRole", role, STAKER, 1)
    reason = error("AccessControlUnauthorizedAccount", STAKER, ADMIN_ROLE)
    assert_refused(world, call_of(DIEM, GRANT, role, STRANGER, sender=STAKER), reason)


@roles
def test_every_role_begins_under_the_default_admin_role(world: World, role: bytes) -> None:
    assert view(world, DIEM, "getRoleAdmin(bytes32)", role, returns="bytes32") == ADMIN_ROLE
    assert view(world, DIEM, "DEFAULT_ADMIN_ROLE()", returns="bytes32") == ADMIN_ROLE


@pytest.mark.parametrize(
    "interface,supported",
    [
        # IERC165, IAccessControl, the value that ERC-165 reserves, IERC20, and one next to IERC165.
        ("01ffc9a7", True),
        ("7965db0b", True),
        ("ffffffff", False),
        ("36372b07", False),
        ("01ffc9a8", False),
        ("00000000", False),
    ],
)
def test_interfaces_are_erc_165_and_access_control(world: World, interface: str, supported: bool) -> None:
    asked = bytes.fromhex(interface)
    assert view(world, DIEM, "supportsInterface(bytes4)", asked, returns="bool") is supported


def test_interface_identifiers_are_the_exclusive_or_of_their_selectors() -> None:
    signatures = ("hasRole(bytes32,address)", "getRoleAdmin(bytes32)", GRANT, REVOKE, RENOUNCE)
    identifier = 0
    for signature in signatures:
        identifier ^= int.from_bytes(selector(signature), "big")
    assert identifier == 0x7965DB0B
    assert selector("supportsInterface(bytes4)").hex() == "01ffc9a7"


def test_interface_of_more_than_4_bytes_is_refused_with_empty_data(world: World) -> None:
    data = selector("supportsInterface(bytes4)") + bytes.fromhex("01ffc9a701") + bytes(27)
    assert_refused(world, Call(STRANGER, DIEM, data, NOW), EMPTY)
