"""What an amount of sVVV mints: the walk along the table of steps. Source: PROTOCOL 5, the table grade A."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spec.errors import string_error
from spec.uint256 import U256, ZERO, ceil_div, floor_div

if TYPE_CHECKING:
    from spec.world import World

RATE_SCALE: Final = U256(10**18)

INSUFFICIENT_SUPPLY: Final = string_error("INSUFFICIENT_SUPPLY")


def quote(world: World, svvv_amount: U256) -> U256:
    """Return the DIEM that locking ``svvv_amount`` mints now (both in base units); see ``quote_at``."""
    return quote_at(world, world.diem.total_supply, svvv_amount)


def quote_at(world: World, supply: U256, svvv_amount: U256) -> U256:
    """Return the DIEM that locking ``svvv_amount`` mints where ``supply`` is DIEM's supply (all in base units).

    Reverts, in this order
    ----------------------
    Panic(0x11) : a product would reach 2^256.
    INSUFFICIENT_SUPPLY : the table ends before all of the sVVV is used.

    Rounding : the cost of the rest of a step up, the DIEM of the last, partial step down: both against the minter.
    Source : PROTOCOL 5, grade A.
    """
    if svvv_amount == 0:
        return ZERO
    remaining = svvv_amount
    minted = ZERO
    for end, rate in zip(world.staking.diem_supply, world.staking.diem_mint_rates, strict=True):
        if end <= supply or rate == 0:
            continue
        room = end - supply
        cost = ceil_div(rate * room, RATE_SCALE)
        if cost >= remaining:
            return minted + floor_div(remaining * RATE_SCALE, rate)
        minted += room
        supply += room
        remaining -= cost
    raise INSUFFICIENT_SUPPLY()
