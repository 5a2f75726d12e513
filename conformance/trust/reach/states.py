"""States that no call leads to, and calls that no contract makes: where checks answer that nothing else can reach.

What holds of the protocol does not hold here, so its invariants are not watched; the two machines still have to agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from conformance.session import function_of
from conformance.trust.reach import changes
from conformance.vectors.state import State, state_of
from spec import addresses
from spec.genesis import genesis
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.parameters import Preset
from spec.uint256 import MAX_UINT256
from spec.world import World

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
        change(world, told.account)
        yield from (Case(state_of(world), [told.call(*one)]) for one in calls)
    elsewhere = state_of(genesis(preset))._replace(chain_id=OTHER_CHAIN)
    yield Case(elsewhere, [told.call("staker", "vvv.DOMAIN_SEPARATOR")])


SETTLING: Final = (
    ("staker", "staking.claim"),
    ("staker", "staking.claimAndStake"),
    ("staker", "staking.initiateUnstake", 1),
    ("staker", "staking.mintDiem", changes.UNIT, 0),
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


_CHANGES: Final[tuple[tuple[Callable[[World, changes.Accounts], None], tuple[tuple[Any, ...], ...]], ...]] = (
    (
        changes.as_it_is,
        (
            ("staking", "vvv.mint", "staker", 1),
            ("staking", "vvv.mint", "staker", MAX_UINT256),
            ("staking", "vvv.transferOwnership", "staker"),
        ),
    ),
    (changes.another_minter, (*SETTLING, PENDING, ("staker", "vvv.mint", "staker", 1))),
    (changes.no_stake_at_all, (*SETTLING, PENDING)),
    (changes.more_locked_than_staked, (*SETTLING, PENDING, ("staker", "staking.balanceOfUnlocked", "staker"))),
    (changes.largest_supplies, SETTLING),
    (changes.largest_supply_to_stakers_alone, SETTLING),
    (changes.staking_without_vvv, (*SETTLING, ("staker", "staking.finalizeUnstake"))),
    (changes.largest_emission_rate, (*SETTLING, PENDING)),
    (
        changes.nobody_with_everything,
        (
            ("nobody", "staking.claimAndStake"),
            ("nobody", "staking.initiateUnstake", 1),
            ("nobody", "staking.mintDiem", changes.UNIT, 0),
            ("nobody", "staking.burnDiem", 1),
            ("nobody", "diem.stake", 1),
            ("nobody", "diem.unstake"),
            ("staker", "diem.transferFrom", "nobody", "staker", 1),
            ("staker", "staking.transferFrom", "nobody", "staker", 1),
        ),
    ),
    (changes.nothing_staked_of_what_cools, (("staker", "diem.unstake"),)),
    (changes.diem_that_is_not_there, (("staker", "diem.unstake"),)),
    (changes.largest_stakes, (("staker", "diem.stake", 1), ("staker", "diem.initiateUnstake", 1))),
    (changes.no_epochs, CREDITED),
    (changes.overspent, (CREDITED[1], CREDITED[-1])),
    (
        changes.diem_outside_of_its_supply,
        (("staker", "diem.transfer", "minter", MAX_UINT256), ("staker", "diem.burn", "staker", 1)),
    ),
)
"""How a genesis is changed, and the calls that are made then, each for itself."""
