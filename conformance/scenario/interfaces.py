"""The contracts as a scenario names them: functions, events, and what receipts say in their terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import ModuleType
from typing import Any, Final, NamedTuple

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from pydantic import ValidationError

from conformance.scenario.faults import Fault, brief, within
from conformance.scenario.names import Names
from conformance.scenario.units import unit_of
from conformance.scenario.values import read_value, show_value
from spec import access_control, erc20, machine, ownable
from spec.abi import Parameter
from spec.contract import Contract, Function
from spec.daily_credits import credit
from spec.diem import stakes as diem_stakes
from spec.diem import token as diem_token
from spec.events import Event
from spec.messages import Address, Log
from spec.parameters import CurveParameters, describe
from spec.staking import locks, owner, proxy, rewards, stakes
from spec.vvv import token as vvv_token

CURVE: Final = "curve"
"""Stands for the two tables of the mint curve, given by the formula's parameters."""


def _events(*modules: ModuleType) -> dict[str, Event]:
    return {event.name: event for module in modules for event in vars(module).values() if isinstance(event, Event)}


CONTRACTS: Final[dict[str, Contract]] = {contract.name: contract for contract in machine.CONTRACTS.values()}

# Not by topic alone: two contracts may have events of one signature, and name the parameters differently.
EVENTS: Final[dict[str, dict[str, Event]]] = {
    "vvv": _events(erc20, vvv_token),
    "staking": _events(erc20, ownable, stakes, locks, owner, proxy, rewards),
    "diem": _events(erc20, access_control, diem_stakes, diem_token),
    "credits": _events(credit),
}


class Member(NamedTuple):
    """A function or event of a contract, and the values that belong to it."""

    contract: str
    name: str
    parameters: tuple[Parameter, ...]

    def unit(self, parameter: Parameter) -> str:
        """Return the unit of one of the parameters."""
        return unit_of(self.contract, self.name, parameter.type, parameter.name)

    def read(self, value: object, index: int, names: Names) -> Any:
        """Return the value of a parameter, from what stands in the scenario; errors as ``read_value``."""
        parameter = self.parameters[index]
        return read_value(parameter.type, self.unit(parameter), value, names)

    def show(self, value: Any, index: int, names: Names) -> str:
        """Return the value of a parameter for people."""
        parameter = self.parameters[index]
        return show_value(parameter.type, self.unit(parameter), value, names)


def inputs(contract: Contract, function: Function) -> Member:
    """Return a function with its parameters."""
    return Member(contract.name, function.name, function.parameters)


def results(contract: Contract, function: Function) -> Member:
    """Return a function with its results."""
    return Member(contract.name, function.name, function.results)


def event_member(contract: str, event: Event) -> Member:
    """Return an event with its parameters."""
    return Member(contract, event.name, event.parameters)


def find_contract(name: str) -> Contract:
    """Return a contract by its name.

    Raises
    ------
    ValueError : there is none of this name.
    """
    if name not in CONTRACTS:
        raise ValueError(f"expected a contract, one of {', '.join(CONTRACTS)}; found {brief(name)}")
    return CONTRACTS[name]


def find_function(text: str) -> tuple[Contract, Function]:
    """Return the function that is written ``contract.function``.

    Raises
    ------
    ValueError : there is no such contract or function.
    """
    contract_name, _, name = text.partition(".")
    contract = find_contract(contract_name)
    if name not in contract.by_name:
        raise ValueError(f"expected a function of {contract_name}{_hint(name, contract.by_name)}, found {brief(name)}")
    return contract, contract.by_name[name]


def find_event(text: str) -> tuple[str, Event]:
    """Return the contract and the event that are written ``contract.Event``.

    Raises
    ------
    ValueError : there is no such contract or event.
    """
    contract, _, name = text.partition(".")
    find_contract(contract)
    events = EVENTS[contract]
    if name not in events:
        raise ValueError(f"expected an event of {contract}{_hint(name, events)}, found {brief(name)}")
    return contract, events[name]


