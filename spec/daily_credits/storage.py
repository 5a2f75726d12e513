"""The storage of DailyCredits. Source: PROTOCOL 9, grade E."""

from __future__ import annotations

from spec.messages import Address
from spec.storage import Account, AddressVariable, BoolVariable, Record, RecordMapping, Uint256Variable


class CreditAccount(Record):
    """One account's credit, as of the epoch in which it was last touched."""

    epoch = Uint256Variable(0)
    """The epoch of the last touch."""

    allocation = Uint256Variable(1)
    """What that epoch allows to be spent (credits, 10^18 = 1 USD)."""

    staked = Uint256Variable(2)
    """The stake last recorded (DIEM base units): the allocation of every later epoch."""

    spent = Uint256Variable(3)
    """What has been spent in that epoch (credits, 10^18 = 1 USD)."""


class DailyCreditsStorage(Record):
    """DailyCredits' variables."""

    diem = AddressVariable(0)
    """Where stakes are read."""

    gateway = AddressVariable(1)
    """Who may spend."""

    credit_at_once = BoolVariable(1, lowest_byte=20)
    """Whether a stake gives credit on the day it is recorded, not only from the next."""

    epoch_duration = Uint256Variable(2)
    """s"""

    minimum_stake = Uint256Variable(3)
    """The smallest allocation that can be spent from (DIEM base units)."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.accounts: RecordMapping[Address, CreditAccount] = RecordMapping(self, 4, CreditAccount)
