"""What the invariants across a call have to remember of the state before it."""

from __future__ import annotations

from typing import NamedTuple

from spec import addresses
from spec.messages import Address
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


class Observation(NamedTuple):
    """A state, as far as the next call's invariants need it; amounts in base units, times in s."""

    acc_reward_per_share: int
    acc_reward_per_share_locked: int
    last_reward_timestamp: int
    emission_rate_per_second: int
    percentage: int
    percentage_when_locked: int
    total_stake: int
    total_locked: int
    treasury: Address
    vvv_supply: int
    diem_supply: int
    caller_lock: LockSeen
    """The caller's."""
    credit: CreditSeen
    """That of the account which a call of DailyCredits names."""


def lock_of(world: World, account: Address) -> LockSeen:
    """Return one account's lock."""
    lock = world.staking.locked_stakes[account]
    return LockSeen(int(lock.svvv_locked_amount), int(lock.outstanding_diem_amount))


def credit_of(world: World, account: Address) -> CreditSeen:
    """Return one account's credit record."""
    credit = world.credits.accounts[account]
    return CreditSeen(int(credit.epoch), int(credit.allocation), int(credit.staked), int(credit.spent))


def observe(world: World, caller: Address, credited: Address) -> Observation:
    """Return what the invariants across a call by ``caller`` have to remember."""
    staking = world.staking
    return Observation(
        acc_reward_per_share=int(staking.acc_reward_per_share),
        acc_reward_per_share_locked=int(staking.acc_reward_per_share_locked),
        last_reward_timestamp=int(staking.last_reward_timestamp),
        emission_rate_per_second=int(staking.emission_rate_per_second),
        percentage=int(staking.venice_emissions_percentage),
        percentage_when_locked=int(staking.venice_emissions_percentage_when_locked),
        total_stake=int(staking.svvv.total_supply),
        total_locked=int(staking.total_locked_staked_vvv),
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
