"""Invariants across a call: what may only rise, what bounds what, and what cannot be had for nothing."""

from __future__ import annotations

from operator import lt
from typing import Final

from spec import addresses
from spec.invariants.cards import Card
from spec.invariants.observation import Observation, StakingSeen, minted_to
from spec.messages import Address, Call, Receipt
from spec.staking.mint_curve import RATE_SCALE, quote_at
from spec.uint256 import U256
from spec.world import World

MONOTONE: Final = Card(8, "accumulators and their time never run backwards")
EMISSION_BOUNDED: Final = Card(9, "no more VVV is minted than emitted")
FEE: Final = Card(10, "the treasury's part is its share and the fee on the locked part")
NO_GAIN_BY_SPLITTING: Final = Card(11, "splitting a lock gains no DIEM")
NO_GAIN_BY_ROUND_TRIPS: Final = Card(12, "minting and burning gains no sVVV")
NO_ROLLOVER: Final = Card(14, "credit does not roll over")
REFUSAL_CHANGES_NOTHING: Final = Card(15, "a refused call changes nothing and emits nothing")
NO_MORE_THAN_THE_CURVE: Final = Card(16, "a mint never pays more than the curve allows")

HUNDRED_PERCENT: Final = 10**18

RISING: Final = StakingSeen._fields[:3]
"""What only rises: the two accumulators, and the time up to which they are settled."""


def check_monotone(before: Observation, after: Observation) -> None:
    """INV-08."""
    for name, earlier, later in zip(RISING, before.staking, after.staking, strict=False):
        if earlier > later:
            MONOTONE.broken(f"{name} fell from {earlier} to {later}")


def check_emission(before: Observation, after: Observation) -> None:
    """INV-09, INV-10: what was minted in one settlement, against real numbers kept exact as integers."""
    seen, treasury, total_stake = before.staking, before.treasury, before.total_stake
    elapsed = after.staking.last_reward_timestamp - seen.last_reward_timestamp
    emitted = elapsed * seen.emission_rate_per_second
    minted = after.vvv_supply - before.vvv_supply
    if not 0 <= minted <= emitted:
        EMISSION_BOUNDED.broken(f"minted {minted}, emitted {emitted}")
    if elapsed == 0 or treasury == addresses.STAKING:
        return
    received = minted_to(after.world, treasury)
    scale = HUNDRED_PERCENT * HUNDRED_PERCENT * total_stake
    share = emitted * seen.venice_emissions_percentage * HUNDRED_PERCENT * total_stake
    locked_part = emitted * (HUNDRED_PERCENT - seen.venice_emissions_percentage) * seen.total_locked_staked_vvv
    exact = share + locked_part * seen.venice_emissions_percentage_when_locked
    if not exact - 3 * scale < received * scale <= exact + scale:
        FEE.broken(f"the treasury received {received}, its exact part is {exact}/{scale}")


def check_mint(before: Observation, after: Observation, call: Call) -> None:
    """INV-11, INV-16: two halves mint no more than the whole did, and the whole cost no less than its exact price."""
    world, earlier, later = after.world, before.lock_of(call.sender), after.lock_of(call.sender)
    amount = later.locked - earlier.locked
    minted = U256(later.outstanding - earlier.outstanding)
    steps = _steps(world)
    if not _is_regular(steps):
        return
    supply = U256(before.diem_supply)
    price, beyond = _price(steps, int(supply), int(minted))
    NO_MORE_THAN_THE_CURVE.holds(
        beyond == 0 and price <= amount * RATE_SCALE,
        f"{amount} mints {int(minted)}, which cost {price}/10^18, and {beyond} of them are beyond the table",
    )
    half = U256(amount // 2)
    first = quote_at(world, supply, half)
    second = quote_at(world, supply + first, amount - half)
    NO_GAIN_BY_SPLITTING.holds(
        first + second <= minted, f"{amount} mints {int(minted)}, in two halves {int(first)} and {int(second)}"
    )


def _steps(world: World) -> list[tuple[int, int]]:
    """Return (end, rate) of the table's steps that have a rate."""
    staking = world.staking
    return [step for step in zip(staking.diem_supply, staking.diem_mint_rates, strict=True) if step[1]]


def _price(steps: list[tuple[int, int]], supply: int, diem: int) -> tuple[int, int]:
    """Return what ``diem`` minted from ``supply`` on costs exactly (sVVV times 10^18), and how much the table lacks."""
    price = 0
    for end, rate in steps:
        if diem and end > supply:
            part = min(diem, int(end) - supply)
            price, supply, diem = price + part * int(rate), supply + part, diem - part
    return price, diem


def _is_regular(steps: list[tuple[int, int]]) -> bool:
    """Whether the steps rise and cost at least one sVVV per DIEM, which the cards suppose."""
    ends = [end for end, _ in steps]
    return min([rate for _, rate in steps], default=HUNDRED_PERCENT) >= HUNDRED_PERCENT and all(map(lt, ends, ends[1:]))


def check_burn(before: Observation, after: Observation, call: Call) -> None:
    """INV-12: a burn never lowers the sVVV behind each outstanding DIEM, and the last one leaves no dust."""
    earlier, later = before.lock_of(call.sender), after.lock_of(call.sender)
    NO_GAIN_BY_ROUND_TRIPS.holds(
        later.locked * earlier.outstanding >= earlier.locked * later.outstanding,
        f"the lock went from {earlier} to {later}",
    )
    if later.outstanding == 0:
        NO_GAIN_BY_ROUND_TRIPS.holds(later.locked == 0, f"everything is burned, but {later.locked} are locked")


def check_rollover(before: Observation, after: Observation, credited: Address) -> None:
    """INV-14: a new epoch's allocation is the stake last recorded, whatever was left over."""
    earlier, later = before.credit_of(credited), after.credit_of(credited)
    if later.epoch == earlier.epoch:
        return
    allowed = {earlier.staked}
    if after.world.credits.credit_at_once:
        allowed.add(max(earlier.staked, later.staked))
    NO_ROLLOVER.holds(later.allocation in allowed, f"the credit went from {earlier} to {later}")


def check_refusal(writes: int, receipt: Receipt) -> None:
    """INV-15: ``writes`` is how many writes a refused call has left."""
    REFUSAL_CHANGES_NOTHING.holds(writes == 0 and not receipt.logs, f"{writes} writes, {len(receipt.logs)} logs")