def _hint(name: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(name, known, 1)
    return f" ({close[0]!r}?)" if close else f" ({', '.join(known)})"


def bind(member: Member, given: object, names: Names, partial: bool = False) -> dict[int, Any]:
    """Return position |-> value of the arguments, given as a list or as a mapping by name.

    Raises
    ------
    Fault : too few, too many, an unknown name, a wrong value.
    """
    if isinstance(given, Mapping):
        return dict(_by_name(member, given, names, partial))
    if isinstance(given, list):
        if len(given) != len(member.parameters):
            raise Fault(f"expected {_wanted(member)}, found {len(given)}")
        bound = {}
        for i, value in enumerate(given):
            with within(i):
                bound[i] = member.read(value, i, names)
        return bound
    raise Fault(f"expected a list, or a mapping by name, of {_wanted(member)}; found {brief(given)}")


def _by_name(member: Member, given: Mapping[object, object], names: Names, partial: bool) -> Iterator[tuple[int, Any]]:
    if set(given) == {CURVE} and [parameter.type for parameter in member.parameters] == ["uint256[256]"] * 2:
        with within(CURVE):
            yield from enumerate(_curve(given[CURVE]))
        return
    positions = {parameter.name: i for i, parameter in enumerate(member.parameters)}
    for name, value in given.items():
        with within(str(name)):
            if name not in positions:
                raise Fault(f"expected {_wanted(member)}, found {brief(name)}")
            yield positions[name], member.read(value, positions[name], names)
    missing = [name for name in positions if name not in given]
    if missing and not partial:
        raise Fault(f"expected {_wanted(member)}; {missing[0]} is missing")


def _wanted(member: Member) -> str:
    count = len(member.parameters)
    if not count:
        return f"no arguments of {member.name}"
    described = ", ".join(f"{parameter.name or 'result'} ({parameter.type})" for parameter in member.parameters)
    return f"{count} argument{'s' if count > 1 else ''} of {member.name}: {described}"


def _curve(given: object) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if not isinstance(given, Mapping):
        raise Fault(f"expected a mapping of {', '.join(CurveParameters.model_fields)}; found {brief(given)}")
    try:
        table = CurveParameters.model_validate(given).table
    except ValidationError as error:
        raise Fault(describe(error)) from None
    return table.supply, table.rates


class DecodedEvent(NamedTuple):
    """A log in the terms of the contract that emitted it."""

    contract: str
    event: Event
    arguments: tuple[Any, ...]

    @property
    def member(self) -> Member:
        """The event with its parameters."""
        return event_member(self.contract, self.event)


def decode_results(function: Function, output: bytes) -> tuple[Any, ...] | None:
    """Return a function's results from its return data; None if these are not such results."""
    return _decode(tuple(result.type for result in function.results), output)


def decode_log(log: Log) -> DecodedEvent | None:
    """Return the event that a log is; None if it is none of its contract's events."""
    contract = machine.CONTRACTS.get(log.address)
    if contract is None or not log.topics:
        return None
    for event in EVENTS[contract.name].values():
        if event.topic != log.topics[0]:
            continue
        indexed = [parameter.type for parameter in event.parameters if parameter.indexed]
        others = [parameter.type for parameter in event.parameters if not parameter.indexed]
        topics = _decode(tuple(indexed), b"".join(log.topics[1:]))
        data = _decode(tuple(others), log.data)
        if topics is None or data is None:
            return None
        from_topics, from_data = iter(topics), iter(data)
        arguments = [next(from_topics if parameter.indexed else from_data) for parameter in event.parameters]
        return DecodedEvent(contract.name, event, tuple(arguments))
    return None


def _decode(types: tuple[str, ...], data: bytes) -> tuple[Any, ...] | None:
    try:
        values = decode(types, data)
    except (DecodingError, OverflowError):
        return None
    return tuple(
        Address(bytes.fromhex(value[2:])) if type_ == "address" else value
        for type_, value in zip(types, values, strict=True)
    )
