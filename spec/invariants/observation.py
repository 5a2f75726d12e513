"""What the invariants across a call have to remember of the state before it."""

from __future__ import annotations

from operator import itemgetter
from typing import Final, NamedTuple

from spec import addresses
from spec.daily_credits.storage import CreditAccount
from spec.messages import Address
from spec.staking.storage import LockedStake, StakingStorage
from spec.world import World


class LockSeen(NamedTuple):
    """One account's lock: sVVV and outstanding DIEM (base units)."""

    locked: int
    outstanding: int


class CreditSeen(NamedTuple):
    """One account's credit record, as stored."""

    epoch: int
    allocation: int
    staked: int
    spent: int


class StakingSeen(NamedTuple):
    """Staking's own variables, by their names there."""

    acc_reward_per_share: int
    acc_reward_per_share_locked: int
    last_reward_timestamp: int
    emission_rate_per_second: int
    venice_emissions_percentage: int
    venice_emissions_percentage_when_locked: int
    total_locked_staked_vvv: int


class Observation(NamedTuple):
    """A state, as far as the next call's invariants need it; amounts in base units, times in s."""

    staking: StakingSeen
    total_stake: int
    treasury: Address
    vvv_supply: int
    diem_supply: int
    caller_lock: LockSeen
    """The caller's."""
    credit: CreditSeen
    """That of the account which a call of DailyCredits names."""


_of_staking: Final = itemgetter(*map(StakingStorage.offset_of, StakingSeen._fields))
_of_lock: Final = (LockedStake.offset_of("svvv_locked_amount"), LockedStake.offset_of("outstanding_diem_amount"))
_of_credit: Final = tuple(map(CreditAccount.offset_of, CreditSeen._fields))


def staking_of(world: World) -> StakingSeen:
    """Return staking's own variables."""
    return StakingSeen(*map(int, _of_staking(world.staking.words)))


def lock_of(world: World, account: Address) -> LockSeen:
    """Return one account's lock."""
    words, slot = world.staking.words, world.staking.locked_stakes.slots[account]
    return LockSeen(*[int(words[slot + offset]) for offset in _of_lock])


def credit_of(world: World, account: Address) -> CreditSeen:
    """Return one account's credit record."""
    words, slot = world.credits.words, world.credits.accounts.slots[account]
    return CreditSeen(*[int(words[slot + offset]) for offset in _of_credit])


def observe(world: World, caller: Address, credited: Address) -> Observation:
    """Return what the invariants across a call by ``caller`` have to remember."""
    staking = world.staking
    return Observation(
        staking=staking_of(world),
        total_stake=int(staking.svvv.total_supply),
        treasury=staking.treasury,
        vvv_supply=int(world.vvv.total_supply),
        diem_supply=int(world.diem.total_supply),
        caller_lock=lock_of(world, caller),
        credit=credit_of(world, credited),
    )


def minted_to(world: World, receiver: Address) -> int:
    """Return the VVV that the logs of the last call say was minted to ``receiver`` (base units)."""
    zero = bytes(32)
    topic = bytes(12) + receiver
    return sum(
        int.from_bytes(log.data, "big")
        for log in world.logs
        if log.address == addresses.VVV and len(log.topics) == 3 and log.topics[1] == zero and log.topics[2] == topic
    )
