"""Watches a world through a program of calls, and checks every card at every state."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from spec import addresses
from spec.daily_credits import DAILY_CREDITS
from spec.diem import DIEM
from spec.erc20 import ERC20Storage
from spec.invariants import states, transitions
from spec.invariants.cards import Card
from spec.invariants.observation import Observation
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

_TOKENS: Final = (addresses.VVV, addresses.STAKING, addresses.DIEM)

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
        self._diem_supply = (addresses.DIEM, ERC20Storage.offset_of("total_supply"))
        self._vvv_of_staking = (addresses.VVV, world.vvv.balance_of.slots[addresses.STAKING])
        self.check_state()

    def watch(self, call: Call, carry_out: Callable[[Call], Receipt]) -> Receipt:
        """Let ``carry_out`` carry out one call on the world, and check everything that has to hold then.

        Raises
        ------
        InvariantViolation : the first card that does not hold.
        """
        start = len(self._world.journal)
        self._checked = min(self._checked, start)
        receipt = carry_out(call)
        written = len(self._world.journal) - start
        if not receipt.status:
            transitions.check_refusal(written, receipt)
        elif written:  # a view leaves the state that was checked before
            self._check_success(start, call)
        return receipt

    def _check_success(self, start: int, call: Call) -> None:
        """Check the cards that look at what a call changed; its writes are those of the journal from ``start`` on."""
        world = self._world
        changed = {(account.address, slot) for account, slot, _ in world.journal[self._checked :]}
        contracts = {address for address, _ in changed}
        before, after = Observation(world, world.journal[start:]), Observation(world)
        self._dust += DUST_PER_CALL
        self._count_other_minters(call)
        if addresses.STAKING in contracts or addresses.VVV in contracts:
            transitions.check_monotone(before, after)
            transitions.check_emission(before, after)
        if addresses.DAILY_CREDITS in contracts:
            transitions.check_rollover(before, after, _credited(call))
        if call.to == STAKING.address and call.data[:4] == _MINT_DIEM:
            transitions.check_mint(before, after, call)
        if call.to == STAKING.address and call.data[:4] == _BURN_DIEM:
            transitions.check_burn(before, after, call)
        self._check_tokens(contracts)
        if addresses.STAKING in contracts or self._diem_supply in changed:
            states.check_locks(world, self._diem_of_other_minters)
        if addresses.DIEM in contracts:
            states.check_diem_stakes(world, self._stakes_burned)
        if addresses.STAKING in contracts or self._vvv_of_staking in changed:
            states.check_solvency(world, self._dust)
        if addresses.DAILY_CREDITS in contracts:
            states.check_credit(world)
        self._checked = len(world.journal)

    def check_state(self) -> None:
        """Check the cards that need no state before.

        Raises
        ------
        InvariantViolation : the first card that does not hold.
        """
        self._check_tokens(_TOKENS)
        states.check_locks(self._world, self._diem_of_other_minters)
        states.check_diem_stakes(self._world, self._stakes_burned)
        states.check_solvency(self._world, self._dust)
        states.check_credit(self._world)

    def _check_tokens(self, contracts: Collection[Address]) -> None:
        world = self._world
        if addresses.VVV in contracts:
            states.check_token(states.VVV_CONSERVED, world.vvv)
        if addresses.STAKING in contracts:
            states.check_token(states.SVVV_CONSERVED, world.staking.svvv)
        if addresses.DIEM in contracts:
            states.check_token(states.DIEM_CONSERVED, world.diem)

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
