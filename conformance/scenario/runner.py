"""Running a scenario on machines, and comparing: with what it expects, and the machines with each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

from conformance.comparison import Difference, compare_receipts, differing_words
from conformance.lockstep import Observer, Tally
from conformance.machines import Machine
from conformance.machines.specification import SpecificationMachine
from conformance.scenario.interfaces import DecodedEvent, Member, decode_log, decode_results, results
from conformance.scenario.names import Names
from conformance.scenario.reader import Expected, ExpectedEvent, Invocation, Scenario, StateCheck, Step
from conformance.storage_names import name_of
from spec.errors import reason_of
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Call, Log, Receipt
from spec.world import World

M = TypeVar("M", bound=Machine)


class Failure(NamedTuple):
    """Something that is not as it was expected."""

    what: str
    expected: str
    found: str


class StateResult(NamedTuple):
    """What a view answered."""

    text: str
    value: str


@dataclass(frozen=True)
class MachineStep:
    """What came of a step on one machine."""

    receipt: Receipt | None
    state: tuple[StateResult, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class StepOutcome:
    """What came of a step."""

    step: Step
    by_machine: dict[str, MachineStep]
    differences: tuple[Failure, ...]
    """Between the first machine (expected) and another (found)."""

    @property
    def first(self) -> MachineStep:
        """What came of it on the first machine."""
        return next(iter(self.by_machine.values()))

    @property
    def failures(self) -> dict[Failure, tuple[str, ...]]:
        """Failure |-> the machines on which it was seen; none for a difference between machines."""
        seen: dict[Failure, tuple[str, ...]] = {}
        for name, done in self.by_machine.items():
            for failure in done.failures:
                seen[failure] = (*seen.get(failure, ()), name)
        return seen | dict.fromkeys(self.differences, ())


@dataclass(frozen=True)
class Outcome:
    """What came of a scenario."""

    scenario: Scenario
    machines: tuple[str, ...]
    steps: tuple[StepOutcome, ...]
    at_genesis: tuple[Failure, ...] = ()
    """What of the machines' states was not as the specification has it, before any step."""
    by_views: tuple[str, ...] = ()
    """The contracts of which views were compared, because the words of some machine cannot be."""

    @property
    def failures(self) -> int:
        """How many things were not as expected."""
        return len(self.at_genesis) + sum(len(step.failures) for step in self.steps)

    @property
    def holds(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures

    @property
    def calls(self) -> int:
        """How many calls were made on each machine."""
        return sum(step.step.invocation is not None for step in self.steps)


def run_scenario(
    scenario: Scenario,
    machines: Sequence[M],
    at_genesis: Callable[[M], Difference | None] = lambda _: None,
    observers: Mapping[str, Observer] = MappingProxyType({}),
) -> Outcome:
    """Run all steps on all machines; a failure stops nothing, for what comes after it may explain it.

    ``at_genesis`` says how the state of a machine differs from the specification's before the first step; ``observers``
    are of machines, by name, some of whose contracts have no words that can be compared.
    """
    apart = tuple(_differences_at_genesis(machines, at_genesis))
    last = next((step for step in reversed(scenario.steps) if step.invocation is not None), None)
    steps = tuple(_run_step(step, machines, scenario.names, _Views(observers, step is last)) for step in scenario.steps)
    observed = frozenset(address for observer in observers.values() for address in observer.contracts)
    by_views = tuple(contract.name for address, contract in CONTRACTS.items() if address in observed)
    return Outcome(scenario, tuple(machine.name for machine in machines), steps, apart, by_views)


class _Views(NamedTuple):
    """Compares views after a step."""

    observers: Mapping[str, Observer]
    """Machine |-> what compares it with the specification."""
    all: bool
    """Whether all views are looked at, as after the last call, or those that the call may have changed."""

    def apart(self, call: Call, receipt: Receipt) -> Iterator[Failure]:
        for name, observer in self.observers.items():
            difference = observer.after(call, receipt, Tally())
            if difference is None and self.all:
                difference = observer.everything(call.timestamp, Tally())
            if difference is not None:
                both = f"{SpecificationMachine.name} and {name} agree in {difference.where}"
                left, right = f"{SpecificationMachine.name}: {difference.left}", f"{name}: {difference.right}"
                yield Failure(both, left, right)


def _differences_at_genesis(machines: Sequence[M], at_genesis: Callable[[M], Difference | None]) -> Iterator[Failure]:
    for machine in machines:
        difference = at_genesis(machine)
        if difference is not None:
            left, right = f"{SpecificationMachine.name}: {difference.left}", f"{machine.name}: {difference.right}"
            yield Failure(f"{machine.name} starts with the specification's {difference.where}", left, right)


def _run_step(step: Step, machines: Sequence[Machine], names: Names, views: _Views) -> StepOutcome:
    receipts: dict[str, Receipt] = {}
    differences: tuple[Failure, ...] = ()
    if step.invocation is not None:
        receipts = {machine.name: machine.call(step.invocation.call) for machine in machines}
        differences = tuple(_differences(machines, receipts, names))  # before views are asked, which write nothing
        differences += tuple(views.apart(step.invocation.call, receipts[machines[0].name]))
    by_machine = {}
    for machine in machines:
        receipt = receipts.get(machine.name)
        failures: list[Failure] = []
        if step.invocation is not None and receipt is not None:
            failures += _Judge(names, step.invocation, receipt).failures(step.expected)
        state = []
        for check in step.state:
            answer = _ask(machine, check, step.time)
            state.append(StateResult(check.text, _show_answer(check, answer, names)))
            failures += _state_failures(check, answer, names)
        by_machine[machine.name] = MachineStep(receipt, tuple(state), tuple(failures))
    return StepOutcome(step, by_machine, differences)


def _differences(machines: Sequence[Machine], receipts: dict[str, Receipt], names: Names) -> Iterator[Failure]:
    """Compare every machine with the first: the receipt, and every word that either of the two has written."""
    first, *others = machines
    for other in others:
        both = f"{first.name} and {other.name} agree in"
        difference = compare_receipts(receipts[first.name], receipts[other.name])
        if difference is not None:
            left, right = f"{first.name}: {difference.left}", f"{other.name}: {difference.right}"
            yield Failure(f"{both} {difference.where}", left, right)
        for word in differing_words(first, other):
            variable = name_of(World(), word.address, word.slot, names.addresses.values())
            yield Failure(f"{both} {variable}", f"{first.name}: {word.left}", f"{other.name}: {word.right}")


def _show_raw_log(log: Log) -> str:
    topics = ", ".join(f"0x{topic.hex()}" for topic in log.topics)
    return f"0x{log.address.hex()}: [{topics}] 0x{log.data.hex()}"


class _Judge:
    """Compares a receipt with what was expected of it."""

    def __init__(self, names: Names, invocation: Invocation, receipt: Receipt) -> None:
        self.names: Final = names
        self.invocation: Final = invocation
        self.receipt: Final = receipt

    def failures(self, expected: Expected) -> Iterator[Failure]:
        found = show_status(self.receipt)
        wanted = f"reverts {expected.reverts}" if expected.reverts is not None else "ok"
        if expected.reverts is not None and expected.reverts.startswith("0x"):
            same = not self.receipt.status and f"0x{self.receipt.output.hex()}" == expected.reverts.lower()
        else:
            same = found == wanted
        if not same:
            yield Failure("status", wanted, found)
        if not self.receipt.status:
            return  # what is missing of its results and events is missing because it was refused
        if expected.returns is not None:
            yield from self._returns(expected.returns)
        if expected.emits is not None:
            yield from self._emits(expected.emits)
        if expected.emits_at_least is not None:
            yield from self._emits_at_least(expected.emits_at_least)

    def _returns(self, expected: tuple[Any, ...]) -> Iterator[Failure]:
        function = self.invocation.function
        if function is None or decode_results(function, self.receipt.output) == expected:
            return
        shown = show_values(results(self.invocation.contract, function), expected, self.names)
        yield Failure("returns", shown, show_output(self.invocation, self.receipt, self.names))

    def _emits(self, expected: tuple[ExpectedEvent, ...]) -> Iterator[Failure]:
        logs = self.receipt.logs
        for i in range(max(len(logs), len(expected))):
            wanted = expected[i] if i < len(expected) else None
            found = logs[i] if i < len(logs) else None
            if wanted is None or found is None or not _matches(wanted, found):
                yield Failure(
                    f"emits.{i}",
                    _show_expected_event(wanted, self.names) if wanted else "no more events",
                    show_log(found, self.names) if found else "no more events",
                )

    def _emits_at_least(self, expected: tuple[ExpectedEvent, ...]) -> Iterator[Failure]:
        logs = iter(self.receipt.logs)
        for i, wanted in enumerate(expected):
            if not any(_matches(wanted, log) for log in logs):
                emitted = ", ".join(show_log(log, self.names) for log in self.receipt.logs) or "no events"
                yield Failure(f"emits_at_least.{i}", _show_expected_event(wanted, self.names), emitted)
                return


def _matches(wanted: ExpectedEvent, log: Log) -> bool:
    found = decode_log(log)
    return (
        found is not None
        and (found.contract, found.event) == (wanted.contract, wanted.event)
        and all(found.arguments[i] == value for i, value in wanted.arguments.items())
    )


def _ask(machine: Machine, check: StateCheck, time: int) -> Receipt:
    """Ask a view, and leave no trace of the question."""
    mark = machine.snapshot()
    answer = machine.call(Call(ZERO_ADDRESS, check.contract.address, check.calldata, time))
    machine.revert(mark)
    return answer


def _answer(check: StateCheck, receipt: Receipt) -> tuple[Any, ...] | None:
    values = decode_results(check.function, receipt.output) if receipt.status else None
    return values if values is None or check.position is None else (values[check.position],)


def _show_answer(check: StateCheck, receipt: Receipt, names: Names) -> str:
    values = _answer(check, receipt)
    if values is not None:
        return show_values(check.member, values, names)
    return f"0x{receipt.output.hex()}" if receipt.status else show_status(receipt)


def _state_failures(check: StateCheck, receipt: Receipt, names: Names) -> Iterator[Failure]:
    if _answer(check, receipt) != check.expected:
        yield Failure(check.text, show_values(check.member, check.expected, names), _show_answer(check, receipt, names))


def show_status(receipt: Receipt) -> str:
    """Return whether a call was carried out, and if not, why not."""
    return "ok" if receipt.status else f"reverts {reason_of(receipt.output)}"


def show_values(member: Member, values: tuple[Any, ...], names: Names) -> str:
    """Return the results of a function, or the arguments of an event, for people."""
    shown = [member.show(value, i, names) for i, value in enumerate(values)]
    labelled = [
        f"{parameter.name}: {text}" if parameter.name else text
        for parameter, text in zip(member.parameters, shown, strict=True)
    ]
    return shown[0] if len(shown) == 1 else f"({', '.join(labelled)})"


def show_output(invocation: Invocation, receipt: Receipt, names: Names) -> str:
    """Return what a call returned, for people; empty if it has no results."""
    values = decode_results(invocation.function, receipt.output) if invocation.function else None
    if values is None or invocation.function is None:
        return f"0x{receipt.output.hex()}"
    return show_values(results(invocation.contract, invocation.function), values, names) if values else ""


def show_log(log: Log, names: Names) -> str:
    """Return an event for people."""
    decoded = decode_log(log)
    return show_event(decoded, names) if decoded else _show_raw_log(log)


def show_event(decoded: DecodedEvent, names: Names) -> str:
    """Return a decoded event for people."""
    return _show_event(decoded.member, dict(enumerate(decoded.arguments)), names)


def _show_expected_event(wanted: ExpectedEvent, names: Names) -> str:
    member = Member(wanted.contract, wanted.event.name, wanted.event.parameters)
    return _show_event(member, wanted.arguments, names)


def _show_event(member: Member, arguments: Any, names: Names) -> str:
    shown = [f"{member.parameters[i].name}: {member.show(value, i, names)}" for i, value in sorted(arguments.items())]
    return f"{member.contract}.{member.name}({', '.join(shown)})"
