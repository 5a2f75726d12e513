"""Staking VVV and taking it out again: PROTOCOL 3.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spec import addresses, vvv
from spec.errors import require, string_error
from spec.events import Event
from spec.messages import Address, Call
from spec.staking.contract import STAKING, SVVV, as_staking
from spec.staking.rewards import CLAIMED, pending_rewards, settle, update_accumulators, write_debt
from spec.uint256 import U256, ZERO

if TYPE_CHECKING:
    from spec.world import World

STAKE_ZERO: Final = string_error("STAKE_ZERO")
UNSTAKE_ZERO: Final = string_error("UNSTAKE_ZERO")
COOLDOWN_IN_PROGRESS: Final = string_error("COOLDOWN_IN_PROGRESS")
INSUFFICIENT_BALANCE: Final = string_error("INSUFFICIENT_BALANCE")
NO_COOLDOWN: Final = string_error("NO_COOLDOWN")
COOLDOWN_NOT_OVER: Final = string_error("COOLDOWN_NOT_OVER")

STAKED: Final = Event("Staked(address indexed recipient,uint256 amount)")
UNSTAKE_INITIATED: Final = Event("UnstakeInitiated(address indexed user,uint256 amount)")
UNSTAKE_FINALIZED: Final = Event("UnstakeFinalized(address indexed user,uint256 amount)")


@STAKING.external("stake(address recipient,uint256 amount)")
def stake(world: World, call: Call, recipient: Address, amount: U256) -> None:
    """Stake the caller's VVV for ``recipient``, who is also paid what is pending.

    A reward just paid to the caller can fund the stake.

    Reverts, in this order
    ----------------------
    STAKE_ZERO : ``amount`` is zero.
    ERC20InvalidReceiver : the recipient is the zero address.
    Panic(0x11) : the caller has allowed staking less than ``amount`` of VVV, or has less.

    Storage
    -------
    svvv.total_supply, svvv.balance_of[recipient]   : s |-> s + amount      (sVVV base units)
    vvv.allowance[sender][staking]                  : a |-> a - amount, unless a = 2^256-1
    vvv.balance_of[sender], vvv.balance_of[staking] : move amount
    stakes[recipient].reward_debt                   : brought up to date

    Emits : of the settlement; Transfer(0, recipient, amount) of sVVV; Transfer(sender, staking, amount) from VVV;
            Staked(recipient, amount).
    Rounding : none.
    Source : PROTOCOL 3.2, grade C.
    """
    require(amount > 0, STAKE_ZERO)
    settle(world, call, recipient)
    SVVV.mint(world, recipient, amount)
    vvv.token.transfer_from(world, as_staking(call), call.sender, addresses.STAKING, amount)
    write_debt(world, recipient)
    world.emit(STAKED.log(addresses.STAKING, recipient, amount))


@STAKING.external("initiateUnstake(uint256 amount)")
def initiate_unstake(world: World, call: Call, amount: U256) -> None:
    """Burn unlocked sVVV of the caller; its VVV cools down, and earns nothing meanwhile. One cooldown at a time.

    Reverts, in this order
    ----------------------
    UNSTAKE_ZERO : ``amount`` is zero.
    COOLDOWN_IN_PROGRESS : a cooldown is pending.
    INSUFFICIENT_BALANCE : the caller has less than ``amount`` unlocked.
    Panic(0x11) : the end of the cooldown would reach 2^256 s.

    Storage
    -------
    svvv.total_supply, svvv.balance_of[sender] : s |-> s - amount      (sVVV base units)
    stakes[sender].cooldown_end                : 0 |-> call.timestamp + cooldown_duration      (s)
    stakes[sender].cooldown_amount             : 0 |-> amount      (VVV base units)
    stakes[sender].reward_debt                 : brought up to date

    Emits : of the settlement; Transfer(sender, 0, amount) of sVVV; UnstakeInitiated(sender, amount).
    Rounding : none.
    Source : PROTOCOL 3.2, grade C; order of checks grade E.
    """
    state = world.staking
    position = state.stakes[call.sender]
    require(amount > 0, UNSTAKE_ZERO)
    require(position.cooldown_amount == 0, COOLDOWN_IN_PROGRESS)
    require(state.unlocked(call.sender) >= amount, INSUFFICIENT_BALANCE)
    settle(world, call, call.sender)
    SVVV.burn(world, call.sender, amount)
    position.cooldown_end = call.timestamp + state.cooldown_duration
    position.cooldown_amount = amount
    write_debt(world, call.sender)
    world.emit(UNSTAKE_INITIATED.log(addresses.STAKING, call.sender, amount))


@STAKING.external("finalizeUnstake()")
def finalize_unstake(world: World, call: Call) -> None:
    """Pay out the caller's cooled-down stake, one to one. No reward is settled.

    Reverts, in this order
    ----------------------
    NO_COOLDOWN : no cooldown is pending.
    COOLDOWN_NOT_OVER : ``call.timestamp`` (s) is before ``cooldown_end``; the boundary itself is allowed.

    Storage
    -------
    stakes[sender].cooldown_end                     : e |-> 0
    stakes[sender].cooldown_amount                  : a |-> 0      (VVV base units)
    vvv.balance_of[staking], vvv.balance_of[sender] : move a

    Emits : Transfer(staking, sender, a) from VVV; UnstakeFinalized(sender, a).
    Rounding : none.
    Source : PROTOCOL 3.2, grade C; boundary grade A.
    """
    position = world.staking.stakes[call.sender]
    amount = position.cooldown_amount
    require(amount != 0, NO_COOLDOWN)
    require(call.timestamp >= position.cooldown_end, COOLDOWN_NOT_OVER)
    position.cooldown_end = ZERO
    position.cooldown_amount = ZERO
    vvv.token.transfer(world, as_staking(call), call.sender, amount)
    world.emit(UNSTAKE_FINALIZED.log(addresses.STAKING, call.sender, amount))


@STAKING.external("claim()")
def claim(world: World, call: Call) -> None:
    """Pay the caller what is pending; nothing pending is no error.

    Storage
    -------
    vvv.balance_of[staking], vvv.balance_of[sender] : move the pending reward
    stakes[sender].reward_debt                      : brought up to date

    Emits : of the settlement.
    Rounding : down, in the reward.
    Source : PROTOCOL 3.2, grade C.
    """
    settle(world, call, call.sender)
    write_debt(world, call.sender)


@STAKING.external("claimAndStake()")
def claim_and_stake(world: World, call: Call) -> None:
    """Stake what is pending for the caller; the VVV never leaves staking, so no allowance is needed.

    Reverts, in this order
    ----------------------
    STAKE_ZERO : nothing is pending.
    ERC20InvalidReceiver : the caller is the zero address; never, for nothing is ever staked for it.

    Storage, with p the pending reward
    -------
    svvv.total_supply, svvv.balance_of[sender] : s |-> s + p      (sVVV base units)
    stakes[sender].reward_debt                 : brought up to date

    Emits : of the accumulators' update; Transfer(0, sender, p) of sVVV; Claimed(sender, p); Staked(sender, p).
    Rounding : down, in the reward.
    Source : PROTOCOL 3.2, grade C; how the reward moves, and the events, grade E.
    """
    update_accumulators(world, call)
    reward = pending_rewards(world, call.sender, call.timestamp)
    require(reward > 0, STAKE_ZERO)
    SVVV.mint(world, call.sender, reward)
    write_debt(world, call.sender)
    world.emit(CLAIMED.log(addresses.STAKING, call.sender, reward))
    world.emit(STAKED.log(addresses.STAKING, call.sender, reward))
