"""Locking sVVV to mint DIEM, and burning DIEM to unlock it: PROTOCOL 3.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spec import addresses, diem
from spec.errors import require, string_error
from spec.events import Event
from spec.messages import Call
from spec.staking.contract import STAKING, as_staking
from spec.staking.mint_curve import quote
from spec.staking.rewards import settle, write_debt
from spec.uint256 import U256, floor_div

if TYPE_CHECKING:
    from spec.world import World

LOCK_ZERO: Final = string_error("LOCK_ZERO")
BURN_ZERO: Final = string_error("BURN_ZERO")
INSUFFICIENT_BALANCE: Final = string_error("INSUFFICIENT_BALANCE")
MIN_AMOUNT_OUT: Final = string_error("MIN_AMOUNT_OUT")
INSUFFICIENT_OUTSTANDING_DIEM: Final = string_error("INSUFFICIENT_OUTSTANDING_DIEM")
INSUFFICIENT_LOCKED_BALANCE: Final = string_error("INSUFFICIENT_LOCKED_BALANCE")

DIEM_MINTED: Final = Event("DiemMinted(address indexed user,uint256 sVVVAmount,uint256 diemAmount)")
DIEM_BURNED: Final = Event("DiemBurned(address indexed user,uint256 sVVVAmount,uint256 diemAmount)")


@STAKING.external("mintDiem(uint256 sVVVAmountToLock,uint256 minDiemAmountOut)")
def mint_diem(world: World, call: Call, svvv_amount: U256, minimum_out: U256) -> None:
    """Lock sVVV of the caller, on top of what is locked already, and mint it the DIEM that the curve quotes.

    Reverts, in this order
    ----------------------
    LOCK_ZERO : ``svvv_amount`` is zero.
    INSUFFICIENT_BALANCE : the caller has less than ``svvv_amount`` unlocked.
    INSUFFICIENT_SUPPLY : the curve ends before all of it is used.
    MIN_AMOUNT_OUT : the quote is less than ``minimum_out``; a quote of zero is allowed.
    AccessControlUnauthorizedAccount : staking may no longer mint DIEM.

    Storage, with q the quote
    -------
    locked_stakes[sender].outstanding_diem_amount : o |-> o + q      (DIEM base units)
    locked_stakes[sender].svvv_locked_amount      : l |-> l + svvv_amount      (sVVV base units)
    total_locked_staked_vvv                       : t |-> t + svvv_amount
    diem.total_supply, diem.balance_of[sender]    : d |-> d + q
    stakes[sender].reward_debt                    : brought up to date

    Emits : of the settlement; Transfer(0, sender, q) from DIEM; DiemMinted(sender, svvv_amount, q).
    Rounding : down, in the quote.
    Source : PROTOCOL 3.2, grade C; order of checks and event grade E.
    """
    state = world.staking
    require(svvv_amount > 0, LOCK_ZERO)
    settle(world, call, call.sender)
    require(state.unlocked(call.sender) >= svvv_amount, INSUFFICIENT_BALANCE)
    minted = quote(world, svvv_amount)
    require(minted >= minimum_out, MIN_AMOUNT_OUT)
    lock = state.locked_stakes[call.sender]
    lock.outstanding_diem_amount += minted
    lock.svvv_locked_amount += svvv_amount
    state.total_locked_staked_vvv += svvv_amount
    diem.token.mint(world, as_staking(call), call.sender, minted)
    write_debt(world, call.sender)
    world.emit(DIEM_MINTED.log(addresses.STAKING, call.sender, svvv_amount, minted))


@STAKING.external("burnDiem(uint256 diemAmount)")
def burn_diem(world: World, call: Call, diem_amount: U256) -> None:
    """Burn DIEM of the caller, and unlock sVVV at the average that the caller's own locks have come to.

    Reverts, in this order
    ----------------------
    BURN_ZERO : ``diem_amount`` is zero.
    INSUFFICIENT_BALANCE : the caller has less DIEM, not counting what is staked or cooling.
    INSUFFICIENT_OUTSTANDING_DIEM : the caller has minted no DIEM that is not burned.
    Panic(0x11) : the product of ``diem_amount`` and the lock would reach 2^256.
    INSUFFICIENT_LOCKED_BALANCE : this would unlock more than is locked.
    INSUFFICIENT_OUTSTANDING_DIEM : the caller has minted less DIEM that is not burned.
    AccessControlUnauthorizedAccount : staking may no longer burn DIEM.

    Storage, with u = floor(diem_amount · l / o)
    -------
    locked_stakes[sender].svvv_locked_amount      : l |-> l - u      (sVVV base units)
    locked_stakes[sender].outstanding_diem_amount : o |-> o - diem_amount      (DIEM base units)
    total_locked_staked_vvv                       : t |-> t - u
    diem.total_supply, diem.balance_of[sender]    : d |-> d - diem_amount
    stakes[sender].reward_debt                    : brought up to date

    Emits : of the settlement; Transfer(sender, 0, diem_amount) from DIEM; DiemBurned(sender, u, diem_amount).
    Rounding : down, in what is unlocked; burning all that is outstanding unlocks all that is locked.
    Source : PROTOCOL 3.2, grade C; order of checks and event grade E.
    """
    state = world.staking
    lock = state.locked_stakes[call.sender]
    require(diem_amount > 0, BURN_ZERO)
    require(world.diem.balance_of[call.sender] >= diem_amount, INSUFFICIENT_BALANCE)
    require(lock.outstanding_diem_amount > 0, INSUFFICIENT_OUTSTANDING_DIEM)
    settle(world, call, call.sender)
    unlocked = floor_div(diem_amount * lock.svvv_locked_amount, lock.outstanding_diem_amount)
    require(unlocked <= lock.svvv_locked_amount, INSUFFICIENT_LOCKED_BALANCE)
    require(diem_amount <= lock.outstanding_diem_amount, INSUFFICIENT_OUTSTANDING_DIEM)
    lock.svvv_locked_amount -= unlocked
    lock.outstanding_diem_amount -= diem_amount
    state.total_locked_staked_vvv -= unlocked
    diem.token.burn(world, as_staking(call), call.sender, diem_amount)
    write_debt(world, call.sender)
    world.emit(DIEM_BURNED.log(addresses.STAKING, call.sender, unlocked, diem_amount))
