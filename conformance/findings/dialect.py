"""Calls and answers as the contracts of a finding have them: in our words, or in a target's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from conformance.scenario.interfaces import decode_log
from conformance.target import Target
from conformance.target.interface import Entry, EventMap
from conformance.target.refusals import ANY, ASKS, REASONS, Refusals
from conformance.target.translation import Translation
from spec.abi import SELECTOR, Parameter
from spec.encoding import WORD
from spec.errors import reason_of
from spec.machine import CONTRACTS
from spec.messages import Address, Call, Log


class Form(NamedTuple):
    """Revert data that are right."""

    data: bytes
    words: int | None = None
    """How many words of arguments follow, whatever they are; None where ``data`` are all there is, or ``open``."""
    open: bool = False
    """As many words of arguments follow as may be: one of them is of a dynamic type."""
    any: bool = False
    """Any revert data are."""


class ExpectedLog(NamedTuple):
    """A log that the specification emits."""

    ours: Log
    log: Log
    """As the contracts are to emit it."""
    signature: str
    """Of the event; empty if it is none that we know."""
    indexed: tuple[bool, ...]


class OwnEvent(NamedTuple):
    """An event of the target's own, which is not looked at."""

    address: Address
    topic: bytes


class Dialect:
    """How the contracts are spoken with; ours if there is no target."""

    def __init__(self, target: Target | None) -> None:
        self._target = target
        self._translation = Translation(target) if target is not None else None
        self._roles = {role.address: role.map for role in target.roles.values()} if target is not None else {}

    @property
    def is_ours(self) -> bool:
        """Whether our words and our storage are meant."""
        if self._target is None:
            return True
        renamed = any(
            [*role.map.renamed(), *role.map.missing, *role.map.missing_events, *role.map.refusals.by_reason]
            or not role.same_storage
            for role in self._target.roles.values()
        )
        return not renamed

    def data(self, call: Call) -> bytes:
        """Return the calldata to send."""
        return self._translation.call(call).data if self._translation is not None else call.data

    def function(self, contract: str, name: str) -> Entry | None:
        """Return a function of ours as the contracts have it; None if they do not."""
        ours = next(one for one in CONTRACTS.values() if one.name == contract)
        role = self._roles.get(ours.address)
        if role is not None:
            return role.functions[name]
        function = ours.by_name[name]
        return Entry(name, _types(function.parameters), _types(function.results))

    def logs(self, logs: tuple[Log, ...]) -> Iterator[ExpectedLog]:
        """Yield what is to be emitted; events that are missing are left out."""
        for log in logs:
            role = self._roles.get(log.address)
            if role is None:
                yield _our_log(log)
            elif log.topics[0] not in role.missing_events:
                event = next(found for found in role.events.values() if found and found.ours.topic == log.topics[0])
                yield ExpectedLog(log, _their_log(event, log), event.theirs.signature, event.theirs.indexed)

    def own_events(self) -> Iterator[OwnEvent]:
        """Yield the events that are not looked at."""
        for address, role in self._roles.items():
            for topic in sorted(role.own_events):
                yield OwnEvent(address, topic)

    def refusals(self, call: Call, ours: bytes) -> list[Form]:
        """Return what may be answered where the specification refuses ``call`` with the data ``ours``."""
        name = CONTRACTS[call.to].name
        asked: list[Refusals] = []
        if self._target is not None:
            asked = [self._target.refusals(contract) for contract in (name, *ASKS[name])]
        forms = [form for refusals in asked if (form := _form(refusals, ours)) is not None]
        return list(dict.fromkeys(forms)) or [Form(ours)]


def _form(refusals: Refusals, ours: bytes) -> Form | None:
    """Return how one contract says what ``ours`` do; None if it has no such reason."""
    reason = reason_of(ours)
    if reason not in REASONS[refusals.contract]:
        return None
    refusal = refusals.by_reason.get(reason)
    if refusal is None:
        return Form(ours)
    if refusal.text == ANY:
        return Form(b"", any=True)
    if not refusal.is_custom:
        return Form(refusal.data)
    if refusal.compares_arguments(ours):
        return Form(refusal.data + ours[SELECTOR:])
    return Form(refusal.data, refusal.words, open=refusal.words is None)


def _our_log(log: Log) -> ExpectedLog:
    found = decode_log(log)
    if found is None:
        return ExpectedLog(log, log, "", ())
    parameters = found.event.parameters
    signature = f"{found.event.name}({','.join(_types(parameters))})"
    return ExpectedLog(log, log, signature, tuple(parameter.indexed for parameter in parameters))


def _their_log(event: EventMap, log: Log) -> Log:
    """Return a log of ours as the target emits it: its topic, and the parameters that it has indexed."""
    values = _values(event.ours.parameters, log)
    pairs = list(zip(event.theirs.indexed, values, strict=True))
    topics = (event.theirs.hash, *(value for indexed, value in pairs if indexed))
    return Log(log.address, topics, b"".join(value for indexed, value in pairs if not indexed))


def _values(parameters: tuple[Parameter, ...], log: Log) -> list[bytes]:
    """Return the parameters' words; the indexed ones come first in our events."""
    values, at = list(log.topics[1:]), 0
    for parameter in parameters[len(values) :]:
        size = WORD * int(parameter.type.partition("[")[2].rstrip("]") or 1)
        values.append(log.data[at : at + size])
        at += size
    return values


def _types(parameters: tuple[Parameter, ...]) -> tuple[str, ...]:
    return tuple(parameter.type for parameter in parameters)
