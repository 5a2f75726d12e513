"""The accounts that sign transactions, and presets in which they have every part."""

from __future__ import annotations

from typing import Final

from conformance.programs.actors import NEWCOMERS
from ledger.keys import SequencerKey
from ledger.node.published import TEST_ACCOUNTS
from spec.hashing import keccak256
from spec.messages import Address
from spec.parameters import Preset

_SECRETS: Final = [keccak256(b"conformance treasury"), keccak256(b"conformance owner")]
TREASURY, OWNER = (SequencerKey.from_secret(secret).address for secret in _SECRETS)
"""Who stands in for a treasury or an owner without a key."""

FUNDED: Final = {**dict(TEST_ACCOUNTS), TREASURY: _SECRETS[0], OWNER: _SECRETS[1]}
"""Address |-> secret key (32 bytes), of those who have ether at genesis."""

KEYS: Final = {**FUNDED, **NEWCOMERS}
"""The same of everybody who can sign a transaction of a program."""


def with_keys(preset: Preset) -> Preset:
    """Return ``preset`` with another treasury, owner and admin where there is no key to the preset's.

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
