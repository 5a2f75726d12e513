"""A program of calls as a scenario, which ``diem run`` replays: with what the specification answers to each call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from conformance.machines.specification import SpecificationMachine
from spec.contract import Function
from spec.errors import reason_of
from spec.machine import CONTRACTS
from spec.messages import Call, Receipt
from spec.parameters import Preset
from spec.quantities import format_address


def as_scenario(title: str, preset_name: str, preset: Preset, program: Iterable[Call]) -> str:
    """Return the YAML of a scenario that makes the calls of ``program`` from the genesis of ``preset``."""
    machine = SpecificationMachine(preset)
    steps = [_step(call, machine.call(call)) for call in program]
    document = {"title": title, "preset": preset_name, "steps": steps}
    return yaml.safe_dump(document, sort_keys=False, width=120)


def describe(call: Call) -> str:
    """Return a call as a person would write it: sender, function and arguments, or the bare calldata."""
    contract = CONTRACTS[call.to]
    parts = readable(call)
    if parts is None:
        what = f"{contract.name} with calldata 0x{call.data.hex()}"
    else:
        function, arguments = parts
        shown = [_short(argument) for argument in arguments]
        what = f"{contract.name}.{function}({', '.join(shown)})"
    value = f" with {call.value} wei" if call.value else ""
    return f"at {call.timestamp} {format_address(call.sender)} calls {what}{value}"


def _step(call: Call, receipt: Receipt) -> dict[str, Any]:
    step: dict[str, Any] = {"at": int(call.timestamp), "from": format_address(call.sender)}
    parts = readable(call)
    if parts is None:
        step |= {"to": CONTRACTS[call.to].name, "raw": f"0x{call.data.hex()}"}
    else:
        function, arguments = parts
        step |= {"call": f"{CONTRACTS[call.to].name}.{function}", "args": arguments}
    if call.value:
        step["value"] = call.value
    step["expect"] = {"status": "ok"} if receipt.status else {"reverts": reason_of(receipt.output)}
    return step


def readable(call: Call) -> tuple[str, list[Any]] | None:
    """Return function and arguments as a scenario writes them, if encoding them gives these very calldata."""
    parts = decoded(call)
    if parts is None:
        return None
    function, arguments = parts
    return function.name, [
        _plain(parameter.type, value) for parameter, value in zip(function.parameters, arguments, strict=True)
    ]


def decoded(call: Call) -> tuple[Function, list[Any]] | None:
    """Return function and arguments, addresses as bytes, if encoding them gives these very calldata."""
    function = CONTRACTS[call.to].by_selector.get(call.data[:4])
    if function is None:
        return None
    types = [parameter.type for parameter in function.parameters]
    try:
        values = decode(types, call.data[4:])
        arguments = [
            bytes.fromhex(value[2:]) if type_ == "address" else value
            for type_, value in zip(types, values, strict=True)
        ]
        if function.calldata(*arguments) != call.data:
            return None
    except (DecodingError, OverflowError):
        return None
    return function, arguments


def _plain(type_: str, value: Any) -> Any:
    if type_ == "address":
        return format_address(value)
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    return list(value) if isinstance(value, tuple) else value


def _short(argument: Any) -> str:
    text = str(argument)
    return text if len(text) <= 90 else f"{text[:60]}… ({len(text)} characters)"
