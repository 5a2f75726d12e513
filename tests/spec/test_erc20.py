"""OpenZeppelin's ERC-20, of which DIEM is the plain and sVVV the frozen kind."""

from __future__ import annotations

import pytest

from spec.messages import Address
from spec.world import World
from tests.spec.conftest import (
    DIEM,
    HOLDER,
    MAX,
    MINTER,
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
    error,
    every_mixture_of_faults,
    put,
    run,
    transfer_log,
    view,
    word,
)

TRANSFER = "transfer(address,uint256)"
TRANSFER_FROM = "transferFrom(address,address,uint256)"
APPROVE = "approve(address,uint256)"

tokens = pytest.mark.parametrize("token,name", [(DIEM, "diem"), (STAKING, "svvv")], ids=["diem", "svvv"])


@pytest.mark.parametrize("amount", [0, 1, 3 * UNIT])
def test_transfer_moves_the_callers_balance(world: World, amount: int) -> None:
    assert_carried_out(
        world,
        call_of(DIEM, TRANSFER, STRANGER, amount, sender=MINTER),
        output=TRUE,
        logs=(transfer_log(DIEM, MINTER, STRANGER, amount),),
        effects=(("diem.balanceOf", MINTER, 3 * UNIT - amount), ("diem.balanceOf", STRANGER, amount)) if amount else (),
    )


def test_transfer_to_oneself_changes_nothing_but_needs_the_balance(world: World) -> None:
    assert_carried_out(
        world,
        call_of(DIEM, TRANSFER, MINTER, 3 * UNIT, sender=MINTER),
        output=TRUE,
        logs=(transfer_log(DIEM, MINTER, MINTER, 3 * UNIT),),
    )
    reason = error("ERC20InsufficientBalance", MINTER, 3 * UNIT, 3 * UNIT + 1)
    assert_refused(world, call_of(DIEM, TRANSFER, MINTER, 3 * UNIT + 1, sender=MINTER), reason)


@pytest.mark.parametrize("recipient", [VVV, STAKING, DIEM], ids=["vvv", "staking", "diem"])
def test_contracts_are_recipients_like_any_other(world: World, recipient: Address) -> None:
    before = word(world, "diem.balanceOf", recipient)
    run(world, DIEM, TRANSFER, recipient, 5, sender=MINTER)
    assert word(world, "diem.balanceOf", recipient) == before + 5


@tokens
def test_approve_replaces_the_allowance(world: World, token: Address, name: str) -> None:
    for amount in (7, MAX, 0):
        assert_carried_out(
            world,
            call_of(token, APPROVE, STRANGER, amount, sender=MINTER),
            output=TRUE,
            logs=(approval_log(token, MINTER, STRANGER, amount),),
            effects=((f"{name}.allowance", MINTER, STRANGER, amount),),
        )


@pytest.mark.parametrize("allowed,left", [(9, 4), (5, 0), (MAX - 1, MAX - 6), (MAX, MAX)])
def test_transfer_from_lowers_the_allowance_unless_it_is_without_limit_and_emits_no_approval(
    world: World, allowed: int, left: int
) -> None:
    put(world, "diem.allowance", MINTER, STRANGER, allowed)
    assert_carried_out(
        world,
        call_of(DIEM, TRANSFER_FROM, MINTER, HOLDER, 5, sender=STRANGER),
        output=TRUE,
        logs=(transfer_log(DIEM, MINTER, HOLDER, 5),),
        effects=(
            ("diem.balanceOf", MINTER, 3 * UNIT - 5),
            ("diem.balanceOf", HOLDER, 950_000_000_000_000_005),
            *([("diem.allowance", MINTER, STRANGER, left)] if left != allowed else []),
        ),
    )


INVALID_SENDER = error("ERC20InvalidSender", ZERO)
INVALID_RECEIVER = error("ERC20InvalidReceiver", ZERO)
INVALID_APPROVER = error("ERC20InvalidApprover", ZERO)
INVALID_SPENDER = error("ERC20InvalidSpender", ZERO)
FROZEN = "NOT_TRANSFERRABLE"


def _approved(name: str, amount: int) -> tuple[tuple[str, Address, Address, int], ...]:
    """Return allowances of the minter and of the zero address for the stranger and for the zero address."""
    return tuple(
        (f"{name}.allowance", owner, spender, amount) for owner in (MINTER, ZERO) for spender in (STRANGER, ZERO)
    )


def _poor(name: str) -> tuple[tuple[str, Address, int], ...]:
    return ((f"{name}.balanceOf", MINTER, 4), (f"{name}.balanceOf", STRANGER, 4), (f"{name}.balanceOf", ZERO, 4))


def _rich(name: str) -> tuple[tuple[str, Address, int], ...]:
    return ((f"{name}.balanceOf", MINTER, 5), (f"{name}.balanceOf", STRANGER, 5), (f"{name}.balanceOf", ZERO, 5))


