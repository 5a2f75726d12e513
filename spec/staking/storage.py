"""The storage of staking, behind its proxy. Source: PROTOCOL 9, the order of its own variables grade E."""

from __future__ import annotations

from typing import Final

from spec.erc20 import ERC20Storage
from spec.messages import Address
from spec.ownable import OwnableStorage
from spec.storage import (
    Account,
    AddressVariable,
    BoolVariable,
    Record,
    RecordMapping,
    Uint64Variable,
    Uint256Array,
    Uint256Variable,
    erc7201,
)
from spec.uint256 import U256

CURVE_STEPS: Final = 256
"""The length of the mint curve's table."""

ERC1967_IMPLEMENTATION_SLOT: Final = 0x360894A13BA1A3210667C828492DB98DCA3E2076CC3735A920A3CA505D382BBC
"""keccak256("eip1967.proxy.implementation") - 1 (ERC-1967)."""


class Stake(Record):
    """One account's stake, apart from its balance of sVVV."""

    reward_debt = Uint256Variable(0)
    """What the account had earned, by the accumulators, when it was last settled (VVV base units)."""

    cooldown_end = Uint256Variable(1)
    """When the cooling VVV can be taken out (s); 0 if none is cooling."""

    cooldown_amount = Uint256Variable(2)
    """VVV base units on their way out."""


class LockedStake(Record):
    """One account's sVVV that is locked because DIEM was minted with it."""

    svvv_locked_amount = Uint256Variable(0)
    """sVVV base units"""

    outstanding_diem_amount = Uint256Variable(1)
    """DIEM base units that the account has minted and not burned."""


class Initializable(Record):
    """OpenZeppelin's record of how often the proxy was initialized."""

    initialized = Uint64Variable(0)
    initializing = BoolVariable(0, lowest_byte=8)


class Implementation(Record):
    """ERC-1967's pointer to the proxy's code."""

    implementation = AddressVariable(0)


class StakingStorage(Record):
    """Staking's variables."""

    venice = AddressVariable(0)
    """VVV, the token that is staked and earned."""

    diem = AddressVariable(1)
    """DIEM, the token that locked stake mints."""

    treasury = AddressVariable(2)
    """Who receives the protocol's share of emissions."""

    emission_rate_per_second = Uint256Variable(3)
    """VVV base units per second"""

    venice_emissions_percentage = Uint256Variable(4)
    """The treasury's share of all emissions (10^18 = 100 %)."""

    venice_emissions_percentage_when_locked = Uint256Variable(5)
    """The emission fee: the treasury's share of what locked stake earns (10^18 = 100 %)."""

    cooldown_duration = Uint256Variable(6)
    """s"""

    acc_reward_per_share = Uint256Variable(7)
    """VVV that one unlocked sVVV has earned since the beginning, scaled by ACC_REWARD_SCALE."""

    acc_reward_per_share_locked = Uint256Variable(8)
    """VVV that one locked sVVV has earned since the beginning, scaled by ACC_REWARD_SCALE."""

    last_reward_timestamp = Uint256Variable(9)
    """Up to when emissions are settled (s)."""

    total_locked_staked_vvv = Uint256Variable(10)
    """sVVV base units, the sum of all locks."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.stakes: RecordMapping[Address, Stake] = RecordMapping(self, 11, Stake)
        self.locked_stakes: RecordMapping[Address, LockedStake] = RecordMapping(self, 12, LockedStake)
        self.diem_supply = Uint256Array(self, 13, CURVE_STEPS)
        """The DIEM supply at which each step ends (DIEM base units)."""
        self.diem_mint_rates = Uint256Array(self, 13 + CURVE_STEPS, CURVE_STEPS)
        """sVVV per DIEM in each step (10^18 = one for one)."""
        self.svvv = ERC20Storage(account, erc7201("openzeppelin.storage.ERC20"))
        """The ledger of stakes: balances and supply of sVVV."""
        self.ownable = OwnableStorage(account, erc7201("openzeppelin.storage.Ownable"))
        self.initializable = Initializable(account, erc7201("openzeppelin.storage.Initializable"))
        self.erc1967 = Implementation(account, ERC1967_IMPLEMENTATION_SLOT)

    def unlocked(self, account: Address) -> U256:
        """Return how much of an account's sVVV is not locked (base units)."""
        return self.svvv.balance_of[account] - self.locked_stakes[account].svvv_locked_amount
