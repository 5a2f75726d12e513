"""From a document to a scenario: every name, time and amount resolved, so that running it can only pass or fail."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from conformance.scenario.document import Expectation, ScenarioDocument, StepDocument, find, load
from conformance.scenario.faults import Fault, ScenarioError, brief, within
from conformance.scenario.interfaces import (
    Member,
    bind,
    event_member,
    find_contract,
    find_event,
    find_function,
    inputs,
    results,
)
from conformance.scenario.names import Names
from conformance.scenario.times import step_time
from conformance.scenario.units import NUMBER
from conformance.scenario.values import read_hex, read_value
from spec.abi import SELECTOR
from spec.contract import Contract, Function
from spec.errors import CustomError, Reason
from spec.events import Event
from spec.machine import CONTRACTS
from spec.messages import Call
from spec.parameters import PRESETS, ParameterError, Preset, describe, load_preset

_VIEW: Final = re.compile(r"\s*(\w+\.\w+)\s*\(([^()]*)\)\s*(?:\.\s*(\w+)\s*)?")


class Invocation(NamedTuple):
    """The call of a step."""

    call: Call
    sender: str
    """As the scenario calls it."""
    contract: Contract
    function: Function | None
    """None if the calldata select none."""
    arguments: tuple[Any, ...] | None
    """None if the calldata are given raw."""


class ExpectedEvent(NamedTuple):
    """An event that has to be emitted."""

    contract: str
    event: Event
    arguments: Mapping[int, Any]
    """Position |-> value; in an expectation of all events, of all arguments."""


class Expected(NamedTuple):
    """What a call has to come to."""

    reverts: str | None = None
    returns: tuple[Any, ...] | None = None
    emits: tuple[ExpectedEvent, ...] | None = None
    emits_at_least: tuple[ExpectedEvent, ...] | None = None
    checks: int = 0
    """How many of these the scenario names."""


class StateCheck(NamedTuple):
    """What a view has to answer after the call."""

    text: str
    contract: Contract
    function: Function
    calldata: bytes
    position: int | None
    """Which of its results is meant; None for all of them."""
    expected: tuple[Any, ...]

    @property
    def member(self) -> Member:
        """The results that are meant."""
        whole = results(self.contract, self.function)
        if self.position is None:
            return whole
        return whole._replace(parameters=(whole.parameters[self.position],))


class Step(NamedTuple):
    """One step, at a time."""

    place: str
    """Where it stands in the file, such as ``steps.3``."""
    time: int
    elapsed: int
    """Since the step before, or since genesis (s)."""
    note: str
    invocation: Invocation | None
    expected: Expected
    state: tuple[StateCheck, ...]


@dataclass(frozen=True)
class Scenario:
    """A scenario that can be run."""

    file: str
    title: str
    description: str
    preset: Preset
    names: Names
    steps: tuple[Step, ...]

    @property
    def checks(self) -> int:
        """How many things it checks, apart from that no call is refused which is not expected to be."""
        return sum(step.expected.checks + len(step.state) for step in self.steps)


def read_scenario(name_or_path: str) -> Scenario:
    """Return a bundled scenario by its name, or the one in a file.

    Raises
    ------
    ScenarioError : anything that is wrong with the file.
    ParameterError : anything that is wrong with the file of its preset.
    """
    path = find(name_or_path)
    return resolve(load(path), path)


def resolve(document: ScenarioDocument, path: Path) -> Scenario:
    """Return the scenario that a document describes; ``path`` names its file.

    Raises
    ------
    ScenarioError, ParameterError : as ``read_scenario``.
    """
    try:
        preset = _preset(document, path)
        names = Names(preset, document.accounts)
        steps = []
        now = preset.timestamp
        for i, step in enumerate(document.steps):
            with within("steps", i):
                steps.append(_Reader(names, preset).step(step, f"steps.{i}", now))
            now = steps[-1].time
    except ParameterError:
        raise
    except ValueError as fault:
        raise ScenarioError(f"{path}: {fault}") from None
    return Scenario(str(path), document.title, document.description, preset, names, tuple(steps))


def _preset(document: ScenarioDocument, path: Path) -> Preset:
    name = document.preset
    if name not in PRESETS:
        with within("preset"):
            if not name.endswith(".toml"):
                raise ValueError(f"expected one of {', '.join(PRESETS)}, or a file *.toml, found {brief(name)}")
            name = str(path.parent / name)
    preset = load_preset(name)
    if not document.parameters:
        return preset
    raw = tomllib.loads(_preset_text(name))
    for place, value in document.parameters.items():
        with within("parameters", place):
            _override(raw, place.split("."), value)
    with within("parameters"):
        try:
            return Preset.model_validate(raw)
        except ValidationError as error:
            raise ValueError(describe(error)) from None


def _preset_text(name: str) -> str:
    """Return the text of a preset that has been loaded before."""
    file = resources.files("spec.presets") / f"{name}.toml" if name in PRESETS else Path(name)
    return file.read_text(encoding="utf-8")


def _override(raw: dict[str, Any], keys: list[str], value: object) -> None:
    """Set a parameter of the preset: ``section.field``, or ``accounts.name.field``."""
    *sections, field = keys
    if sections[:1] == ["accounts"] and len(sections) == 2:
        accounts = {account["name"]: account for account in raw["accounts"]}
        if sections[1] not in accounts:
            raise ValueError(
                f"expected an account of the preset, one of {', '.join(accounts)}; found {brief(sections[1])}"
            )
        accounts[sections[1]][field] = value
    elif len(sections) == 1 and isinstance(raw.get(sections[0]), dict):
        raw[sections[0]][field] = value
    elif keys == ["timestamp"]:
        raw[field] = value
    else:
        raise ValueError("expected 'section.field', such as 'curve.target', or 'accounts.name.field'")


class _Reader:
    """Resolves steps with the names of a scenario."""

    def __init__(self, names: Names, preset: Preset) -> None:
        self.names = names
        self.preset = preset

    def step(self, document: StepDocument, place: str, now: int) -> Step:
        with within("at"):
            time = step_time(document.at, now, self.preset.credits.epoch_duration)
        invocation = self._invocation(document, time)
        if invocation is None and document.expect.model_fields_set:
            raise Fault("expected a call for which to expect something", "expect")
        if invocation is None and not document.state:
            raise Fault("expected a call ('from' and 'call'), raw calldata ('from', 'to' and 'raw'), or 'state'")
        expected = Expected() if invocation is None else self._expected(document.expect, invocation)
        checks = []
        for text, value in document.state.items():
            with within("state", text):
                checks.append(self._state_check(text, value))
        return Step(place, time, time - now, document.note.strip(), invocation, expected, tuple(checks))

    def _invocation(self, document: StepDocument, time: int) -> Invocation | None:
        given = {key for key in document.model_fields_set if key in {"sender", "call", "args", "to", "raw", "value"}}
        if not given:
            return None
        if document.call is not None and given & {"to", "raw"}:
            raise Fault("expected either 'call' and 'args', or 'to' and 'raw'")
        if document.sender is None:
            raise Fault("expected who calls, found none", "from")
        with within("from"):
            sender = self.names.address_of(document.sender)
        with within("value"):
            value = read_value("uint256", NUMBER, document.value, self.names)
        contract, function, arguments, data = self._call(document) if document.call is not None else self._raw(document)
        call = Call(sender, contract.address, data, time, value)
        return Invocation(call, str(document.sender), contract, function, arguments)

    def _call(self, document: StepDocument) -> tuple[Contract, Function, tuple[Any, ...], bytes]:
        with within("call"):
            contract, function = find_function(document.call or "")
        with within("args"):
            bound = bind(inputs(contract, function), [] if document.args is None else document.args, self.names)
        arguments = tuple(bound[i] for i in range(len(bound)))
        return contract, function, arguments, function.calldata(*arguments)

    def _raw(self, document: StepDocument) -> tuple[Contract, Function | None, None, bytes]:
        if document.to is None or document.raw is None:
            raise Fault("expected either 'call', or both 'to' and 'raw'")
        if document.args is not None:
            raise Fault("expected no arguments with 'raw'", "args")
        with within("to"):
            contract = CONTRACTS.get(self.names.address_of(document.to)) or find_contract(document.to)
        with within("raw"):
            data = read_hex(document.raw)
        return contract, contract.by_selector.get(data[:SELECTOR]), None, data

    def _expected(self, document: Expectation, invocation: Invocation) -> Expected:
        given = document.model_fields_set
        with within("expect"):
            if document.reverts is not None and given - {"reverts"}:
                raise Fault("expected nothing but 'reverts': a refused call returns and emits nothing")
            if {"emits", "emits_at_least"} <= given:
                raise Fault("expected either 'emits' or 'emits_at_least'")
            with within("reverts"):
                _check_reason(document.reverts)
            returns = self._returns(document.returns, invocation) if "returns" in given else None
            return Expected(
                document.reverts,
                returns,
                self._events("emits", document.emits),
                self._events("emits_at_least", document.emits_at_least),
                len(given),
            )

    def _returns(self, given: object, invocation: Invocation) -> tuple[Any, ...]:
        with within("returns"):
            if invocation.function is None:
                raise Fault("expected a known function, for its results to be known")
            return self._results(results(invocation.contract, invocation.function), given)

    def _results(self, member: Member, given: object) -> tuple[Any, ...]:
        if len(member.parameters) == 1 and not isinstance(given, list | dict):
            given = [given]
        bound = bind(member, given, self.names)
        return tuple(bound[i] for i in range(len(bound)))

    def _events(self, key: str, given: list[Any] | None) -> tuple[ExpectedEvent, ...] | None:
        if given is None:
            return None
        events = []
        for i, item in enumerate(given):
            with within(key, i):
                events.append(self._event(item, partial=key == "emits_at_least"))
        return tuple(events)

    def _event(self, item: object, partial: bool) -> ExpectedEvent:
        if isinstance(item, str) and partial:
            item = {item: {}}
        if not isinstance(item, dict) or len(item) != 1:
            raise Fault(
                f"expected an event with its arguments, as 'staking.Claimed: [minter, 1 VVV]', found {brief(item)}"
            )
        ((name, arguments),) = item.items()
        if not isinstance(name, str):
            raise Fault(f"expected an event such as 'staking.Claimed', found {brief(name)}")
        contract, event = find_event(name)
        with within(name):
            return ExpectedEvent(contract, event, bind(event_member(contract, event), arguments, self.names, partial))

    def _state_check(self, text: str, value: object) -> StateCheck:
        match = _VIEW.fullmatch(text)
        if match is None:
            raise Fault(
                "expected a view, such as 'staking.pendingRewards(minter)' or 'staking.stakes(minter).cooldownEnd'"
            )
        contract, function = find_function(match[1])
        if not function.view:
            raise Fault(f"expected a view; {match[1]} is a call that changes the state")
        written = [_plain(argument) for argument in match[2].split(",")] if match[2].strip() else []
        bound = bind(inputs(contract, function), written, self.names)
        position = None
        if match[3]:
            fields = [result.name for result in function.results]
            if match[3] not in fields:
                known = ", ".join(filter(None, fields)) or "no name, for it has only one"
                raise Fault(f"expected the name of one of its results ({known}), found {brief(match[3])}")
            position = fields.index(match[3])
        calldata = function.calldata(*(bound[i] for i in range(len(bound))))
        check = StateCheck(text, contract, function, calldata, position, ())
        return check._replace(expected=self._results(check.member, value))


def _plain(argument: str) -> object:
    """Return an argument as YAML would have it: digits are a number of base units."""
    text = argument.strip().strip("'\"")
    return int(text) if text.isdecimal() and len(text) < 80 else text


def _check_reason(reason: str | None) -> None:
    if reason is None or reason.startswith("0x"):
        return
    known = {*Reason.known.values(), *CustomError.known.values()}
    if reason not in known:
        raise ValueError(
            f"expected a reason such as INSUFFICIENT_BALANCE or Panic(0x11), or revert data 0x…, found {brief(reason)}"
        )
