"""One USD of credit per staked DIEM and epoch. Source: PROTOCOL 6, the amounts grade B, the mechanism grade E.

An epoch costs nothing until an account is touched: there is no loop over accounts, at midnight or ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spec import addresses
from spec.daily_credits.contract import DAILY_CREDITS
from spec.errors import require, string_error
from spec.events import Event
from spec.messages import Address, Call
from spec.uint256 import U256, ZERO, floor_div

if TYPE_CHECKING:
    from spec.world import World

NOT_GATEWAY: Final = string_error("NOT_GATEWAY")
SPEND_ZERO: Final = string_error("SPEND_ZERO")
INSUFFICIENT_BALANCE: Final = string_error("INSUFFICIENT_BALANCE")

RECORDED: Final = Event("Recorded(address indexed account,uint256 indexed epoch,uint256 staked)")
SPENT: Final = Event("Spent(address indexed account,uint256 indexed epoch,uint256 amount)")


class Credit(NamedTuple):
    """An account's credit in the present epoch (10^18 = 1 USD)."""

    allocation: U256
    """What the epoch allows to be spent."""

    spent: U256
    """What has been spent of it."""


def current_epoch(world: World, call: Call) -> U256:
    """Return the number of the epoch that ``call.timestamp`` lies in; the boundary itself is in the later epoch.

    Reverts
    -------
    Panic(0x12) : the epoch's duration is zero.
    """
    return floor_div(U256(call.timestamp), world.credits.epoch_duration)


def credit_of(world: World, call: Call, account: Address) -> Credit:
    """Return the credit of ``account`` now. The stake last recorded before an epoch began is its allocation.

    Reverts
    -------
    Panic(0x12) : the epoch's duration is zero.
    """
    state = world.credits.accounts[account]
    if state.epoch == current_epoch(world, call):
        return Credit(state.allocation, state.spent)
    return Credit(state.staked, ZERO)


def available_of(world: World, call: Call, account: Address) -> U256:
    """Return what is left of the credit (10^18 = 1 USD); nothing while the allocation is below the minimum stake.

    Reverts
    -------
    Panic(0x12) : the epoch's duration is zero.
    Panic(0x11) : more has been spent than is allocated, to which no call leads.
    """
    credit = credit_of(world, call, account)
    return credit.allocation - credit.spent if credit.allocation >= world.credits.minimum_stake else ZERO


@DAILY_CREDITS.external("record(address account)")
def record(world: World, call: Call, account: Address) -> None:
    """Take note of how much DIEM ``account`` has staked now, cooling excluded. Anyone may call.

    A stake gives credit from the next epoch on, or at once where ``credit_at_once``; an unstake leaves this epoch's
    credit as it is.

    Storage, with A the allocation of the present epoch and d = diem.staked_infos[account].amount_staked
    -------
    accounts[account].epoch      : e |-> current epoch
    accounts[account].allocation : a |-> A; where credit_at_once, the larger of A and d      (10^18 = 1 USD)
    accounts[account].spent      : s |-> 0 if the epoch is new
    accounts[account].staked     : t |-> d      (DIEM base units)

    Emits : Recorded(account, current epoch, d).
    Rounding : none.
    Source : PROTOCOL 6, grade E.
    """
    _roll(world, call, account)
    state = world.credits.accounts[account]
    staked = world.diem.staked_infos[account].amount_staked
    state.staked = staked
    if world.credits.credit_at_once and staked > state.allocation:
        state.allocation = staked
    world.emit(RECORDED.log(addresses.DAILY_CREDITS, account, state.epoch, staked))


@DAILY_CREDITS.external("spend(address account,uint256 amount)")
def spend(world: World, call: Call, account: Address, amount: U256) -> None:
    """Spend credit of ``account``, at the gateway's word.

    Reverts, in this order
    ----------------------
    NOT_GATEWAY : the caller is not the gateway.
    SPEND_ZERO : ``amount`` is zero.
    INSUFFICIENT_BALANCE : ``amount`` is more than is available in this epoch.

    Storage, with A and S the allocation and the spending of the present epoch
    -------
    accounts[account].epoch      : e |-> current epoch
    accounts[account].allocation : a |-> A      (10^18 = 1 USD)
    accounts[account].spent      : s |-> S + amount

    Emits : Spent(account, current epoch, amount).
    Rounding : none.
    Source : PROTOCOL 6, grade E.
    """
    require(call.sender == world.credits.gateway, NOT_GATEWAY)
    require(amount > 0, SPEND_ZERO)
    require(amount <= available_of(world, call, account), INSUFFICIENT_BALANCE)
    _roll(world, call, account)
    state = world.credits.accounts[account]
    state.spent += amount
    world.emit(SPENT.log(addresses.DAILY_CREDITS, account, state.epoch, amount))


def _roll(world: World, call: Call, account: Address) -> None:
    """Bring an account into the present epoch; nothing changes if it is there already.

    Storage
    -------
    accounts[account].epoch      : e |-> current epoch
    accounts[account].allocation : a |-> accounts[account].staked      (10^18 = 1 USD)
    accounts[account].spent      : s |-> 0
    """
    state = world.credits.accounts[account]
    epoch = current_epoch(world, call)
    if state.epoch != epoch:
        state.epoch = epoch
        state.allocation = state.staked
        state.spent = ZERO
