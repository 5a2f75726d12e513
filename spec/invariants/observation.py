"""What the invariants across a call look at: a world as it is, and as it was before the call."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final, NamedTuple

from spec import addresses
from spec.daily_credits.storage import CreditAccount
from spec.erc20 import ERC20Storage
from spec.messages import Address, address_from_int
from spec.staking.storage import LockedStake, StakingStorage
from spec.storage import Account, Change, Record
from spec.uint256 import U256
from spec.vvv.storage import VVVStorage
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
    """Staking's own variables, by their names there; amounts in base units, times in s."""

    acc_reward_per_share: int
    acc_reward_per_share_locked: int
    last_reward_timestamp: int
    emission_rate_per_second: int
    venice_emissions_percentage: int
    venice_emissions_percentage_when_locked: int
    total_locked_staked_vvv: int


_STAKING: Final = tuple(map(StakingStorage.offset_of, StakingSeen._fields))
_TREASURY: Final = StakingStorage.offset_of("treasury")
_SUPPLY: Final = ERC20Storage.offset_of("total_supply")
_VVV_SUPPLY: Final = VVVStorage.offset_of("total_supply")
_LOCK: Final = (LockedStake.offset_of("svvv_locked_amount"), LockedStake.offset_of("outstanding_diem_amount"))
_CREDIT: Final = tuple(map(CreditAccount.offset_of, CreditSeen._fields))


class Observation:
    """A world without the latest writes of its journal: what they have not written is as it was before them."""

    def __init__(self, world: World, writes: Sequence[Change] = ()) -> None:
        self.world: Final = world
        self._before: dict[Account, dict[int, U256]] = {}
        for account, slot, word in writes:
            self._before.setdefault(account, {}).setdefault(slot, word)

    @cached_property
    def staking(self) -> StakingSeen:
        """Staking's own variables."""
        return StakingSeen(*self._words(self.world.staking, 0, _STAKING))

    @property
    def treasury(self) -> Address:
        """Where the treasury's part of emissions goes."""
        return address_from_int(self._word(self.world.staking, _TREASURY))

    @property
    def total_stake(self) -> int:
        """All sVVV (base units)."""
        svvv = self.world.staking.svvv
        return self._word(svvv, svvv.base + _SUPPLY)

    @property
    def vvv_supply(self) -> int:
        """All VVV (base units)."""
        return self._word(self.world.vvv, _VVV_SUPPLY)

    @property
    def diem_supply(self) -> int:
        """All DIEM (base units)."""
        return self._word(self.world.diem, _SUPPLY)

    def lock_of(self, account: Address) -> LockSeen:
        """Return one account's lock."""
        staking = self.world.staking
        return LockSeen(*self._words(staking, staking.locked_stakes.slots[account], _LOCK))

    def credit_of(self, account: Address) -> CreditSeen:
        """Return one account's credit record."""
        credits = self.world.credits
        return CreditSeen(*self._words(credits, credits.accounts.slots[account], _CREDIT))

    def _words(self, record: Record, base: int, offsets: tuple[int, ...]) -> list[int]:
        words, before = record.words, self._before.get(record.account, _NOTHING)
        slots = [base + offset for offset in offsets]
        return [int(before[slot] if slot in before else words[slot]) for slot in slots]

    def _word(self, record: Record, slot: int) -> int:
        before = self._before.get(record.account, _NOTHING)
        return int(before[slot] if slot in before else record.words[slot])


_NOTHING: Final[dict[int, U256]] = {}


def minted_to(world: World, receiver: Address) -> int:
    """Return the VVV that the logs of the last call say was minted to ``receiver`` (base units)."""
    zero = bytes(32)
    topic = bytes(12) + receiver
    return sum(
        int.from_bytes(log.data, "big")
        for log in world.logs
        if log.address == addresses.VVV and len(log.topics) == 3 and log.topics[1] == zero and log.topics[2] == topic
    )
