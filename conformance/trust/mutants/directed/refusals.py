"""Programs in which a call is to be refused for two reasons at once, so that it shows which is looked at first.

Most begin where no call leads: a contract is a function of its words, whatever these are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from conformance.trust.mutants.directed.story import TOKEN, Story
from conformance.trust.mutants.program import Program
from spec import addresses
from spec.access_control import DEFAULT_ADMIN_ROLE
from spec.daily_credits import DAILY_CREDITS
from spec.diem import DIEM
from spec.diem.token import MINTER_BURNER_ROLE
from spec.messages import ZERO_ADDRESS
from spec.staking import STAKING
from spec.staking.rewards import ACC_REWARD_SCALE
from spec.uint256 import MAX_UINT256, U256, ZERO, floor_div
from spec.world import World

LARGEST: Final = U256(MAX_UINT256)
NOBODY: Final = addresses.DAILY_CREDITS


def two_refusals() -> Iterator[Program]:
    """Yield all of them."""
    for tell in _STORIES:
        story = Story(f"two refusals: {(tell.__doc__ or '').rstrip('.')}")
        tell(story)
        yield from story.recorded(views=False)


def _unburnable(story: Story) -> None:
    """The zero address unstakes, for ever."""

    def change(world: World) -> None:
        world.staking.svvv.balance_of[ZERO_ADDRESS] = U256(5)
        world.staking.cooldown_duration = LARGEST

    story.given(change)
    story.send("zero", STAKING, "initiateUnstake", 1)


def _unending_unstake(story: Story) -> None:
    """More DIEM is unstaked than there is, for ever."""
    story.send("admin", DIEM, "setCooldownDuration", LARGEST)
    story.send("minter", DIEM, "initiateUnstake", 6 * TOKEN)
    story.send("minter", DIEM, "initiateUnstake", 5 * TOKEN)


def _unpayable_stake(story: Story) -> None:
    """The zero address stakes DIEM on top of all there can be."""

    def change(world: World) -> None:
        world.diem.balance_of[ZERO_ADDRESS] = U256(5)
        world.diem.staked_infos[ZERO_ADDRESS].amount_staked = LARGEST

    story.given(change)
    story.send("zero", DIEM, "stake", 1)


def _nothing_cools(story: Story) -> None:
    """A cooldown of nothing is not over."""

    def change(world: World) -> None:
        account = story.account("staker")
        world.diem.staked_infos[account].cool_down_end = LARGEST
        world.staking.stakes[account].cooldown_end = LARGEST

    story.given(change)
    story.send("staker", DIEM, "unstake")
    story.send("staker", STAKING, "finalizeUnstake")


def _more_cools_than_is_staked(story: Story) -> None:
    """A cooldown of more than there is staked is not over."""

    def change(world: World) -> None:
        world.diem.total_staked = ZERO
        world.diem.staked_infos[story.account("minter")].cool_down_end = LARGEST

    story.given(change)
    story.send("minter", DIEM, "unstake")


def _endless_total(story: Story) -> None:
    """Nothing more can be locked, and no DIEM minted."""

    def change(world: World) -> None:
        world.staking.total_locked_staked_vvv = LARGEST
        _take_role(world)

    story.given(change)
    story.send("staker", STAKING, "pendingRewards", "staker")
    story.send("staker", STAKING, "claim")
    story.send("staker", STAKING, "mintDiem", TOKEN, 0)


def _endless_debt_of_lock(story: Story) -> None:
    """No DIEM can be minted, and no debt written that large."""

    def change(world: World) -> None:
        world.staking.acc_reward_per_share_locked = LARGEST
        _take_role(world)

    story.given(change)
    story.send("staker", STAKING, "mintDiem", TOKEN, 0)


def _no_total(story: Story) -> None:
    """Nothing is locked that could be unlocked, and no DIEM burned."""

    def change(world: World) -> None:
        world.staking.total_locked_staked_vvv = ZERO
        _take_role(world)

    story.given(change)
    story.send("minter", STAKING, "burnDiem", TOKEN)


def _endless_debt_of_unlock(story: Story) -> None:
    """No DIEM can be burned, and no debt written that large."""

    def change(world: World) -> None:
        account, state = story.account("minter"), world.staking
        unlocked = state.unlocked(account)
        state.acc_reward_per_share = floor_div(LARGEST, unlocked)
        debt = floor_div(unlocked * state.acc_reward_per_share, ACC_REWARD_SCALE)
        state.stakes[account].reward_debt = debt
        _take_role(world)

    story.given(change)
    story.send("minter", STAKING, "burnDiem", TOKEN)


def _endless_emission(story: Story) -> None:
    """No settlement is possible, and what is asked for neither."""
    story.send("owner", STAKING, "setEmissionRate", LARGEST)
    story.later(1)
    story.send("diem_buyer", STAKING, "burnDiem", 1)
    story.send("diem_buyer", STAKING, "burnDiem", 2 * TOKEN)
    for amount in (0, 10**30):
        story.send("staker", STAKING, "stake", "staker", amount)
        story.send("staker", STAKING, "initiateUnstake", amount)
        story.send("staker", STAKING, "mintDiem", amount, 0)
        story.send("minter", STAKING, "burnDiem", amount)
    for function in ("setVeniceEmissionsPercentage", "setVeniceEmissionsPercentageWhenLocked"):
        story.send("owner", STAKING, function, TOKEN + 1)
        story.send("staker", STAKING, function, TOKEN + 1)
    story.send("staker", STAKING, "setEmissionRate", 0)
    story.send("staker", STAKING, "setTreasury", "zero")
    story.send("staker", STAKING, "transferOwnership", "zero")
    story.send("staker", STAKING, "upgradeToAndCall", "diem", b"")


def _unmintable_emission(story: Story) -> None:
    """Nothing can be emitted, and too much is earned."""

    def change(world: World) -> None:
        world.vvv.owner = NOBODY
        world.staking.acc_reward_per_share = U256(2**255)

    story.given(change)
    story.later(1)
    story.send("staker", STAKING, "claim")
    story.send("staker", STAKING, "claimAndStake")


def _unmintable_emission_and_endless_unlock(story: Story) -> None:
    """Nothing can be emitted, and too much is unlocked."""

    def change(world: World) -> None:
        world.vvv.owner = NOBODY
        world.staking.locked_stakes[story.account("minter")].svvv_locked_amount = U256(2**255)

    story.given(change)
    story.later(1)
    story.send("minter", STAKING, "burnDiem", TOKEN)


def _nobody_to_stake_for(story: Story) -> None:
    """Nothing is allowed to be staked, and that for the zero address."""
    story.send("newcomer", STAKING, "stake", "zero", TOKEN)
    story.send("newcomer", STAKING, "stake", "zero", 0)


def _roles_of_ones_own(story: Story) -> None:
    """Nobody may make himself the admin, and the admin may cease to be it."""
    for sender, function in (("staker", "grantRole"), ("admin", "revokeRole"), ("admin", "grantRole")):
        story.send(sender, DIEM, function, DEFAULT_ADMIN_ROLE, sender)


def _lock_of_nothing(story: Story) -> None:
    """More is locked than there is, which is nothing."""

    def change(world: World) -> None:
        world.staking.svvv.total_supply = ZERO
        world.staking.total_locked_staked_vvv = U256(1)

    story.given(change)
    story.later(1)
    story.send("newcomer", STAKING, "claim")


def _nothing_of_nobodys(story: Story) -> None:
    """Nothing is asked of a token that there is not, and spent in an epoch that never ends."""

    def change(world: World) -> None:
        world.staking.diem = story.account("newcomer")
        world.credits.epoch_duration = ZERO

    story.given(change)
    story.send("staker", STAKING, "getDiemAmountOut", 0)
    story.send("staker", STAKING, "burnDiem", 0)
    story.send("gateway", DAILY_CREDITS, "spend", "staker", 0)
    story.send("gateway", DAILY_CREDITS, "spend", "staker", 1)


def _take_role(world: World) -> None:
    """Let staking mint and burn DIEM no more."""
    world.diem.roles[MINTER_BURNER_ROLE].has_role[addresses.STAKING] = False


_STORIES: Final[tuple[Callable[[Story], None], ...]] = (
    *(_unburnable, _unending_unstake, _unpayable_stake, _nothing_cools, _more_cools_than_is_staked),
    *(_endless_total, _endless_debt_of_lock, _no_total, _endless_debt_of_unlock, _endless_emission),
    *(_unmintable_emission, _unmintable_emission_and_endless_unlock, _nobody_to_stake_for, _roles_of_ones_own),
    *(_lock_of_nothing, _nothing_of_nobodys),
)
