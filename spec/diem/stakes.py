"""Staked DIEM, which is what gives daily credit. Source: PROTOCOL 4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spec import addresses
from spec.diem.contract import DIEM, TOKEN
from spec.errors import require, string_error
from spec.events import Event
from spec.messages import Call
from spec.uint256 import U256, ZERO

if TYPE_CHECKING:
    from spec.world import World

STAKE_ZERO: Final = string_error("STAKE_ZERO")
UNSTAKE_ZERO: Final = string_error("UNSTAKE_ZERO")
INSUFFICIENT_BALANCE: Final = string_error("INSUFFICIENT_BALANCE")
INSUFFICIENT_STAKED: Final = string_error("INSUFFICIENT_STAKED")
NO_COOLDOWN: Final = string_error("NO_COOLDOWN")
COOLDOWN_NOT_OVER: Final = string_error("COOLDOWN_NOT_OVER")

STAKED: Final = Event("Staked(address indexed user,uint256 amount)")
UNSTAKE_INITIATED: Final = Event("UnstakeInitiated(address indexed user,uint256 amount)")
UNSTAKED: Final = Event("Unstaked(address indexed user,uint256 amount)")


@DIEM.external("stake(uint256 amount)")
def stake(world: World, call: Call, amount: U256) -> None:
    """Stake the caller's DIEM; no allowance is needed.

    Reverts, in this order
    ----------------------
    STAKE_ZERO : ``amount`` is zero.
    INSUFFICIENT_BALANCE : the caller has less than ``amount``.

    Storage
    -------
    total_staked                                : t |-> t + amount      (DIEM base units)
    staked_infos[sender].amount_staked          : s |-> s + amount
    balance_of[sender], balance_of[DIEM itself] : move amount

    Emits : Transfer(sender, DIEM, amount); Staked(sender, amount).
    Rounding : none.
    Source : PROTOCOL 4, grade A.
    """
    diem = world.diem
    require(amount > 0, STAKE_ZERO)
    require(diem.balance_of[call.sender] >= amount, INSUFFICIENT_BALANCE)
    diem.total_staked += amount
    diem.staked_infos[call.sender].amount_staked += amount
    TOKEN.transfer(world, call.sender, addresses.DIEM, amount)
    world.emit(STAKED.log(addresses.DIEM, call.sender, amount))


@DIEM.external("initiateUnstake(uint256 amount)")
def initiate_unstake(world: World, call: Call, amount: U256) -> None:
    """Start to take staked DIEM out. What is cooling already is added to, and its clock starts again.

    Reverts, in this order
    ----------------------
    UNSTAKE_ZERO : ``amount`` is zero.
    INSUFFICIENT_STAKED : the caller has less than ``amount`` staked.
    Panic(0x11) : the end of the cooldown would reach 2^256 s.

    Storage
    -------
    staked_infos[sender].cool_down_end    : e |-> call.timestamp + cooldown_duration      (s)
    staked_infos[sender].cool_down_amount : c |-> c + amount      (DIEM base units)
    staked_infos[sender].amount_staked    : s |-> s - amount

    Emits : UnstakeInitiated(sender, amount).
    Rounding : none.
    Source : PROTOCOL 4, grade A.
    """
    info = world.diem.staked_infos[call.sender]
    require(amount > 0, UNSTAKE_ZERO)
    require(info.amount_staked >= amount, INSUFFICIENT_STAKED)
    info.cool_down_end = call.timestamp + world.diem.cooldown_duration
    info.cool_down_amount += amount
    info.amount_staked -= amount
    world.emit(UNSTAKE_INITIATED.log(addresses.DIEM, call.sender, amount))


@DIEM.external("unstake()")
def unstake(world: World, call: Call) -> None:
    """Take out the DIEM that has cooled down.

    Reverts, in this order
    ----------------------
    NO_COOLDOWN : nothing is cooling.
    COOLDOWN_NOT_OVER : ``call.timestamp`` (s) is before ``cool_down_end``; the boundary itself is allowed.

    Storage
    -------
    total_staked                                : t |-> t - c      (DIEM base units)
    staked_infos[sender].cool_down_amount       : c |-> 0
    staked_infos[sender].cool_down_end          : e |-> 0
    balance_of[DIEM itself], balance_of[sender] : move c

    Emits : Transfer(DIEM, sender, c); Unstaked(sender, c).
    Rounding : none.
    Source : PROTOCOL 4, grade A.
    """
    info = world.diem.staked_infos[call.sender]
    amount = info.cool_down_amount
    require(amount > 0, NO_COOLDOWN)
    require(call.timestamp >= info.cool_down_end, COOLDOWN_NOT_OVER)
    world.diem.total_staked -= amount
    info.cool_down_amount = ZERO
    info.cool_down_end = ZERO
    TOKEN.transfer(world, addresses.DIEM, call.sender, amount)
    world.emit(UNSTAKED.log(addresses.DIEM, call.sender, amount))
