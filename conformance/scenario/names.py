"""Who is who in a scenario."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from conformance.scenario.faults import Fault, brief, within
from spec import addresses
from spec.messages import ZERO_ADDRESS, Address
from spec.parameters import Preset
from spec.quantities import format_address, parse_address

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def known_names(preset: Preset) -> dict[str, Address]:
    """Return the names that need no explanation: contracts, roles, and the accounts of the preset.

    Raises
    ------
    Fault : an account of the preset has the name of a contract or a role.
    """
    names = {
        "vvv": addresses.VVV,
        "staking": addresses.STAKING,
        "diem": addresses.DIEM,
        "credits": addresses.DAILY_CREDITS,
        "zero": ZERO_ADDRESS,
        "treasury": preset.staking.treasury,
        "owner": preset.staking.owner,
        "admin": preset.diem.admin,
        "gateway": preset.credits.gateway,
    }
    for account in preset.accounts:
        if names.setdefault(account.name, account.address) != account.address:
            raise Fault(
                f"expected no account named {account.name!r}, which is the name of a contract or a role", "preset"
            )
    return names


class Names:
    """The names of a scenario, and the addresses behind them."""

    def __init__(self, preset: Preset, accounts: Mapping[str, object]) -> None:
        self.addresses: Final = known_names(preset)
        for name, address in accounts.items():
            with within("accounts", name):
                self._add(name, address)
        self._names: Final[dict[Address, str]] = {}
        for name, known in self.addresses.items():
            self._names.setdefault(known, name)

    def _add(self, name: str, address: object) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError("expected a name of letters, digits, _ and -, that starts with a letter")
        if name in self.addresses:
            raise ValueError("expected a new name; this one is known already")
        self.addresses[name] = parse_address(_text(address))

    def address_of(self, value: object) -> Address:
        """Return the address that a name or ``0x…`` stands for.

        Raises
        ------
        ValueError : an unknown name; not an address.
        """
        text = _text(value)
        if text.startswith("0x"):
            return parse_address(text)
        if text not in self.addresses:
            close = get_close_matches(text, self.addresses, 1)
            hint = f"{close[0]!r}?" if close else ", ".join(self.addresses)
            raise ValueError(f"expected an address 0x… or a known name ({hint}), found {brief(text)}")
        return self.addresses[text]

    def name_of(self, address: Address) -> str:
        """Return the name of an address, or the address itself in hexadecimal."""
        return self._names.get(address) or format_address(address)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        # YAML reads 0x… as a number, and would lose its leading zeros.
        raise ValueError(f"expected a name, or an address in quotation marks ('0x…'), found the number {brief(value)}")
    raise ValueError(f"expected a name or an address, found {brief(value)}")
