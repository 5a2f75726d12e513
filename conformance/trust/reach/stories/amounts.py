"""Stories of amounts: all that there is, one more, exact allowances, the largest numbers."""

from __future__ import annotations

from conformance.trust.reach.stories.story import UNIT, Story, story
from spec.diem.token import MINTER_BURNER_ROLE
from spec.uint256 import MAX_UINT256


@story
def stakes_to_the_last_unit(told: Story) -> None:
    balance = int(told.world.vvv.balance_of[told.accounts["staker"]])
    for allowed in (balance, MAX_UINT256):
        told.send("staker", "vvv.approve", "staking", allowed)
        told.outcomes_aside(
            "staker", "staking.stake", ("staker", balance), ("minter", balance), ("staker", balance + 1)
        )
    told.send("staker", "vvv.approve", "staking", UNIT)
    told.outcomes_aside("staker", "staking.stake", ("staker", UNIT), ("staker", UNIT + 1), ("nobody", UNIT))
    told.outcomes_aside("staker", "staking.stake", ("staker", 0), ("staker", MAX_UINT256), ("newcomer", 1))


@story
def reward_funds_the_stake(told: Story) -> None:
    told.send("staker", "vvv.approve", "staking", MAX_UINT256)
    told.now += 10
    reward = told.view("staking.pendingRewards", "staker")
    balance = int(told.world.vvv.balance_of[told.accounts["staker"]])
    told.outcomes_aside("staker", "staking.stake", ("staker", balance + reward), ("staker", balance + reward + 1))


@story
def unlocked_to_the_last_unit(told: Story) -> None:
    unlocked = int(told.world.staking.unlocked(told.accounts["minter"]))
    told.set_curve((int(told.world.diem.total_supply) + 10**30, 90 * UNIT))
    amounts = (unlocked, unlocked + 1, MAX_UINT256, 0)
    told.outcomes_aside("minter", "staking.mintDiem", *((amount, 0) for amount in amounts))
    told.outcomes_aside("minter", "staking.initiateUnstake", *((amount,) for amount in amounts))


@story
def burns_to_the_last_unit(told: Story) -> None:
    told.outcome("staker", "staking.burnDiem", 1)
    told.send("minter", "staking.mintDiem", 900 * UNIT, 0)
    lock = told.world.staking.locked_stakes[told.accounts["minter"]]
    outstanding, balance = int(lock.outstanding_diem_amount), int(told.world.diem.balance_of[told.accounts["minter"]])
    told.outcomes_aside("minter", "staking.burnDiem", (balance,), (balance + 1,), (0,), (1,), (MAX_UINT256,))
    told.send("admin", "diem.grantRole", MINTER_BURNER_ROLE, "admin")
    told.send("admin", "diem.mint", "minter", outstanding)
    told.outcomes_aside("minter", "staking.burnDiem", (outstanding,), (outstanding - 1,), (outstanding + 1,))
    told.send("admin", "diem.mint", "staker", UNIT)
    told.outcome("staker", "staking.burnDiem", 1)


@story
def burns_of_cheap_locks(told: Story) -> None:
    """Rates below one: DIEM that unlocks nothing, and more than is outstanding that unlocks no more than is locked."""
    supply = int(told.world.diem.total_supply)
    told.set_curve((supply + 10**6, UNIT // 10), (supply + 10**30, 90 * UNIT))
    told.send("staker", "staking.mintDiem", 3, 0)
    told.send("admin", "diem.grantRole", MINTER_BURNER_ROLE, "admin")
    told.send("admin", "diem.mint", "staker", 2**255)
    for amount in (1, 29, 30, 31, 39, 2**255):
        told.outcomes_aside("staker", "staking.burnDiem", (amount,))


@story
def moves_to_the_last_unit(told: Story) -> None:
    told.send("minter", "staking.mintDiem", 900 * UNIT, 0)
    minter = told.accounts["minter"]
    for token, state in (("vvv", told.world.vvv), ("diem", told.world.diem)):
        balance = int(state.balance_of[minter])
        amounts = (balance, balance + 1, 0, 1, MAX_UINT256)
        for recipient in ("staker", "minter", "nobody"):
            told.outcomes_aside("minter", f"{token}.transfer", *((recipient, amount) for amount in amounts))
        for allowed in (UNIT, balance, balance + 1, MAX_UINT256):
            told.send("minter", f"{token}.approve", "newcomer", allowed)
            more = {*amounts, allowed, min(allowed + 1, MAX_UINT256)}
            for recipient in ("staker", "nobody"):
                variants = [("minter", recipient, amount) for amount in sorted(more)]
                told.outcomes_aside("newcomer", f"{token}.transferFrom", *variants)
        told.outcomes_aside("minter", f"{token}.approve", ("nobody", 1), ("staker", 0), ("staker", MAX_UINT256))


@story
def stakes_diem_to_the_last_unit(told: Story) -> None:
    told.send("minter", "staking.mintDiem", 900 * UNIT, 0)
    balance = int(told.world.diem.balance_of[told.accounts["minter"]])
    told.outcomes_aside("minter", "diem.stake", (balance,), (balance + 1,), (0,), (MAX_UINT256,))
    told.send("minter", "diem.stake", balance)
    staked = int(told.world.diem.staked_infos[told.accounts["minter"]].amount_staked)
    told.outcomes_aside("minter", "diem.initiateUnstake", (staked,), (staked + 1,), (0,), (MAX_UINT256,))


@story
def diem_by_role(told: Story) -> None:
    role = MINTER_BURNER_ROLE
    told.outcomes_aside("staker", "diem.grantRole", (role, "staker"))
    told.outcomes_aside("staker", "diem.revokeRole", (role, "staking"))
    told.outcomes_aside("staker", "diem.renounceRole", (role, "minter"), (role, "staker"))
    told.outcomes_aside("staker", "diem.setCooldownDuration", (1,))
    told.outcomes_aside("staker", "diem.mint", ("staker", 1))
    told.outcomes_aside("staker", "diem.burn", ("minter", 1))
    told.send("admin", "diem.grantRole", role, "admin")
    told.send("admin", "diem.grantRole", role, "admin")
    told.outcomes_aside("admin", "diem.mint", ("staker", 7), ("nobody", 7), ("staker", MAX_UINT256))
    told.send("admin", "diem.mint", "staker", 7)
    told.outcomes_aside("admin", "diem.mint", ("staker", MAX_UINT256))
    told.outcomes_aside("admin", "diem.burn", ("staker", 7), ("staker", 8), ("nobody", 7), ("staker", MAX_UINT256))
    told.send("admin", "diem.revokeRole", role, "staking")
    told.send("admin", "diem.revokeRole", role, "staking")
    told.outcomes_aside("minter", "staking.mintDiem", (UNIT, 0))
    told.outcomes_aside("minter", "staking.burnDiem", (1,))
    told.send("admin", "diem.renounceRole", role, "admin")
