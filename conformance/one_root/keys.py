"""The accounts that sign transactions, and presets in which they have every part."""

from __future__ import annotations

from typing import Final

from conformance.programs.actors import NEWCOMERS
from ledger.node.published import TEST_ACCOUNTS
from spec.messages import Address
from spec.parameters import Preset

KEYS: Final = {**dict(TEST_ACCOUNTS), **{address: key.secret for address, key in NEWCOMERS.items()}}
"""Address |-> secret key (32 bytes), of everybody who can sign a transaction of a program."""

TREASURY, OWNER = TEST_ACCOUNTS[7].address, TEST_ACCOUNTS[8].address
"""Who stands in for a treasury or an owner without a key."""


def with_keys(preset: Preset) -> Preset:
    """Return ``preset`` with treasury, owner and admin replaced by test accounts where there is no key to theirs.

    Else nothing that only they may do could be in a signed transaction.
    """
    staking, diem = preset.staking, preset.diem
    parts = {"treasury": _keyed(staking.treasury, TREASURY), "owner": _keyed(staking.owner, OWNER)}
    return preset.model_copy(
        update={
            "staking": staking.model_copy(update=parts),
            "diem": diem.model_copy(update={"admin": _keyed(diem.admin, OWNER)}),
        }
    )


def _keyed(address: Address, otherwise: Address) -> Address:
    return address if address in KEYS else otherwise
