"""A conversation with one machine, by names and decoded values, for checks that are written by hand."""

from __future__ import annotations

from typing import Any, Final

from eth_abi.abi import decode

from conformance.machines import Machine
from spec.contract import Contract, Function
from spec.errors import reason_of
from spec.machine import CONTRACTS
from spec.messages import Address, Call
from spec.parameters import Preset


class Refused(Exception):
    """A call was refused: the message is the reason."""


class Unknown(KeyError):
    """A name that stands for nothing: the message says what there is."""

    def __str__(self) -> str:
        """Return the message as it is, not in quotation marks as of a key."""
        return str(self.args[0])


class Session:
    """One machine at the genesis of a preset, and a clock."""

    def __init__(self, machine: Machine, preset: Preset) -> None:
        self.machine: Final = machine
        self.preset: Final = preset
        self.now = preset.timestamp
        """s"""
        self.accounts: Final[dict[str, Address]] = {
            **{account.name: account.address for account in preset.accounts},
            **{contract.name: contract.address for contract in CONTRACTS.values()},
            "treasury": preset.staking.treasury,
            "owner": preset.staking.owner,
            "admin": preset.diem.admin,
            "gateway": preset.credits.gateway,
        }

    def send(self, sender: str, function: str, *arguments: Any) -> Any:
        """Call ``staking.claim`` and the like, now; accounts are given by name. Return the decoded result.

        Raises
        ------
        Unknown : there is no such function or account.
        Refused : the machine refuses the call.
        """
        contract, target = function_of(function)
        return self.send_raw(sender, contract.address, target.calldata(*map(self._resolved, arguments)), target)

    def send_raw(self, sender: str, to: Address, data: bytes, function: Function | None = None) -> Any:
        """Call with these calldata, now; decode the result as that of ``function``."""
        receipt = self.machine.call(Call(self._account(sender), to, data, self.now))
        if not receipt.status:
            raise Refused(reason_of(receipt.output))
        if function is None or not function.results:
            return receipt.output
        values = decode([result.type for result in function.results], receipt.output)
        return values[0] if len(values) == 1 else values

    def view(self, function: str, *arguments: Any) -> Any:
        """Return the decoded result of a view."""
        return self.send("treasury", function, *arguments)

    def outcome(self, sender: str, function: str, *arguments: Any) -> str:
        """Return ``accepted``, or the reason why the call is refused."""
        try:
            self.send(sender, function, *arguments)
        except Refused as refused:
            return str(refused)
        return "accepted"

    def _resolved(self, argument: Any) -> Any:
        return self._account(argument) if isinstance(argument, str) else argument

    def _account(self, name: str) -> Address:
        if name not in self.accounts:
            raise Unknown(f"account {name!r}: expected one of {', '.join(self.accounts)}")
        return self.accounts[name]


def function_of(name: str) -> tuple[Contract, Function]:
    """Return the contract and the function that ``staking.claim`` and the like name.

    Raises
    ------
    Unknown : there is no such function.
    """
    contract_name, _, function_name = name.partition(".")
    for contract in CONTRACTS.values():
        if contract.name == contract_name and function_name in contract.by_name:
            return contract, contract.by_name[function_name]
    raise Unknown(f"function {name!r}: expected a contract and a function of it, such as staking.claim")
