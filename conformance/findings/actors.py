"""Names for the accounts of a program, as constants of a test are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from conformance.programs.actors import NEWCOMERS
from conformance.scenario.names import known_names
from spec.machine import CONTRACTS
from spec.messages import Address
from spec.parameters import Preset


class Actors:
    """Address |-> name, for the accounts that have been named."""

    def __init__(self, preset: Preset) -> None:
        self._known: dict[Address, str] = {}
        for name, address in known_names(preset).items():
            self._known.setdefault(address, name.upper())
        for number, address in enumerate(NEWCOMERS, 1):
            self._known.setdefault(address, f"STRANGER_{number}")
        self.used: Final[dict[Address, str]] = {}
        """Accounts that were named, but for the contracts."""

    def name(self, address: Address) -> str:
        """Return the name of an account, which is in ``used`` from now on."""
        if address in CONTRACTS:
            return CONTRACTS[address].name.upper()
        name = self._known.setdefault(address, f"ACCOUNT_{len(self._known)}")
        self.used.setdefault(address, name)
        return name

    def in_text(self, text: str, addresses: Iterable[tuple[str, Address]], form: str = "{}") -> str:
        """Return ``text`` with names, put into ``form``, in place of the addresses that are written so in it."""
        for written, address in addresses:
            if written in text:
                text = text.replace(written, form.format(self.name(address)))
        return text
