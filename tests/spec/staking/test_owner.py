"""What the owner may set: PROTOCOL 3.3."""

from __future__ import annotations

from typing import Any

import pytest

from spec.world import World
from tests.spec.conftest import (
    DIEM,
    MAX,
    NOW,
    OWNER,
    SCALE,
    SETTLEMENT_OVERFLOWS,
    STAKING,
    STRANGER,
    TREASURY,
    TREASURY_VVV,
    UNIT,
    VVV,
    VVV_SUPPLY,
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
    tiny_world,
    transfer_log,
    view,
    word,
)

RATE = "setEmissionRate(uint256)"
SHARE = "setVeniceEmissionsPercentage(uint256)"
FEE = "setVeniceEmissionsPercentageWhenLocked(uint256)"
COOLDOWN = "setCooldownDuration(uint256)"
SET_TREASURY = "setTreasury(address)"
FEE_UPDATED = "VeniceEmissionsPercentageWhenLockedUpdated(uint256)"
CURVE = "setDiemMintCurve(uint256[256],uint256[256])"

# Three seconds of `tiny_world`, worked out in test_rewards.
MINTED = (transfer_log(VVV, ZERO, TREASURY, 3), transfer_log(VVV, ZERO, STAKING, 17))
SETTLED: tuple[tuple[Any, ...], ...] = (
    ("staking.accRewardPerShare", 2 * SCALE),
    ("staking.accRewardPerShareLocked", 4 * SCALE // 3),
    ("staking.lastRewardTimestamp", NOW + 3),
    ("vvv.totalSupply", VVV_SUPPLY + 20),
    ("vvv.balanceOf", TREASURY, TREASURY_VVV + 3),
    ("vvv.balanceOf", STAKING, 9 + 17),
)


@pytest.mark.parametrize(
    "setter,value,variable,event,settles",
    [
        (RATE, 100, "staking.emissionRatePerSecond", "EmissionRateUpdated(uint256)", True),
        (RATE, 0, "staking.emissionRatePerSecond", "EmissionRateUpdated(uint256)", True),
        (RATE, MAX, "staking.emissionRatePerSecond", "EmissionRateUpdated(uint256)", True),
        (SHARE, 0, "staking.veniceEmissionsPercentage", "VeniceEmissionsPercentageUpdated(uint256)", True),
        (SHARE, UNIT, "staking.veniceEmissionsPercentage", "VeniceEmissionsPercentageUpdated(uint256)", True),
        (FEE, 0, "staking.veniceEmissionsPercentageWhenLocked", FEE_UPDATED, True),
        (FEE, UNIT, "staking.veniceEmissionsPercentageWhenLocked", FEE_UPDATED, True),
        (COOLDOWN, 0, "staking.cooldownDuration", "CooldownDurationUpdated(uint256)", False),
        (COOLDOWN, MAX, "staking.cooldownDuration", "CooldownDurationUpdated(uint256)", False),
        (SET_TREASURY, STRANGER, "staking.treasury", "TreasuryUpdated(address)", False),
        (SET_TREASURY, STAKING, "staking.treasury", "TreasuryUpdated(address)", False),
    ],
)  # fmt: skip
def test_owner_sets_a_variable_after_the_settlement_where_there_is_one(
    setter: str, value: Any, variable: str, event: str, settles: bool
) -> None:
    assert_carried_out(
        tiny_world(),
        call_of(STAKING, setter, value, sender=OWNER, at=NOW + 3),
        logs=(*(MINTED if settles else ()), log(STAKING, event, value)),
        effects=(*(SETTLED if settles else ()), (variable, value)),
    )


def test_setting_what_is_set_already_emits_all_the_same() -> None:
    assert_carried_out(
        tiny_world(),
        call_of(STAKING, SET_TREASURY, TREASURY, sender=OWNER),
        logs=(log(STAKING, "TreasuryUpdated(address)", TREASURY),),
    )


def test_new_curve_replaces_all_512_entries_unchecked_and_leaves_positions_alone(world: World) -> None:
    before = {
        variable: word(world, *variable)
        for variable in (("staking.totalLockedStakedVVV",), ("staking.lastRewardTimestamp",), ("diem.totalSupply",))
    }
    supply = [MAX - index if index % 3 else 0 for index in range(256)]
    rates = [index % 5 for index in range(256)]
    assert_carried_out(
        world,
        call_of(STAKING, CURVE, supply, rates, sender=OWNER, at=NOW + 3),
        logs=(log(STAKING, "DiemMintRatesUpdated(uint256[256],uint256[256])", supply, rates),),
        effects=(
            *(("staking.diemSupply", i, value) for i, value in enumerate(supply) if i < 8 or value),
            *(("staking.diemMintRates", i, value) for i, value in enumerate(rates) if i < 8 or value),
        ),
    )
    for index in (0, 1, 7, 8, 255):
        assert view(world, STAKING, "diemSupply(uint256)", index, returns="uint256") == supply[index]
        assert view(world, STAKING, "diemMintRates(uint256)", index, returns="uint256") == rates[index]
    assert before == {variable: word(world, *variable) for variable in before}


STRANGERS = Fault(error("OwnableUnauthorizedAccount", STRANGER), sender=STRANGER)
EMPTY_TABLE = [0] * 256

RULES = (
    Rule(STAKING, RATE, (5,), sender=OWNER, faults=(STRANGERS, SETTLEMENT_OVERFLOWS)),
    *(
        Rule(
            STAKING,
            setter,
            (UNIT,),
            sender=OWNER,
            faults=(STRANGERS, Fault("INVALID_PERCENTAGE", {0: UNIT + 1}), SETTLEMENT_OVERFLOWS),
        )
        for setter in (SHARE, FEE)
    ),
    Rule(STAKING, COOLDOWN, (5,), sender=OWNER, faults=(STRANGERS,)),
    Rule(STAKING, SET_TREASURY, (DIEM,), sender=OWNER, faults=(STRANGERS, Fault("INVALID_ADDRESS", {0: ZERO}))),
    Rule(STAKING, CURVE, (EMPTY_TABLE, EMPTY_TABLE), sender=OWNER, faults=(STRANGERS,)),
)


@pytest.mark.parametrize("rule,present", every_mixture_of_faults(*RULES))
def test_first_fault_in_the_protocols_order_decides(rule: Rule, present: int) -> None:
    assert_first_fault_decides(rule, present)


@pytest.mark.parametrize("sender", [TREASURY, STAKING, ZERO, VVV], ids=["treasury", "staking", "zero", "vvv"])
@pytest.mark.parametrize(
    "signature,arguments",
    [
        (RATE, (0,)),
        (SHARE, (MAX,)),
        (FEE, (MAX,)),
        (COOLDOWN, (0,)),
        (SET_TREASURY, (ZERO,)),
        (CURVE, (EMPTY_TABLE, EMPTY_TABLE)),
        ("upgradeToAndCall(address,bytes)", (ZERO, b"")),
    ],
)
def test_nobody_but_the_owner_sets_anything(
    signature: str, arguments: tuple[Any, ...], sender: Any, world: World
) -> None:
    call = call_of(STAKING, signature, *arguments, sender=sender)
    assert_refused(world, call, error("OwnableUnauthorizedAccount", sender))
