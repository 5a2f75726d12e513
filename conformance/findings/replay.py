"""A program carried out by hand, by names and decoded values: what the pytest files of findings are written with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final, NamedTuple

from conformance.artifact import load_artifacts
from conformance.findings.answers import accounts_in
from conformance.machines import FOREIGN
from conformance.machines.by_name import machines_by_name
from conformance.machines.specification import SpecificationMachine
from conformance.scenario.interfaces import EVENTS, decode_log, find_contract, find_function
from conformance.storage_names import named_slots
from spec.errors import reason_of
from spec.hashing import keccak256
from spec.machine import CONTRACTS
from spec.messages import Address, Call, Log, Receipt
from spec.parameters import load_preset
from spec.quantities import format_address, parse_address

ACCEPTED: Final = "accepted"

_BARE_SLOT: Final = re.compile(r"slot 0x([0-9a-f]{64})( of its own)?")

_LONG: Final = 1024
"""Bytes of a log's data above which only their hash is shown."""


class Answer(NamedTuple):
    """What a call was answered."""

    outcome: str
    """``accepted``, or the reason of the refusal."""
    output: str
    """Return data or revert data, in hexadecimal."""
    logs: list[str]
    """``vvv.Transfer(0x…, 0x…, 5)`` and the like, in order."""


class Replay:
    """One machine from the genesis of a preset on."""

    def __init__(
        self, machine: str, preset: str | Path, artifacts: Path | None = None, target: Path | None = None
    ) -> None:
        """Put a machine at genesis: the specification, py-evm or pyrevm with some artifacts, or a target.

        Raises
        ------
        UnknownMachine, ParameterError, ArtifactError, TargetError : what is asked for cannot be had.
        """
        genesis = load_preset(str(preset))
        (self._machine,) = machines_by_name([machine], genesis, load_artifacts(artifacts), target)
        self._specification = SpecificationMachine(genesis)  # knows the variables' names
        self._accounts: dict[Address, None] = {}

    def call(self, timestamp: int, sender: str, function: str, *arguments: Any, value: int = 0) -> Answer:
        """Call ``staking.stake`` and the like; accounts and bytes are given in hexadecimal."""
        contract, called = find_function(function)
        given = [_given(one.type, argument) for one, argument in zip(called.parameters, arguments, strict=True)]
        return self._send(Call(parse_address(sender), contract.address, called.calldata(*given), timestamp, value))

    def send(self, timestamp: int, sender: str, contract: str, calldata: str, value: int = 0) -> Answer:
        """Call a contract with any calldata, in hexadecimal."""
        data = bytes.fromhex(calldata.removeprefix("0x"))
        return self._send(Call(parse_address(sender), find_contract(contract).address, data, timestamp, value))

    def word(self, name: str) -> int:
        """Return the storage word of a variable, named as in a difference: ``diem.staked_infos[0x…].cool_down_end``.

        Raises
        ------
        KeyError : no variable of this name is known.
        """
        contract, _, variable = name.partition(".")
        address = find_contract(contract).address
        if (match := _BARE_SLOT.fullmatch(variable)) is not None:
            return self._machine.word(address, int(match[1], 16) + (FOREIGN if match[2] else 0))
        names = named_slots(self._specification.world, address, self._accounts)
        slots = {named: slot for slot, named in names.items()}
        return int(self._machine.word(address, slots[name]))

    def _send(self, call: Call) -> Answer:
        self._accounts |= dict.fromkeys(accounts_in(call))
        self._specification.call(call)
        return answer(self._machine.call(call))


def answer(receipt: Receipt) -> Answer:
    """Return a receipt for people."""
    outcome = ACCEPTED if receipt.status else reason_of(receipt.output)
    return Answer(outcome, f"0x{receipt.output.hex()}", [show_log(log) for log in receipt.logs])


def show_log(log: Log) -> str:
    """Return a log by contract, event and arguments if it is exactly that, and else its topics and data."""
    decoded = decode_log(log)
    if decoded is not None and len(log.data) <= _LONG:
        event = EVENTS[decoded.contract][decoded.event.name]
        if event.log(log.address, *decoded.arguments) == log:
            types = [parameter.type for parameter in event.parameters]
            values = [_shown(type_, value) for type_, value in zip(types, decoded.arguments, strict=True)]
            return f"{decoded.contract}.{event.name}({', '.join(values)})"
    contract = CONTRACTS.get(log.address)
    who = contract.name if contract else format_address(log.address)
    data = f"0x{log.data.hex()}" if len(log.data) <= _LONG else f"hashing to 0x{keccak256(log.data).hex()}"
    return f"log of {who}, topics {', '.join(f'0x{topic.hex()}' for topic in log.topics)}, data {data}"


def _shown(type_: str, value: Any) -> str:
    if type_ == "address":
        return format_address(value)
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)


def _given(type_: str, argument: Any) -> Any:
    if type_ == "address":
        return parse_address(argument)
    return bytes.fromhex(argument.removeprefix("0x")) if type_.startswith("bytes") else argument
