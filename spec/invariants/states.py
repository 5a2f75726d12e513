"""Invariants of a state: sums over accounts, and what covers what. Reading them changes nothing.

These are asked after each call, and over all accounts: so the words of a failure are made only where there is one, and
the words of the accounts are read without going by their names, from a world that holds all there are.
"""

from __future__ import annotations

from typing import Final

from spec import addresses
from spec.daily_credits.storage import CreditAccount
from spec.diem.storage import StakedInfo
from spec.erc20 import ERC20Storage
from spec.invariants.cards import Card
from spec.staking.rewards import ACC_REWARD_SCALE
from spec.staking.storage import LockedStake, Stake
from spec.vvv.storage import VVVStorage
from spec.world import World

VVV_CONSERVED: Final = Card(1, "all VVV is somebody's")
SVVV_CONSERVED: Final = Card(2, "all sVVV is somebody's")
DIEM_CONSERVED: Final = Card(3, "all DIEM is somebody's")
LOCKS_ADD_UP: Final = Card(4, "the locks add up, and each is covered by its owner's sVVV")
DIEM_OUTSTANDING: Final = Card(5, "the outstanding DIEM is the DIEM supply")
DIEM_STAKES_ADD_UP: Final = Card(6, "the DIEM stakes add up, and DIEM holds them")
SOLVENT: Final = Card(7, "staking holds the VVV that it owes")
CREDIT_BOUNDED: Final = Card(13, "no more credit is spent than allocated")

_SCALE: Final = int(ACC_REWARD_SCALE)

_REWARD_DEBT: Final = Stake.offset_of("reward_debt")
_COOLDOWN_AMOUNT: Final = Stake.offset_of("cooldown_amount")
_LOCKED: Final = LockedStake.offset_of("svvv_locked_amount")
_OUTSTANDING: Final = LockedStake.offset_of("outstanding_diem_amount")
_STAKED: Final = StakedInfo.offset_of("amount_staked")
_COOLING: Final = StakedInfo.offset_of("cool_down_amount")
_SPENT: Final = CreditAccount.offset_of("spent")
_ALLOCATION: Final = CreditAccount.offset_of("allocation")


def check_token(card: Card, token: VVVStorage | ERC20Storage) -> None:
    """INV-01 to INV-03: the balances of a token add up to its supply."""
    total, supply = token.balance_of.total(), token.total_supply
    if total != supply:
        card.broken(f"balances of {total}, supply of {int(supply)}")


def check_locks(world: World, diem_of_other_minters: int) -> None:
    """INV-04, INV-05: the locks, and the DIEM minted with them, add up to the totals."""
    staking = world.staking
    word, balance_of = staking.words.get, staking.svvv.balance_of
    locked = outstanding = 0
    for account, slot in tuple(staking.locked_stakes.slots.items()):
        amount = int(word(slot + _LOCKED, 0))
        if amount and amount > balance_of[account]:
            LOCKS_ADD_UP.broken(f"0x{account.hex()} has locked {amount} of {int(balance_of[account])}")
        locked += amount
        outstanding += int(word(slot + _OUTSTANDING, 0))
    if locked != staking.total_locked_staked_vvv:
        LOCKS_ADD_UP.broken(f"locks of {locked}, total of {int(staking.total_locked_staked_vvv)}")
    if outstanding + diem_of_other_minters != world.diem.total_supply:
        supply = int(world.diem.total_supply)
        DIEM_OUTSTANDING.broken(f"outstanding {outstanding}, minted by others {diem_of_other_minters}, supply {supply}")


def check_diem_stakes(world: World, burned: int) -> None:
    """INV-06: what is staked and cooling adds up to the total, and DIEM has it, less what was ``burned``."""
    diem = world.diem
    word, slots = diem.words.get, diem.staked_infos.slots.values()
    total = sum([int(word(slot + _STAKED, 0)) + int(word(slot + _COOLING, 0)) for slot in slots])
    if total != diem.total_staked:
        DIEM_STAKES_ADD_UP.broken(f"stakes of {total}, total of {int(diem.total_staked)}")
    held = int(diem.balance_of[addresses.DIEM])
    if total > held + burned:
        DIEM_STAKES_ADD_UP.broken(f"stakes of {total}, held {held}, burned {burned}")


def check_solvency(world: World, dust: int) -> None:
    """INV-07: staking's VVV covers stakes, cooldowns and pending rewards, up to ``dust`` of rounding (base units).

    And no account has been paid more than it has earned, or nothing of it could be settled any more.
    """
    staking = world.staking
    acc, acc_locked = int(staking.acc_reward_per_share), int(staking.acc_reward_per_share_locked)
    word, balances, locks, stakes = (
        staking.words.get, staking.svvv.balance_of.slots, staking.locked_stakes.slots, staking.stakes.slots,
    )  # fmt: skip
    owed = 0
    for account in {**balances, **stakes}:
        if account == addresses.STAKING:
            continue
        balance, earned = int(word(balances[account], 0)), 0
        if balance:
            locked = int(word(locks[account] + _LOCKED, 0))
            earned = (balance - locked) * acc // _SCALE + locked * acc_locked // _SCALE
        position = stakes[account]
        paid = int(word(position + _REWARD_DEBT, 0))
        if paid > earned:
            SOLVENT.broken(f"0x{account.hex()} has been paid {paid}, and has earned {earned}")
        owed += balance + int(word(position + _COOLDOWN_AMOUNT, 0)) + earned - paid
    held = int(world.vvv.balance_of[addresses.STAKING])
    if owed > held + dust:
        SOLVENT.broken(f"owed {owed}, held {held}, rounding of at most {dust}")


def check_credit(world: World) -> None:
    """INV-13: no account has spent more in its epoch than the epoch's allocation."""
    credits = world.credits
    word = credits.words.get
    for account, slot in credits.accounts.slots.items():
        if word(slot + _SPENT, 0) > word(slot + _ALLOCATION, 0):
            state = credits.accounts[account]
            CREDIT_BOUNDED.broken(f"0x{account.hex()} has spent {int(state.spent)} of {int(state.allocation)}")
