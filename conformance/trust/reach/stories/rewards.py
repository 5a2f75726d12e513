"""Stories of settlements: without time, without emissions, with everything or nothing to one side."""

from __future__ import annotations

from conformance.trust.reach.stories.story import UNIT, Story, story
from spec.diem.token import MINTER_BURNER_ROLE
from spec.uint256 import MAX_UINT256

SETTERS = ("staking.setVeniceEmissionsPercentage", "staking.setVeniceEmissionsPercentageWhenLocked")


@story
def settles_at_once_and_a_second_later(told: Story) -> None:
    told.send("minter", "staking.mintDiem", UNIT, 0)
    told.send("minter", "staking.claim")
    told.send("minter", "staking.claim")
    told.outcome("minter", "staking.claimAndStake")
    for _ in range(3):
        told.now += 1
        told.send("minter", "staking.claim")
    told.now += 100
    told.send("minter", "staking.claimAndStake")
    told.now -= 50
    told.send("minter", "staking.claim")
    told.outcome("minter", "staking.pendingRewards", "minter")


@story
def percentages_at_their_ends(told: Story) -> None:
    told.send("minter", "staking.mintDiem", UNIT, 0)
    for setter in SETTERS:
        for percentage in (UNIT, 0, UNIT + 1, MAX_UINT256):
            told.outcome("owner", setter, percentage)
            told.now += 7
            told.send("minter", "staking.claim")
        told.outcome("staker", setter, 0)


@story
def no_emissions(told: Story) -> None:
    told.send("owner", "staking.setEmissionRate", 0)
    for sender in ("minter", "staker", "minter"):
        told.now += 7
        told.send(sender, "staking.claim")
        told.outcome(sender, "staking.claim")
        told.outcome(sender, "staking.claimAndStake")


@story
def nothing_locked(told: Story) -> None:
    """Everybody burns all DIEM and so unlocks everything, where that can be."""
    told.send("admin", "diem.grantRole", MINTER_BURNER_ROLE, "admin")
    locks = told.world.staking.locked_stakes
    for name in [account.name for account in told.preset.accounts]:
        lock = locks[told.accounts[name]]
        if lock.outstanding_diem_amount:
            told.send("admin", "diem.mint", name, int(lock.outstanding_diem_amount))
            told.send(name, "staking.burnDiem", int(lock.outstanding_diem_amount))
    for _ in range(3):
        told.now += 5
        told.send("staker", "staking.claim")


@story
def emissions_that_overflow(told: Story) -> None:
    """A rate of which nothing can be settled any more; and one that is only too much for VVV's supply."""
    told.send("owner", "staking.setVeniceEmissionsPercentage", UNIT)
    for rate in (MAX_UINT256 // UNIT - 1, MAX_UINT256):
        with told.aside():
            told.send("owner", "staking.setEmissionRate", rate)
            told.now += 1
            _settle_in_every_way(told)
    told.send("owner", "staking.setEmissionRate", MAX_UINT256 // UNIT)
    for _ in range(3):
        told.now += 10**9
        _settle_in_every_way(told)


def _settle_in_every_way(told: Story) -> None:
    told.outcomes_aside("staker", "staking.claim", ())
    told.outcomes_aside("staker", "staking.claimAndStake", ())
    told.outcomes_aside("staker", "staking.initiateUnstake", (1,))
    told.outcomes_aside("staker", "staking.mintDiem", (UNIT, 0))
    told.outcomes_aside("minter", "staking.burnDiem", (1,))
    told.outcomes_aside("staker", "staking.stake", ("staker", 1))
    told.outcomes_aside("staker", "staking.pendingRewards", ("staker",))
    for setter in ("staking.setEmissionRate", *SETTERS):
        told.outcomes_aside("owner", setter, (0,))
