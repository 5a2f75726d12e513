"""A call is carried out whole or not at all, and answered with a receipt."""

from __future__ import annotations

import pytest

from spec.machine import UnspecifiedAddress, apply
from spec.messages import Address, Call, Receipt
from spec.world import World
from tests.spec.conftest import (
    DIEM,
    IMPLEMENTATION,
    MINTER,
    MINTER_BURNER_ROLE,
    NOW,
    OVERFLOW,
    STAKER,
    STAKING,
    STRANGER,
    TRUE,
    UNIT,
    VVV,
    ZERO,
    call_of,
    place,
    put,
    refused,
    run,
    transfer_log,
    view,
    words,
)


def test_receipt_of_a_call_that_is_carried_out_has_its_output_and_logs(world: World) -> None:
    assert run(world, VVV, "transfer(address,uint256)", STRANGER, 7, sender=STAKER) == Receipt(
        True, TRUE, (transfer_log(VVV, STAKER, STRANGER, 7),)
    )


def test_refused_call_takes_back_the_writes_and_logs_it_had_made(world: World) -> None:
    # The settlement has minted and paid, the allowance then does not suffice.
    before = words(world)
    receipt = run(world, STAKING, "stake(address,uint256)", STAKER, 5, sender=STAKER, at=NOW + 10)
    assert refused(receipt) == OVERFLOW
    assert words(world) == before
    assert world.journal == []


def test_refused_call_leaves_the_journal_of_the_calls_before_it(world: World) -> None:
    run(world, VVV, "transfer(address,uint256)", STRANGER, 7, sender=STAKER)
    journal = list(world.journal)
    assert [(account.address, slot) for account, slot, _ in journal] == [
        place("vvv.balanceOf", STAKER),
        place("vvv.balanceOf", STRANGER),
    ]
    assert refused(run(world, VVV, "transfer(address,uint256)", STRANGER, 10**30, sender=STAKER)) == OVERFLOW
    assert world.journal == journal


def test_logs_of_one_call_do_not_reach_the_next(world: World) -> None:
    run(world, VVV, "transfer(address,uint256)", STRANGER, 7, sender=STAKER)
    assert run(world, VVV, "balanceOf(address)", STRANGER).logs == ()


def test_settled_logs_of_a_refused_call_do_not_reach_the_next(world: World) -> None:
    run(world, STAKING, "stake(address,uint256)", STAKER, 5, sender=STAKER, at=NOW + 10)
    assert run(world, VVV, "balanceOf(address)", STRANGER).logs == ()


@pytest.mark.parametrize("address", [ZERO, STRANGER, IMPLEMENTATION], ids=["zero", "stranger", "implementation"])
def test_address_that_is_not_specified_is_an_error_and_no_refusal(world: World, address: Address) -> None:
    before = words(world)
    with pytest.raises(UnspecifiedAddress, match=f"^0x{address.hex()} is none of the specified contracts$"):
        apply(world, Call(STAKER, address, b"", NOW))
    assert words(world) == before


def test_inner_refusal_is_passed_on_unchanged(world: World) -> None:
    put(world, "diem.hasRole", MINTER_BURNER_ROLE, STAKING, 0)
    receipt = apply(world, call_of(STAKING, "mintDiem(uint256,uint256)", UNIT, 0, sender=MINTER))
    assert refused(receipt) == f"AccessControlUnauthorizedAccount(0x{STAKING.hex()}, 0x{MINTER_BURNER_ROLE.hex()})"


def test_time_may_stand_still_and_may_even_be_before_the_last_settlement(world: World) -> None:
    for at in (0, NOW - 1, NOW):
        assert run(world, STAKING, "claim()", sender=STAKER, at=at).logs == ()
        assert view(world, STAKING, "lastRewardTimestamp()", returns="uint256") == NOW
    assert view(world, DIEM, "totalStaked()", returns="uint256", at=0) == 7_050_000_000_000_000_000
