"""Staking's views return the variables of their names: PROTOCOL 3."""

from __future__ import annotations

from typing import Any

import pytest

from spec.world import World
from tests.spec.conftest import (
    DIEM,
    EMPTY,
    MAX,
    MINTER,
    NOW,
    OWNER,
    SCALE,
    STAKER,
    STAKING,
    TREASURY,
    UNIT,
    VVV,
    assert_refused,
    call_of,
    put,
    view,
    views,
)


@pytest.mark.parametrize(
    "signature,value",
    [
        ("emissionRatePerSecond()", 101),
        ("veniceEmissionsPercentage()", 102),
        ("veniceEmissionsPercentageWhenLocked()", 103),
        ("cooldownDuration()", 104),
        ("accRewardPerShare()", 105),
        ("accRewardPerShareLocked()", 106),
        ("lastRewardTimestamp()", 107),
        ("totalLockedStakedVVV()", 108),
    ],
)
@pytest.mark.parametrize("at", [0, NOW])
def test_view_returns_the_variable_of_its_name_as_it_stands(world: World, signature: str, value: int, at: int) -> None:
    for number, name in enumerate(
        (
            "emissionRatePerSecond",
            "veniceEmissionsPercentage",
            "veniceEmissionsPercentageWhenLocked",
            "cooldownDuration",
            "accRewardPerShare",
            "accRewardPerShareLocked",
            "lastRewardTimestamp",
            "totalLockedStakedVVV",
        ),
        101,
    ):
        put(world, f"staking.{name}", number)
    assert view(world, STAKING, signature, returns="uint256", at=at) == value


@pytest.mark.parametrize(
    "signature,value",
    [("venice()", VVV), ("diem()", DIEM), ("treasury()", TREASURY), ("owner()", OWNER)],
)
def test_view_returns_the_account_of_its_name(world: World, signature: str, value: bytes) -> None:
    assert view(world, STAKING, signature, returns="address") == value


def test_scale_of_the_accumulators_is_10_to_the_36(world: World) -> None:
    assert view(world, STAKING, "ACC_REWARD_SCALE()", returns="uint256") == SCALE


@pytest.mark.parametrize(
    "signature,arguments,values",
    [
        ("stakes(address)", (STAKER,), (11, 12, 13)),
        ("stakes(address)", (MINTER,), (0, 0, 0)),
        ("lockedStakes(address)", (STAKER,), (14, 15)),
        ("lockedStakes(address)", (MINTER,), (1000 * UNIT, 11 * UNIT)),
    ],
)
def test_view_of_a_struct_returns_its_members(
    world: World, signature: str, arguments: tuple[Any, ...], values: tuple[int, ...]
) -> None:
    put(world, "staking.stakes.rewardDebt", STAKER, 11)
    put(world, "staking.stakes.cooldownEnd", STAKER, 12)
    put(world, "staking.stakes.cooldownAmount", STAKER, 13)
    put(world, "staking.lockedStakes.sVVVLockedAmount", STAKER, 14)
    put(world, "staking.lockedStakes.outstandingDiemAmount", STAKER, 15)
    returns = ",".join(["uint256"] * len(values))
    assert views(world, STAKING, signature, *arguments, returns=returns) == values


@pytest.mark.parametrize("signature", ["diemSupply(uint256)", "diemMintRates(uint256)"])
def test_index_past_the_end_of_the_curve_is_refused_with_empty_data(world: World, signature: str) -> None:
    put(world, f"staking.{signature.partition('(')[0]}", 255, 77)
    assert view(world, STAKING, signature, 255, returns="uint256") == 77
    for index in (256, 512, 2**64, MAX):
        assert_refused(world, call_of(STAKING, signature, index), EMPTY)


def test_unlocked_balance_is_the_balance_less_what_is_locked(world: World) -> None:
    assert view(world, STAKING, "balanceOfUnlocked(address)", MINTER, returns="uint256") == 3000 * UNIT
    assert view(world, STAKING, "balanceOfUnlocked(address)", STAKER, returns="uint256") == 5000 * UNIT
    assert view(world, STAKING, "balanceOfUnlocked(address)", STAKING, returns="uint256") == UNIT
    put(world, "svvv.balanceOf", MINTER, 1000 * UNIT - 1)
    assert_refused(world, call_of(STAKING, "balanceOfUnlocked(address)", MINTER), "Panic(0x11)")
