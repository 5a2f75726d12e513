"""Calls and receipts in vectors: as the EVM has them, and beside that decoded, for clients that have no ABI."""

from __future__ import annotations

from typing import Any

from conformance.programs.as_scenario import readable
from conformance.scenario.interfaces import decode_log, decode_results
from conformance.vectors.encoding import Json, address, hexadecimal, integer, octets, plain
from conformance.vectors.state import mapping
from spec.errors import reason_of
from spec.machine import CONTRACTS
from spec.messages import Call, Log, Receipt
from spec.quantities import format_address


def call_json(call: Call) -> Json:
    """Return a call; ``function`` and ``arguments`` are null where the calldata are not what encoding them gives."""
    contract = CONTRACTS[call.to]
    function = contract.by_selector.get(call.data[:4])
    decoded = readable(call)
    return {
        "sender": format_address(call.sender),
        "to": format_address(call.to),
        "data": hexadecimal(call.data),
        "timestamp": str(int(call.timestamp)),
        "value": str(int(call.value)),
        "contract": contract.name,
        "function": function.signature if function and decoded else None,
        "arguments": plain(decoded[1]) if decoded else None,
    }


def read_call(value: object) -> Call:
    """Return the call of a request; Malformed if there is none."""
    fields = mapping(value)
    return Call(
        address(fields.get("sender")),
        address(fields.get("to")),
        octets(fields.get("data")),
        integer(fields.get("timestamp")),
        integer(fields.get("value")),
    )


def receipt_json(call: Call, receipt: Receipt) -> Json:
    """Return what a call was answered with: accepted, and with what result; or refused, and why."""
    answer: Json = {"status": receipt.status, "output": hexadecimal(receipt.output)}
    if not receipt.status:
        return {**answer, "reason": reason_of(receipt.output)}
    return {
        **answer,
        "returns": _returns(call, receipt),
        "logs": [log_json(log) for log in receipt.logs],
        "events": [event_json(log) for log in receipt.logs],
    }


def _returns(call: Call, receipt: Receipt) -> list[Any] | None:
    function = CONTRACTS[call.to].by_selector.get(call.data[:4])
    values = decode_results(function, receipt.output) if function else None
    return None if values is None else [plain(value) for value in values]


def log_json(log: Log) -> Json:
    """Return a log as the EVM has it."""
    return {
        "address": format_address(log.address),
        "topics": [hexadecimal(topic) for topic in log.topics],
        "data": hexadecimal(log.data),
    }


def event_json(log: Log) -> Json | None:
    """Return a log decoded; null if no contract declares such an event."""
    decoded = decode_log(log)
    if decoded is None:
        return None
    names = [parameter.name for parameter in decoded.event.parameters]
    arguments = {name: plain(value) for name, value in zip(names, decoded.arguments, strict=True)}
    return {"event": f"{decoded.contract}.{decoded.event.name}", "arguments": arguments}
