"""The specification as a machine: a call in, a receipt out."""

from __future__ import annotations

from typing import Final

from spec.contract import Contract
from spec.daily_credits import DAILY_CREDITS
from spec.diem import DIEM
from spec.errors import Revert
from spec.messages import Address, Call, Receipt
from spec.staking import STAKING
from spec.vvv import VVV
from spec.world import World

CONTRACTS: Final[dict[Address, Contract]] = {
    contract.address: contract for contract in (VVV, STAKING, DIEM, DAILY_CREDITS)
}


class UnspecifiedAddress(ValueError):
    """A call to an address whose code the specification does not describe."""


def apply(world: World, call: Call) -> Receipt:
    """Carry out one call: all of it, or none of it.

    The writes stay in ``world.journal``, from its length before the call on.

    Raises
    ------
    UnspecifiedAddress : ``call.to`` is none of the contracts; nothing has happened.
    """
    contract = CONTRACTS.get(call.to)
    if contract is None:
        raise UnspecifiedAddress(f"0x{call.to.hex()} is none of the specified contracts")
    before = len(world.journal)
    world.logs.clear()
    try:
        output = contract.run(world, call)
    except Revert as refusal:
        world.undo(before)
        return Receipt(False, refusal.data, ())
    return Receipt(True, output, tuple(world.logs))
