"""Who takes part in a program: the preset's accounts, accounts that appear on the way, and the contracts themselves."""

from __future__ import annotations

from typing import Final

from conformance.programs.choices import Choices
from ledger.secret_keys import account_of
from spec import addresses
from spec.hashing import keccak256
from spec.messages import ZERO_ADDRESS, Address
from spec.parameters import Preset
from spec.storage import RecordMapping, Uint256Table

ALIASES: Final = (addresses.VVV, addresses.STAKING, addresses.DIEM, addresses.DAILY_CREDITS, ZERO_ADDRESS)
"""Accounts that are nobody's: the contracts and the zero address. All can be named, but only the zero address calls: no
contract's code makes such calls, and what holds of the protocol supposes so."""


_SECRETS: Final = [keccak256(b"conformance newcomer %d" % number) for number in range(6)]

NEWCOMERS: Final = {account_of(secret): secret for secret in _SECRETS}
"""Accounts that appear in the middle of a program, with the secret keys that sign their permits."""


class Cast:
    """The accounts that are there so far."""

    def __init__(self, preset: Preset) -> None:
        named = [account.address for account in preset.accounts if account.address != ZERO_ADDRESS]
        self.present: list[Address] = list(dict.fromkeys([*named, preset.staking.treasury]))
        self._to_come = list(NEWCOMERS)

    def admit(self) -> None:
        """Let the next newcomer appear, if one is left."""
        if self._to_come:
            self.present.append(self._to_come.pop(0))

    def someone(self, choices: Choices) -> Address:
        """Return an account that is there."""
        return choices.one_of(self.present)

    def anyone(self, choices: Choices) -> Address:
        """Return an account to be named in a call: one that is there or, less often, one that is nobody's."""
        return choices.one_of(ALIASES) if choices.chance(10) else self.someone(choices)

    def caller(self, choices: Choices) -> Address:
        """Return an account to make a call: one that is there or, rarely, the zero address."""
        return ZERO_ADDRESS if choices.chance(3) else self.someone(choices)

    def allowances(self, allowance: RecordMapping[Address, Uint256Table]) -> list[tuple[Address, Address]]:
        """Return (owner, spender) of every allowance between two accounts that are there."""
        allowed = []
        for owner in self.present:
            of = allowance[owner].of
            allowed += [(owner, spender) for spender in self.present if of.words[of.slots[spender]]]
        return allowed

    def account_among(self, choices: Choices, wanted: list[Address]) -> Address:
        """Return one of the accounts that are ``wanted``; anyone if there is none, and sometimes all the same."""
        if not wanted or choices.chance(15):
            return self.anyone(choices)
        return choices.one_of(wanted)

    def caller_among(self, choices: Choices, wanted: list[Address]) -> Address:
        """Return one of the callers that are ``wanted``; any caller if there is none, and sometimes all the same."""
        if not wanted or choices.chance(15):
            return self.caller(choices)
        return choices.one_of(wanted)
