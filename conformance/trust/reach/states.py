"""States that no call leads to, and calls that no contract makes: where checks answer that nothing else can reach.

What holds of the protocol does not hold here, so its invariants are not watched; the two machines still have to agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from conformance.session import function_of
from conformance.vectors.state import State, state_of
from spec import addresses
from spec.diem.token import MINTER_BURNER_ROLE
from spec.genesis import genesis
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.parameters import Preset
from spec.uint256 import MAX_UINT256, U256, ZERO
from spec.world import World

UNIT: Final = U256(10**18)
LARGEST: Final = U256(MAX_UINT256)
OTHER_CHAIN: Final = 1


class Case(NamedTuple):
    """A state, and calls that are made one after the other from it on."""

    state: State
    calls: list[Call]


class _Told(NamedTuple):
    """What calls are made with."""

    preset: Preset

    def account(self, name: str) -> Address:
        known = {account.name: account.address for account in self.preset.accounts}
        known |= {"nobody": ZERO_ADDRESS, "staking": addresses.STAKING, "owner": self.preset.staking.owner}
        return {**known, "gateway": self.preset.credits.gateway}[name]

    def call(self, sender: str, function: str, *arguments: Any) -> Call:
        contract, target = function_of(function)
        data = target.calldata(*(self.account(one) if isinstance(one, str) else one for one in arguments))
        return Call(self.account(sender), contract.address, data, self.preset.timestamp + 1)


def cases(preset: Preset) -> Iterator[Case]:
    """Yield all states and calls, from the genesis of a preset."""
    told = _Told(preset)
    for change, calls in _CHANGES:
        world = genesis(preset)
        change(world, told)
        yield from (Case(state_of(world), [told.call(*one)]) for one in calls)
    elsewhere = state_of(genesis(preset))._replace(chain_id=OTHER_CHAIN)
    yield Case(elsewhere, [told.call("staker", "vvv.DOMAIN_SEPARATOR")])


SETTLING: Final = (
    ("staker", "staking.claim"),
    ("staker", "staking.claimAndStake"),
    ("staker", "staking.initiateUnstake", 1),
    ("staker", "staking.mintDiem", UNIT, 0),
    ("staker", "staking.burnDiem", 1),
    ("staker", "staking.stake", "staker", 1),
    ("owner", "staking.setEmissionRate", 0),
    ("owner", "staking.setVeniceEmissionsPercentage", 0),
    ("owner", "staking.setVeniceEmissionsPercentageWhenLocked", 0),
)
PENDING: Final = ("staker", "staking.pendingRewards", "staker")
CREDITED: Final = (
    ("staker", "credits.record", "staker"),
    ("gateway", "credits.spend", "staker", 1),
    ("staker", "credits.epoch"),
    ("staker", "credits.allocation", "staker"),
    ("staker", "credits.spent", "staker"),
    ("staker", "credits.available", "staker"),
)


def _as_it_is(world: World, told: _Told) -> None:
    """Change nothing: it is the caller who is out of the ordinary."""


def _with_a_lock(world: World, account: Address) -> None:
    """Let an account have sVVV, half of it locked, and DIEM of every kind."""
    staking, diem = world.staking, world.diem
    staking.svvv.balance_of[account] += 4 * UNIT
    staking.svvv.total_supply += 4 * UNIT
    staking.locked_stakes[account].svvv_locked_amount += 2 * UNIT
    staking.locked_stakes[account].outstanding_diem_amount += UNIT
    staking.total_locked_staked_vvv += 2 * UNIT
    diem.balance_of[account] += UNIT
    diem.total_supply += UNIT


def _another_minter(world: World, told: _Told) -> None:
    _with_a_lock(world, told.account("staker"))
    world.vvv.owner = told.account("staker")


def _no_stake_at_all(world: World, told: _Told) -> None:
    _with_a_lock(world, told.account("staker"))
    world.staking.svvv.total_supply = world.staking.total_locked_staked_vvv = ZERO


def _more_locked_than_staked(world: World, told: _Told) -> None:
    _with_a_lock(world, told.account("staker"))
    world.staking.total_locked_staked_vvv = world.staking.svvv.total_supply + 1
    staker = told.account("staker")
    world.staking.locked_stakes[staker].svvv_locked_amount = world.staking.svvv.balance_of[staker] + 1


def _largest_supplies(world: World, told: _Told) -> None:
    _with_a_lock(world, told.account("staker"))
    world.vvv.total_supply = world.diem.total_supply = LARGEST


def _largest_supply_to_stakers_alone(world: World, told: _Told) -> None:
    _with_a_lock(world, told.account("staker"))
    world.vvv.total_supply = LARGEST
    world.staking.total_locked_staked_vvv = world.staking.venice_emissions_percentage = ZERO


def _staking_without_vvv(world: World, told: _Told) -> None:
    world.vvv.balance_of[addresses.STAKING] = ZERO
    world.staking.emission_rate_per_second = ZERO
    stake = world.staking.stakes[told.account("staker")]
    world.staking.acc_reward_per_share += U256(10**36)
    stake.cooldown_amount = UNIT


def _largest_emission_rate(world: World, told: _Told) -> None:
    _with_a_lock(world, told.account("staker"))
    world.staking.emission_rate_per_second = LARGEST


def _nobody_with_everything(world: World, told: _Told) -> None:
    _with_a_lock(world, ZERO_ADDRESS)
    info = world.diem.staked_infos[ZERO_ADDRESS]
    info.cool_down_amount = UNIT
    world.diem.total_staked += UNIT
    world.diem.balance_of[addresses.DIEM] += UNIT
    world.diem.allowance[ZERO_ADDRESS].of[told.account("staker")] = LARGEST
    world.staking.svvv.allowance[ZERO_ADDRESS].of[told.account("staker")] = LARGEST


def _nothing_staked_of_what_cools(world: World, told: _Told) -> None:
    world.diem.staked_infos[told.account("staker")].cool_down_amount = UNIT
    world.diem.total_staked = ZERO


def _diem_that_is_not_there(world: World, told: _Told) -> None:
    world.diem.staked_infos[told.account("staker")].cool_down_amount = UNIT
    world.diem.total_staked = UNIT
    world.diem.balance_of[addresses.DIEM] = ZERO


def _largest_stakes(world: World, told: _Told) -> None:
    _with_a_lock(world, told.account("staker"))
    world.diem.total_staked = LARGEST
    world.diem.staked_infos[told.account("staker")].amount_staked = UNIT
    world.diem.staked_infos[told.account("staker")].cool_down_amount = LARGEST


def _no_epochs(world: World, told: _Told) -> None:
    world.credits.epoch_duration = ZERO


def _overspent(world: World, told: _Told) -> None:
    account = world.credits.accounts[told.account("staker")]
    account.epoch = U256((told.preset.timestamp + 1) // int(world.credits.epoch_duration))
    account.allocation = world.credits.minimum_stake + 1
    account.spent = account.allocation + 1


def _diem_outside_of_its_supply(world: World, told: _Told) -> None:
    world.diem.roles[MINTER_BURNER_ROLE].has_role[told.account("staker")] = True
    world.diem.balance_of[told.account("staker")] = LARGEST


_CHANGES: Final[tuple[tuple[Callable[[World, _Told], None], tuple[tuple[Any, ...], ...]], ...]] = (
    (
        _as_it_is,
        (
            ("staking", "vvv.mint", "staker", 1),
            ("staking", "vvv.mint", "staker", MAX_UINT256),
            ("staking", "vvv.transferOwnership", "staker"),
        ),
    ),
    (_another_minter, (*SETTLING, PENDING, ("staker", "vvv.mint", "staker", 1))),
    (_no_stake_at_all, (*SETTLING, PENDING)),
    (_more_locked_than_staked, (*SETTLING, PENDING, ("staker", "staking.balanceOfUnlocked", "staker"))),
    (_largest_supplies, SETTLING),
    (_largest_supply_to_stakers_alone, SETTLING),
    (_staking_without_vvv, (*SETTLING, ("staker", "staking.finalizeUnstake"))),
    (_largest_emission_rate, (*SETTLING, PENDING)),
    (
        _nobody_with_everything,
        (
            ("nobody", "staking.claimAndStake"),
            ("nobody", "staking.initiateUnstake", 1),
            ("nobody", "staking.mintDiem", UNIT, 0),
            ("nobody", "staking.burnDiem", 1),
            ("nobody", "diem.stake", 1),
            ("nobody", "diem.unstake"),
            ("staker", "diem.transferFrom", "nobody", "staker", 1),
            ("staker", "staking.transferFrom", "nobody", "staker", 1),
        ),
    ),
    (_nothing_staked_of_what_cools, (("staker", "diem.unstake"),)),
    (_diem_that_is_not_there, (("staker", "diem.unstake"),)),
    (_largest_stakes, (("staker", "diem.stake", 1), ("staker", "diem.initiateUnstake", 1))),
    (_no_epochs, CREDITED),
    (_overspent, (CREDITED[1], CREDITED[-1])),
    (
        _diem_outside_of_its_supply,
        (("staker", "diem.transfer", "minter", MAX_UINT256), ("staker", "diem.burn", "staker", 1)),
    ),
)
"""How a genesis is changed, and the calls that are made then, each for itself."""
