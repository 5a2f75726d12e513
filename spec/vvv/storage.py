"""The storage of VVV. Source: PROTOCOL 9; solmate 6.8.0 declares ``ERC20``, then ``Owned``."""

from __future__ import annotations

from spec.messages import Address
from spec.storage import (
    Account,
    AddressVariable,
    Record,
    RecordMapping,
    ShortStringVariable,
    Uint256Mapping,
    Uint256Table,
    Uint256Variable,
)


class VVVStorage(Record):
    """VVV's variables; amounts in VVV base units (10^18 = 1 VVV)."""

    name = ShortStringVariable(0)
    symbol = ShortStringVariable(1)
    total_supply = Uint256Variable(2)
    owner = AddressVariable(6)
    """Who may mint: the staking contract."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.balance_of: Uint256Mapping[Address] = Uint256Mapping(self, 3)
        self.allowance: RecordMapping[Address, Uint256Table] = RecordMapping(self, 4, Uint256Table)
        """``allowance[owner].of[spender]``; 2^256-1 is without limit."""
        self.nonces: Uint256Mapping[Address] = Uint256Mapping(self, 5)
        """The number of permits an owner has had accepted."""