DIEM_RULES = (
    Rule(
        DIEM,
        TRANSFER,
        (HOLDER, 5),
        sender=MINTER,
        words=_rich("diem"),
        faults=(
            Fault(INVALID_SENDER, sender=ZERO),
            Fault(INVALID_RECEIVER, {0: ZERO}),
            Fault("ERC20InsufficientBalance", words=_poor("diem")),
        ),
    ),
    Rule(
        DIEM,
        TRANSFER_FROM,
        (MINTER, HOLDER, 5),
        words=(*_approved("diem", 5), *_rich("diem")),
        faults=(
            Fault("ERC20InsufficientAllowance", words=_approved("diem", 4)),
            Fault(INVALID_APPROVER, {0: ZERO}),
            Fault(INVALID_SPENDER, sender=ZERO),
            Fault(INVALID_RECEIVER, {1: ZERO}),
            Fault("ERC20InsufficientBalance", words=_poor("diem")),
        ),
    ),
    # An allowance without limit is not written, so neither of its accounts is looked at.
    Rule(
        DIEM,
        TRANSFER_FROM,
        (MINTER, HOLDER, 5),
        sender=ZERO,
        words=(*_approved("diem", MAX), *_rich("diem")),
        faults=(
            Fault(INVALID_SENDER, {0: ZERO}),
            Fault(INVALID_RECEIVER, {1: ZERO}),
            Fault("ERC20InsufficientBalance", words=_poor("diem")),
        ),
    ),
    Rule(
        DIEM,
        APPROVE,
        (HOLDER, 5),
        sender=MINTER,
        faults=(
            Fault(INVALID_APPROVER, sender=ZERO),
            Fault(INVALID_SPENDER, {0: ZERO}),
        ),
    ),
    Rule(
        STAKING,
        APPROVE,
        (HOLDER, 5),
        sender=MINTER,
        faults=(
            Fault(INVALID_APPROVER, sender=ZERO),
            Fault(INVALID_SPENDER, {0: ZERO}),
        ),
    ),
)


@pytest.mark.parametrize("rule,present", every_mixture_of_faults(*DIEM_RULES))
def test_first_fault_in_openzeppelins_order_decides(rule: Rule, present: int) -> None:
    assert_first_fault_decides(rule, present)


SVVV_RULES = (
    Rule(
        STAKING,
        TRANSFER,
        (HOLDER, 5),
        sender=MINTER,
        words=_rich("svvv"),
        faults=(
            Fault(INVALID_SENDER, sender=ZERO),
            Fault(INVALID_RECEIVER, {0: ZERO}),
            Fault(FROZEN),
            Fault("ERC20InsufficientBalance", words=_poor("svvv")),
        ),
    ),
    Rule(
        STAKING,
        TRANSFER_FROM,
        (MINTER, HOLDER, 5),
        words=(*_approved("svvv", 5), *_rich("svvv")),
        faults=(
            Fault("ERC20InsufficientAllowance", words=_approved("svvv", 4)),
            Fault(INVALID_APPROVER, {0: ZERO}),
            Fault(INVALID_SPENDER, sender=ZERO),
            Fault(INVALID_RECEIVER, {1: ZERO}),
            Fault(FROZEN),
            Fault("ERC20InsufficientBalance", words=_poor("svvv")),
        ),
    ),
)


def _with_frozen_token(rules: tuple[Rule, ...]) -> list[object]:
    """Return the mixtures in which the token is frozen, as sVVV always is."""
    return [
        row
        for row in every_mixture_of_faults(*rules)
        if isinstance(rule := row.values[0], Rule)
        and int(str(row.values[1])) >> [fault.reason for fault in rule.faults].index(FROZEN) & 1
    ]


@pytest.mark.parametrize("rule,present", _with_frozen_token(SVVV_RULES))
def test_svvv_is_not_transferrable_after_the_checks_of_addresses_and_allowance_and_before_that_of_the_balance(
    rule: Rule, present: int
) -> None:
    assert_first_fault_decides(rule, present)


@pytest.mark.parametrize("amount", [0, 1, 5000 * UNIT, MAX])
@pytest.mark.parametrize("recipient", [STRANGER, STAKER, STAKING], ids=["stranger", "oneself", "staking"])
def test_svvv_is_not_transferrable_whatever_the_amount_and_whoever_receives(
    world: World, recipient: Address, amount: int
) -> None:
    assert_refused(world, call_of(STAKING, TRANSFER, recipient, amount, sender=STAKER), FROZEN)
    put(world, "svvv.allowance", STAKER, STRANGER, MAX)
    assert_refused(world, call_of(STAKING, TRANSFER_FROM, STAKER, recipient, amount, sender=STRANGER), FROZEN)


def test_errors_say_what_was_there_and_what_was_needed(world: World) -> None:
    reason = error("ERC20InsufficientBalance", HOLDER, 950_000_000_000_000_000, UNIT)
    assert_refused(world, call_of(DIEM, TRANSFER, STRANGER, UNIT, sender=HOLDER), reason)
    put(world, "diem.allowance", HOLDER, STRANGER, 4)
    reason = error("ERC20InsufficientAllowance", STRANGER, 4, 5)
    assert_refused(world, call_of(DIEM, TRANSFER_FROM, HOLDER, STAKER, 5, sender=STRANGER), reason)


@pytest.mark.parametrize(
    "token,name,symbol,supply,holder,balance",
    [
        (DIEM, "Diem", "DIEM", 11 * UNIT, MINTER, 3 * UNIT),
        (STAKING, "Staked Venice Token", "sVVV", 9001 * UNIT + 3, STAKER, 5000 * UNIT),
    ],
)
def test_view_returns_the_variable_of_its_name(
    world: World, token: Address, name: str, symbol: str, supply: int, holder: Address, balance: int
) -> None:
    put(world, "diem.allowance", holder, STRANGER, 31)
    put(world, "svvv.allowance", holder, STRANGER, 31)
    assert view(world, token, "name()", returns="string") == name
    assert view(world, token, "symbol()", returns="string") == symbol
    assert view(world, token, "decimals()", returns="uint8") == 18
    assert view(world, token, "totalSupply()", returns="uint256") == supply
    assert view(world, token, "balanceOf(address)", holder, returns="uint256") == balance
    assert view(world, token, "balanceOf(address)", STRANGER, returns="uint256") == 0
    assert view(world, token, "allowance(address,address)", holder, STRANGER, returns="uint256") == 31
    assert view(world, token, "allowance(address,address)", STRANGER, holder, returns="uint256") == 0
