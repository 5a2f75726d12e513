"""Invariants of a state: sums over accounts, and what covers what. Reading them changes nothing.

What holds for each account is asked with ``if``, for the words of a failure would cost more than the question.
"""

from __future__ import annotations

from typing import Final

from spec import addresses
from spec.invariants.cards import Card
from spec.staking.rewards import ACC_REWARD_SCALE
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


def check_tokens(world: World) -> None:
    """INV-01 to INV-03: the balances of each token add up to its supply."""
    for card, token in (
        (VVV_CONSERVED, world.vvv),
        (SVVV_CONSERVED, world.staking.svvv),
        (DIEM_CONSERVED, world.diem),
    ):
        total = sum(map(int, map(token.balance_of.__getitem__, token.balance_of)))
        card.holds(total == token.total_supply, f"balances of {total}, supply of {int(token.total_supply)}")


def check_locks(world: World, diem_of_other_minters: int) -> None:
    """INV-04, INV-05: the locks, and the DIEM minted with them, add up to the totals."""
    staking = world.staking
    locked = outstanding = 0
    for account in staking.locked_stakes:
        lock = staking.locked_stakes[account]
        balance = staking.svvv.balance_of[account]
        amount = int(lock.svvv_locked_amount)
        if amount > balance:
            LOCKS_ADD_UP.broken(f"0x{account.hex()} has locked {amount} of {int(balance)}")
        locked += amount
        outstanding += int(lock.outstanding_diem_amount)
    total = int(staking.total_locked_staked_vvv)
    LOCKS_ADD_UP.holds(locked == total, f"locks of {locked}, total of {total}")
    supply = int(world.diem.total_supply)
    DIEM_OUTSTANDING.holds(
        outstanding + diem_of_other_minters == supply,
        f"outstanding {outstanding}, minted by others {diem_of_other_minters}, supply {supply}",
    )


def check_diem_stakes(world: World, burned: int) -> None:
    """INV-06: what is staked and cooling adds up to the total, and DIEM has it, less what was ``burned``."""
    diem = world.diem
    infos = [diem.staked_infos[account] for account in diem.staked_infos]
    total = sum(int(info.amount_staked) + int(info.cool_down_amount) for info in infos)
    DIEM_STAKES_ADD_UP.holds(total == diem.total_staked, f"stakes of {total}, total of {int(diem.total_staked)}")
    held = int(diem.balance_of[addresses.DIEM])
    DIEM_STAKES_ADD_UP.holds(total <= held + burned, f"stakes of {total}, held {held}, burned {burned}")


def check_solvency(world: World, dust: int) -> None:
    """INV-07: staking's VVV covers stakes, cooldowns and pending rewards, up to ``dust`` of rounding (base units).

    And no account has been paid more than it has earned, or nothing of it could be settled any more.
    """
    staking = world.staking
    acc, acc_locked = int(staking.acc_reward_per_share), int(staking.acc_reward_per_share_locked)
    owed = 0
    for account in dict.fromkeys((*staking.svvv.balance_of, *staking.stakes)):
        if account == addresses.STAKING:
            continue
        position, balance = staking.stakes[account], int(staking.svvv.balance_of[account])
        locked = int(staking.locked_stakes[account].svvv_locked_amount)
        earned = (balance - locked) * acc // _SCALE + locked * acc_locked // _SCALE
        paid = int(position.reward_debt)
        if paid > earned:
            SOLVENT.broken(f"0x{account.hex()} has been paid {paid}, and has earned {earned}")
        owed += balance + int(position.cooldown_amount) + earned - paid
    held = int(world.vvv.balance_of[addresses.STAKING])
    SOLVENT.holds(owed <= held + dust, f"owed {owed}, held {held}, rounding of at most {dust}")


def check_credit(world: World) -> None:
    """INV-13: no account has spent more in its epoch than the epoch's allocation."""
    credits = world.credits
    for account in credits.accounts:
        state = credits.accounts[account]
        if state.spent > state.allocation:
            CREDIT_BOUNDED.broken(f"0x{account.hex()} has spent {int(state.spent)} of {int(state.allocation)}")
