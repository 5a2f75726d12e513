"""Watches a world through a program of calls, and checks every card at every state."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from spec import addresses
from spec.daily_credits import DAILY_CREDITS
from spec.diem import DIEM
from spec.invariants import states, transitions
from spec.invariants.cards import Card
from spec.invariants.observation import Observation, observe
from spec.messages import Address, Call, Receipt
from spec.staking import STAKING
from spec.world import World

CARDS: Final = tuple(
    sorted(value for module in (states, transitions) for value in vars(module).values() if isinstance(value, Card))
)
"""Every card, by number."""

_MINT_DIEM: Final = STAKING.by_name["mintDiem"].selector
_BURN_DIEM: Final = STAKING.by_name["burnDiem"].selector
_ROLE_MINT: Final = DIEM.by_name["mint"].selector
_ROLE_BURN: Final = DIEM.by_name["burn"].selector

_CONTRACTS: Final = (addresses.VVV, addresses.STAKING, addresses.DIEM, addresses.DAILY_CREDITS)

DUST_PER_CALL: Final = 4
"""How much one call can add to what rounding makes staking owe beyond what was minted for it (VVV base units).

One settlement mints up to one base unit too little for the unlocked and one for the locked stake, and an account's
reward, the difference of two rounded numbers, is up to one base unit too large for each.
"""


class Monitor:
    """Checks one world, from the state that it has now."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._diem_of_other_minters = _diem_beyond_locks(world)
        self._stakes_burned = 0
        self._dust = 0
        self._checked = len(world.journal)
        """How much of the journal lies behind the last check."""
        self.check_state()

    def watch(self, call: Call, carry_out: Callable[[Call], Receipt]) -> Receipt:
        """Let ``carry_out`` carry out one call on the world, and check everything that has to hold then.

        Raises
        ------
        InvariantViolation : the first card that does not hold.
        """
        before = observe(self._world, call.sender, _credited(call))
        writes = len(self._world.journal)
        self._checked = min(self._checked, writes)
        receipt = carry_out(call)
        written = len(self._world.journal) - writes
        if not receipt.status:
            transitions.check_refusal(written, receipt)
        elif written:  # a view leaves the state that was checked before
            self._check_success(before, call)
        return receipt

    def _check_success(self, before: Observation, call: Call) -> None:
        world = self._world
        self._dust += DUST_PER_CALL
        self._count_other_minters(call)
        transitions.check_monotone(before, world)
        transitions.check_emission(before, world)
        transitions.check_rollover(before, world, _credited(call))
        if call.to == STAKING.address and call.data[:4] == _MINT_DIEM:
            transitions.check_mint(before, world, call)
        if call.to == STAKING.address and call.data[:4] == _BURN_DIEM:
            transitions.check_burn(before, world, call)
        self._check_state_of({account.address for account, _, _ in world.journal[self._checked :]})
        self._checked = len(world.journal)

    def check_state(self) -> None:
        """Check the cards that need no state before.

        Raises
        ------
        InvariantViolation : the first card that does not hold.
        """
        self._check_state_of(_CONTRACTS)

    def _check_state_of(self, changed: Collection[Address]) -> None:
        """Check those that look at one of the contracts which have ``changed``."""
        world = self._world
        if addresses.VVV in changed:
            states.check_token(states.VVV_CONSERVED, world.vvv)
        if addresses.STAKING in changed:
            states.check_token(states.SVVV_CONSERVED, world.staking.svvv)
        if addresses.DIEM in changed:
            states.check_token(states.DIEM_CONSERVED, world.diem)
        if addresses.STAKING in changed or addresses.DIEM in changed:
            states.check_locks(world, self._diem_of_other_minters)
        if addresses.DIEM in changed:
            states.check_diem_stakes(world, self._stakes_burned)
        if addresses.STAKING in changed or addresses.VVV in changed:
            states.check_solvency(world, self._dust)
        if addresses.DAILY_CREDITS in changed:
            states.check_credit(world)

    def _count_other_minters(self, call: Call) -> None:
        """Count the DIEM that others than staking mint and burn, once an admin has given them the role.

        A burner can take even what is staked, out of the DIEM contract's own balance.
        """
        if call.to != DIEM.address:
            return
        amount = int.from_bytes(call.data[36:68], "big")
        if call.data[:4] == _ROLE_MINT:
            self._diem_of_other_minters += amount
        elif call.data[:4] == _ROLE_BURN:
            self._diem_of_other_minters -= amount
            if call.data[16:36] == DIEM.address:
                self._stakes_burned += amount


def _diem_beyond_locks(world: World) -> int:
    outstanding = sum(
        int(world.staking.locked_stakes[account].outstanding_diem_amount) for account in world.staking.locked_stakes
    )
    return int(world.diem.total_supply) - outstanding


def _credited(call: Call) -> Address:
    """Return the account that a call of DailyCredits names; for any other call, the caller."""
    if call.to == DAILY_CREDITS.address and len(call.data) >= 36:
        return Address(call.data[16:36])
    return call.sender
