"""Programs for faults that chance does not show: roundings that come out even, amounts of one, time that runs back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from conformance.trust.mutants.directed.refusals import two_refusals
from conformance.trust.mutants.directed.story import TOKEN, Story
from conformance.trust.mutants.program import Program
from spec import addresses
from spec.diem import DIEM
from spec.staking import STAKING
from spec.staking.rewards import ACC_REWARD_SCALE
from spec.staking.storage import CURVE_STEPS
from spec.uint256 import MAX_UINT256, U256
from spec.world import World


def directed_at_source() -> Iterator[Program]:
    """Yield all of them."""
    yield from chain.from_iterable(make() for make in _STORIES)
    yield from chain(*curve_ends(), *nothing_unlocked(), two_refusals())


def endless_allowance() -> Iterable[Program]:
    """DIEM is moved under an allowance without limit, which stays, and under the one below it, which does not."""
    story = Story("endless allowance of DIEM")
    for allowed in (MAX_UINT256, MAX_UINT256 - 1):
        story.send("minter", DIEM, "approve", "staker", allowed)
        story.send("staker", DIEM, "transferFrom", "minter", "staker", 5)
        story.send("staker", DIEM, "transferFrom", "minter", "newcomer", MAX_UINT256)
    return story.recorded()


def last_unit() -> Iterable[Program]:
    """One unit of DIEM is outstanding, and burned."""

    def change(world: World) -> None:
        world.staking.locked_stakes[story.account("minter")].outstanding_diem_amount = U256(1)

    story = Story("the last unit of DIEM")
    story.given(change)
    story.send("minter", STAKING, "burnDiem", 2)
    story.send("minter", STAKING, "burnDiem", 1)
    story.send("minter", STAKING, "burnDiem", 1)
    return story.recorded()


def even_shares() -> Iterable[Program]:
    """A round amount is unlocked, by which the scale can be divided: so every reward is handed out to the last unit."""
    story = Story("even shares")
    unlocked = sum(account.staked - account.locked for account in story.preset.accounts) + TOKEN
    story.send("staker", STAKING, "initiateUnstake", int(unlocked) - 8000 * TOKEN)
    for rate in (8 * TOKEN, *range(1, 24)):
        story.send("owner", STAKING, "setEmissionRate", rate)
        story.later(1)
        story.send("minter", STAKING, "claim")
        story.send("staker", STAKING, "claim")
        story.send("minter", STAKING, "accRewardPerShare")
        story.send("minter", STAKING, "accRewardPerShareLocked")
    return story.recorded()


def all_but_even_shares() -> Iterable[Program]:
    """The accumulators stand right below one VVV per sVVV, where a scale that is one too small rounds to the next."""

    def change(world: World) -> None:
        world.staking.acc_reward_per_share = world.staking.acc_reward_per_share_locked = ACC_REWARD_SCALE - 1

    story = Story("all but even shares")
    story.given(change)
    for _ in range(2):
        story.send("minter", STAKING, "claim")
        story.send("staker", STAKING, "claim")
        story.later(1)
    return story.recorded()


def nothing_unlocked() -> Iterator[Iterable[Program]]:
    """All that is staked is locked, or all but one unit: no call leads there, for the first stake cannot be locked."""
    for unlocked in (0, 1):

        def change(world: World, unlocked: int = unlocked) -> None:
            world.staking.total_locked_staked_vvv = world.staking.svvv.total_supply - unlocked

        story = Story(f"{unlocked} unlocked")
        story.given(change)
        story.later(1)
        story.send("minter", STAKING, "claim")
        story.later(1)
        story.send("owner", STAKING, "setEmissionRate", 0)
        yield story.recorded()


def one_locked() -> Iterable[Program]:
    """One unit of all that is staked is locked, and so much is emitted that it earns something."""

    def change(world: World) -> None:
        world.staking.total_locked_staked_vvv = U256(1)

    story = Story("one unit locked")
    story.given(change)
    story.later(30_000)
    story.send("staker", STAKING, "claim")
    story.send("staker", STAKING, "accRewardPerShareLocked")
    return story.recorded()


def reward_of_one() -> Iterable[Program]:
    """One unit is pending, and staked; then none is."""

    def change(world: World) -> None:
        world.staking.acc_reward_per_share = ACC_REWARD_SCALE
        world.staking.stakes[story.account("small_staker")].reward_debt = U256(2)

    story = Story("a reward of one unit")
    story.given(change)
    story.send("small_staker", STAKING, "claimAndStake")
    story.send("small_staker", STAKING, "claimAndStake")
    story.send("small_staker", STAKING, "claim")
    return story.recorded()


def backwards() -> Iterable[Program]:
    """Time runs back, as it cannot on a chain: nothing is emitted a second time, and nothing refused for it."""
    story = Story("backwards")
    for seconds in (10, -5, 0, 5, 1):
        story.later(seconds)
        story.send("minter", STAKING, "pendingRewards", "minter")
        story.send("minter", STAKING, "claim")
        story.send("owner", STAKING, "setEmissionRate", TOKEN)
    return story.recorded()


def full_table() -> Iterable[Program]:
    """The table has a step in each of its places, one unit wide, and the last is reached, and passed."""
    story = Story("a full table")
    supply = sum(int(account.outstanding_diem) for account in story.preset.accounts)
    bounds = tuple(supply + step for step in range(1, CURVE_STEPS + 1))
    story.send("owner", STAKING, "setDiemMintCurve", bounds, (TOKEN,) * CURVE_STEPS)
    for amount in (CURVE_STEPS - 1, CURVE_STEPS, CURVE_STEPS + 1):
        story.send("staker", STAKING, "getDiemAmountOut", amount)
    story.send("staker", STAKING, "mintDiem", CURVE_STEPS, 0)
    story.send("staker", STAKING, "mintDiem", 1, 0)
    return story.recorded()


def upgrades() -> Iterable[Program]:
    """The owner upgrades to the code that there is, and has a call made on it: one refused with data, and without."""
    story = Story("upgrades with calls that are refused")
    same = addresses.STAKING_IMPLEMENTATION
    for data in (STAKING.by_name["finalizeUnstake"].calldata(), b"\0\0\0\0", STAKING.by_name["claim"].calldata()):
        story.send("owner", STAKING, "upgradeToAndCall", same, data)
    return story.recorded()


def curve_ends() -> Iterator[Iterable[Program]]:
    """A lock takes a step, or all of the curve, to the last unit; also where one sVVV buys more than there is room."""
    supply = 11 * TOKEN
    for rate in (2 * TOKEN, 1, TOKEN, TOKEN // 3):
        story = Story(f"the curve ends at a rate of {rate}")
        bounds = (supply, supply + 5, supply + TOKEN, supply + 2 * TOKEN)
        rates = (rate, rate, 2 * rate, 3 * rate + 1)
        unused = (0,) * (CURVE_STEPS - len(bounds))
        story.send("owner", STAKING, "setDiemMintCurve", bounds + unused, rates + unused)
        rooms = (0, 5, TOKEN - 5, TOKEN)
        costs = [-(-one * room // TOKEN) for one, room in zip(rates, rooms, strict=True)]
        for steps in range(2, 5):
            for amount in (sum(costs[:steps]) + more for more in (-1, 0, 1)):
                story.send("staker", STAKING, "getDiemAmountOut", U256(max(amount, 0)))
        story.send("staker", STAKING, "mintDiem", sum(costs), 0)
        yield story.recorded()


_STORIES = (
    *(endless_allowance, last_unit, even_shares, all_but_even_shares, one_locked, reward_of_one),
    *(backwards, upgrades, full_table),
)
