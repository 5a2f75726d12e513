"""The world: the storage of all contracts, one journal over it, and the logs of the call in progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from spec.addresses import CHAIN_ID, DAILY_CREDITS, DIEM, STAKING, VVV
from spec.daily_credits.storage import DailyCreditsStorage
from spec.diem.storage import DiemStorage
from spec.messages import Address, Log
from spec.staking.storage import StakingStorage
from spec.storage import Account, Change, Words
from spec.vvv.storage import VVVStorage


class World:
    """Everything that a call can read or change."""

    def __init__(self, chain_id: int = CHAIN_ID, words_of: Callable[[Address], Words] = lambda _: Words()) -> None:
        """Make a world whose contracts start with the storage words that ``words_of`` gives, by default with none."""
        self.chain_id: Final = chain_id
        """``block.chainid``."""

        self.journal: Final[list[Change]] = []
        """Every write since the journal was last cleared, oldest first."""

        self.logs: Final[list[Log]] = []
        """The logs of the call in progress."""

        self.accounts: Final[dict[Address, Account]] = {
            address: Account(address, self.journal, words_of(address))
            for address in (VVV, STAKING, DIEM, DAILY_CREDITS)
        }
        self.vvv: Final = VVVStorage(self.accounts[VVV])
        self.staking: Final = StakingStorage(self.accounts[STAKING])
        self.diem: Final = DiemStorage(self.accounts[DIEM])
        self.credits: Final = DailyCreditsStorage(self.accounts[DAILY_CREDITS])

    def emit(self, log: Log) -> None:
        """Append a log to those of the call in progress."""
        self.logs.append(log)

    def undo(self, length: int) -> None:
        """Take back every write after the first ``length`` of the journal, newest first."""
        journal = self.journal
        while len(journal) > length:
            account, slot, before = journal.pop()
            account.restore(slot, before)
