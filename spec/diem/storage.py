"""The storage of DIEM. Source: PROTOCOL 9; OpenZeppelin 5.2.0 declares ``ERC20``, then ``AccessControl``."""

from __future__ import annotations

from spec.access_control import Role
from spec.erc20 import ERC20Storage
from spec.messages import Address
from spec.storage import Account, Record, RecordMapping, Uint256Variable


class StakedInfo(Record):
    """One account's staked DIEM."""

    amount_staked = Uint256Variable(0)
    """DIEM base units that give daily credit."""

    cool_down_end = Uint256Variable(1)
    """When the cooling DIEM can be taken out (s); 0 if none is cooling."""

    cool_down_amount = Uint256Variable(2)
    """DIEM base units on their way out."""


class DiemStorage(ERC20Storage):
    """DIEM's variables; amounts in DIEM base units (10^18 = 1 DIEM)."""

    total_staked = Uint256Variable(7)
    """The sum of what is staked and what is cooling."""

    cooldown_duration = Uint256Variable(8)
    """s"""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.roles: RecordMapping[bytes, Role] = RecordMapping(self, 5, Role)
        self.staked_infos: RecordMapping[Address, StakedInfo] = RecordMapping(self, 6, StakedInfo)
