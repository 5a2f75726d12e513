"""What the world has published of the protocol, each fact looked at on machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from eth_abi.exceptions import DecodingError

from conformance.facts import behaviour, state
from conformance.facts.fact import FACTS, Fact
from conformance.machines import LeftOut, Machine
from conformance.session import Refused, Session
from spec.parameters import Preset, load_preset


class NotDeployed(Exception):
    """The contracts of a machine are not in the state of a preset, so there is nothing to look at; the message is why."""

    def __init__(self, machine: str, why: object) -> None:
        super().__init__(str(why))
        self.machine: Final = machine


class Observation(NamedTuple):
    """A fact, and what each machine showed."""

    fact: Fact
    observed: Mapping[str, str]
    """Machine |-> value"""
    left_out: Mapping[str, str] = MappingProxyType({})
    """Machine that lacks a function it takes |-> which."""
    undeployed: str = ""
    """Why one of the machines has no contracts on which to look."""

    @property
    def holds(self) -> bool:
        """Whether every machine shows what was published."""
        return bool(self.observed) and all(value == self.fact.published for value in self.observed.values())


def observe_facts(machines: Callable[[Preset], list[Machine]]) -> Iterator[Observation]:
    """Yield every fact as the machines show it; ``machines`` makes them from a preset, once for each preset used.

    Where it raises `NotDeployed`, no fact of the preset holds.
    """
    made: dict[str, list[Machine] | NotDeployed] = {}
    for fact in FACTS:
        preset = load_preset(fact.preset)
        if fact.preset not in made:
            try:
                made[fact.preset] = machines(preset)
            except NotDeployed as error:
                made[fact.preset] = error
        found = made[fact.preset]
        if isinstance(found, NotDeployed):
            yield Observation(fact, {found.machine: "not deployed"}, undeployed=str(found))
        else:
            yield _observation(fact, found, preset)


def _observation(fact: Fact, machines: list[Machine], preset: Preset) -> Observation:
    observed, left_out = {}, {}
    for machine in machines:
        try:
            observed[machine.name] = _observe(fact, machine, preset)
        except LeftOut as lacking:
            left_out[machine.name] = str(lacking)
    return Observation(fact, observed, left_out)


UNREADABLE: Final = (DecodingError, ArithmeticError, LookupError, StopIteration, ValueError)
"""What looking at a fact can end in, where a machine's answers are not even what the ABI says, or make no sense."""


def _observe(fact: Fact, machine: Machine, preset: Preset) -> str:
    """Look at a fact on a machine, and leave the machine as it was."""
    genesis = machine.snapshot()
    try:
        return fact.observe(Session(machine, preset))
    except Refused as refused:
        return f"refused: {refused}"
    except UNREADABLE as error:
        return f"unreadable: {error!r}"
    finally:
        machine.revert(genesis)


__all__ = ["FACTS", "Fact", "NotDeployed", "Observation", "behaviour", "observe_facts", "state"]
