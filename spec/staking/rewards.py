"""Emissions and who earns them: PROTOCOL 3.1.

Two accumulators say what one unit of unlocked and of locked stake has earned since the beginning. An account's earnings
are its stake times the accumulators, less what was so counted when it was last settled: its debt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spec import addresses, vvv
from spec.events import Event
from spec.messages import Address, Call
from spec.staking.contract import as_staking
from spec.uint256 import U256, ZERO, floor_div

if TYPE_CHECKING:
    from spec.world import World

ACC_REWARD_SCALE: Final = U256(10**36)
ONE_HUNDRED_PERCENT: Final = U256(10**18)

CLAIMED: Final = Event("Claimed(address indexed user,uint256 amount)")


class Accrual(NamedTuple):
    """The accumulators brought up to a time, and the emissions on the way there."""

    acc_reward_per_share: U256
    """VVV per unlocked sVVV, scaled by ACC_REWARD_SCALE."""

    acc_reward_per_share_locked: U256
    """VVV per locked sVVV, scaled by ACC_REWARD_SCALE."""

    to_treasury: U256
    """VVV base units"""

    to_stakers: U256
    """VVV base units; what rounding leaves over is emitted to nobody."""


def accrue(world: World, now: int) -> Accrual:
    """Return what the emissions up to ``now`` (s) come to; nothing is changed.

    Reverts
    -------
    Panic(0x11) : a product or sum would reach 2^256.
    Panic(0x12) : there is no stake at all, which the initializer rules out.

    Rounding : down at every division.
    Source : PROTOCOL 3.1, grade C.
    """
    state = world.staking
    acc, acc_locked = state.acc_reward_per_share, state.acc_reward_per_share_locked
    if now <= state.last_reward_timestamp:
        return Accrual(acc, acc_locked, ZERO, ZERO)
    emitted = (now - state.last_reward_timestamp) * state.emission_rate_per_second
    total, locked = state.svvv.total_supply, state.total_locked_staked_vvv
    unlocked = total - locked
    to_treasury = floor_div(emitted * state.venice_emissions_percentage, ONE_HUNDRED_PERCENT)
    to_stakers = ZERO

    rewards = emitted - to_treasury
    for_locked = floor_div(rewards * locked, total)
    for_unlocked = rewards - for_locked
    if for_unlocked > 0 and unlocked > 0:
        per_share = floor_div(for_unlocked * ACC_REWARD_SCALE, unlocked)
        acc += per_share
        to_stakers += floor_div(per_share * unlocked, ACC_REWARD_SCALE)
    if for_locked > 0 and locked > 0:
        fee = floor_div(for_locked * state.venice_emissions_percentage_when_locked, ONE_HUNDRED_PERCENT)
        per_share = floor_div((for_locked - fee) * ACC_REWARD_SCALE, locked)
        acc_locked += per_share
        to_stakers += floor_div(per_share * locked, ACC_REWARD_SCALE)
        to_treasury += fee
    return Accrual(acc, acc_locked, to_treasury, to_stakers)


def update_accumulators(world: World, call: Call) -> None:
    """Bring the accumulators up to now, and mint what was emitted on the way.

    Reverts
    -------
    whatever ``accrue`` and ``VVV.mint`` revert with.

    Storage
    -------
    acc_reward_per_share, acc_reward_per_share_locked : brought up to now
    last_reward_timestamp                             : t |-> call.timestamp      (s)
    vvv.balance_of[treasury], vvv.balance_of[staking] : rise by what ``accrue`` says, if it is not zero

    Emits : Transfer(0, treasury, …) and Transfer(0, staking, …) from VVV, for what is not zero.
    Source : PROTOCOL 3.1, grade C; the order of the two mints grade E.
    """
    state = world.staking
    if call.timestamp <= state.last_reward_timestamp:
        return
    accrual = accrue(world, call.timestamp)
    state.acc_reward_per_share = accrual.acc_reward_per_share
    state.acc_reward_per_share_locked = accrual.acc_reward_per_share_locked
    state.last_reward_timestamp = U256(call.timestamp)
    if accrual.to_treasury > 0:
        vvv.token.mint(world, as_staking(call), state.treasury, accrual.to_treasury)
    if accrual.to_stakers > 0:
        vvv.token.mint(world, as_staking(call), addresses.STAKING, accrual.to_stakers)


def earned(world: World, account: Address, acc: U256, acc_locked: U256) -> U256:
    """Return what an account's present stake comes to by these accumulators (VVV base units).

    Rounding : down, once for the unlocked and once for the locked part.
    Source : PROTOCOL 3.1, grade C.
    """
    state = world.staking
    locked = state.locked_stakes[account].svvv_locked_amount
    unlocked = state.svvv.balance_of[account] - locked
    return floor_div(unlocked * acc, ACC_REWARD_SCALE) + floor_div(locked * acc_locked, ACC_REWARD_SCALE)


def pending_rewards(world: World, account: Address, now: int) -> U256:
    """Return what an account would be paid if it were settled at ``now`` (VVV base units).

    Reverts
    -------
    whatever ``accrue`` reverts with.
    """
    accrual = accrue(world, now)
    total = earned(world, account, accrual.acc_reward_per_share, accrual.acc_reward_per_share_locked)
    return total - world.staking.stakes[account].reward_debt


def settle(world: World, call: Call, account: Address) -> None:
    """Pay out what ``account`` has earned. Whoever settles changes balances next, and then writes the debt.

    Reverts
    -------
    whatever ``update_accumulators`` reverts with.
    Panic(0x11) : staking has less VVV than is due.

    Storage
    -------
    the accumulators                                 : brought up to now
    vvv.balance_of[staking], vvv.balance_of[account] : move the pending reward p, if it is not zero

    Emits : what ``update_accumulators`` emits; then, if p > 0, Transfer(staking, account, p) from VVV;
            Claimed(account, p).
    Source : PROTOCOL 3.1, grade C.
    """
    update_accumulators(world, call)
    reward = pending_rewards(world, account, call.timestamp)
    if reward > 0:
        vvv.token.transfer(world, as_staking(call), account, reward)
        world.emit(CLAIMED.log(addresses.STAKING, account, reward))


def write_debt(world: World, account: Address) -> None:
    """Note that everything ``account`` has earned so far is settled.

    Storage
    -------
    stakes[account].reward_debt : d |-> what ``earned`` says of the present accumulators      (VVV base units)
    """
    state = world.staking
    state.stakes[account].reward_debt = earned(
        world, account, state.acc_reward_per_share, state.acc_reward_per_share_locked
    )
