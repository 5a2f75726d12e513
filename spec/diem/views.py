"""DIEM's own views: each returns the variable of its name. Source: PROTOCOL 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.diem.contract import DIEM
from spec.diem.token import MINTER_BURNER_ROLE
from spec.messages import Address, Call
from spec.uint256 import U256

if TYPE_CHECKING:
    from spec.world import World


@DIEM.view("MINTER_BURNER_ROLE()", returns="bytes32")
def minter_burner_role(world: World, call: Call) -> bytes:
    return MINTER_BURNER_ROLE


@DIEM.view("cooldownDuration()", returns="uint256")
def cooldown_duration(world: World, call: Call) -> U256:
    return world.diem.cooldown_duration


@DIEM.view("totalStaked()", returns="uint256")
def total_staked(world: World, call: Call) -> U256:
    return world.diem.total_staked


@DIEM.view("stakedInfos(address account)", returns="uint256 amountStaked,uint256 coolDownEnd,uint256 coolDownAmount")
def staked_infos(world: World, call: Call, account: Address) -> tuple[U256, U256, U256]:
    info = world.diem.staked_infos[account]
    return info.amount_staked, info.cool_down_end, info.cool_down_amount
