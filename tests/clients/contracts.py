"""The contracts, as clients know them: an address and an ABI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from conformance.artifact import load_artifacts
from spec import addresses
from spec.messages import Address
from spec.quantities import format_address

ARTIFACTS: Final = load_artifacts()


class Contract(NamedTuple):
    """A contract of the protocol."""

    address: str
    """With EIP-55's checksum."""
    abi: list[Mapping[str, Any]]


def _contract(address: Address, abi: tuple[Mapping[str, Any], ...]) -> Contract:
    return Contract(format_address(address), list(abi))


VVV: Final = _contract(addresses.VVV, ARTIFACTS.vvv.abi)
STAKING: Final = _contract(addresses.STAKING, ARTIFACTS.staking.abi)
DIEM: Final = _contract(addresses.DIEM, ARTIFACTS.diem.abi)
CREDITS: Final = _contract(addresses.DAILY_CREDITS, ARTIFACTS.credits.abi)
