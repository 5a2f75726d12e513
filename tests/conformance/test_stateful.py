"""Programs that Hypothesis makes: the generator's calls, whole families of them left out, shrunk when they fail."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from conformance.lockstep import Divergence, Lockstep, Tally
from conformance.machines.py_evm import PyEvmMachine
from conformance.machines.specification import SpecificationMachine
from conformance.programs.drawn import DrawnSource
from conformance.programs.generator import FAMILIES, WEIGHTS, Drafts, Generator
from conformance.trust.saboteurs import Saboteur
from spec.parameters import load_preset

if TYPE_CHECKING:
    from hypothesis.strategies import DataObject

    from conformance.machines import Machine
    from spec.messages import Call, Receipt
    from spec.parameters import Preset

PRESET = load_preset("minimal")
DATA = st.data()

STEPS = 40
"""Calls in a program, at most."""


@cache
def specification() -> tuple[SpecificationMachine, int]:
    """Return the one specification of this process, and the mark of its genesis."""
    machine = SpecificationMachine(PRESET)
    return machine, machine.snapshot()


@cache
def py_evm() -> tuple[PyEvmMachine, int]:
    """Return the one EVM of this process, and the mark of its genesis."""
    machine = PyEvmMachine(PRESET)
    return machine, machine.snapshot()


class Programs(RuleBasedStateMachine):
    """One program of calls, from genesis; the invariants are checked by the lockstep's monitor."""

    tally: ClassVar = Tally()
    """Of all programs."""
    program: ClassVar[list[Call]] = []
    """The last one that was run: the smallest, after one has failed."""

    def __init__(self) -> None:
        super().__init__()
        ours, genesis = specification()
        ours.revert(genesis)
        self.lockstep = Lockstep(ours, self.other(), self.tally)
        self.generator: Generator | None = None
        self.source: DrawnSource | None = None
        self.failed = False
        self.program.clear()

    def other(self) -> Machine:
        """Return the machine to compare with, at genesis."""
        machine, genesis = py_evm()
        machine.revert(genesis)
        return machine

    @rule(data=DATA)
    def vvv(self, data: DataObject) -> None:
        self.step(data, FAMILIES["vvv"])

    @rule(data=DATA)
    def staking(self, data: DataObject) -> None:
        self.step(data, FAMILIES["staking"])

    @rule(data=DATA)
    def owner(self, data: DataObject) -> None:
        self.step(data, FAMILIES["owner"])

    @rule(data=DATA)
    def diem(self, data: DataObject) -> None:
        self.step(data, FAMILIES["diem"])

    @rule(data=DATA)
    def credits(self, data: DataObject) -> None:
        self.step(data, FAMILIES["credits"])

    @rule(data=DATA)
    def views(self, data: DataObject) -> None:
        self.step(data, FAMILIES["views"])

    @rule(data=DATA)
    def malformed(self, data: DataObject) -> None:
        self.step(data, WEIGHTS, malformed_percent=100)

    def step(self, data: DataObject, drafts: Drafts, malformed_percent: int = 0) -> None:
        if self.generator is None or self.source is None:
            self.source = DrawnSource(data)
            self.generator = Generator(self.lockstep.specification.world, PRESET, self.source)
        self.source.data = data
        self.program.append(self.generator.next_call(drafts, malformed_percent))
        self.failed = True
        self.lockstep.step(self.program[-1])
        self.failed = False

    def teardown(self) -> None:
        """Compare the storage roots, unless the machines differ already."""
        if self.program and not self.failed:
            self.lockstep.checkpoint(self.program[-1])


def test_every_family_of_calls_has_a_rule() -> None:
    rules = {name for name, member in vars(Programs).items() if hasattr(member, "hypothesis_stateful_rule")}
    assert rules == {*FAMILIES, "malformed"}


def test_the_machines_agree_on_programs_that_hypothesis_makes() -> None:
    examples = settings().max_examples // 4  # a program has many calls

    run_state_machine_as_test(
        Programs, settings=settings(max_examples=examples, stateful_step_count=STEPS, deadline=None)
    )

    tally = Programs.tally
    refused_functions = {function for function, _ in tally.refused}
    assert tally.calls >= 5 * examples
    assert tally.logs > 0
    assert tally.words > 0
    assert tally.roots >= 4
    assert len(tally.accepted) >= 20
    assert len(refused_functions) >= 15
    assert len(tally.refused_by_reason) >= 10


class LosesAnEvent(Saboteur):
    """Drops the logs of the second call that has some, so it takes two calls to be seen."""

    def __init__(self, preset: Preset) -> None:
        super().__init__(preset)
        self.with_logs = 0

    def answer(self, receipt: Receipt) -> Receipt:
        self.with_logs += bool(receipt.logs)
        return receipt._replace(logs=()) if self.with_logs == 2 else receipt

    def revert(self, snapshot: int) -> None:
        super().revert(snapshot)
        self.with_logs = 0


@cache
def saboteur() -> tuple[LosesAnEvent, int]:
    machine = LosesAnEvent(PRESET)
    return machine, machine.snapshot()


class ProgramsOfASaboteur(Programs):
    tally: ClassVar = Tally()
    program: ClassVar[list[Call]] = []

    def other(self) -> Machine:
        machine, genesis = saboteur()
        machine.revert(genesis)
        return machine


def test_a_fault_that_takes_two_calls_is_found_and_shrunk_to_two_calls() -> None:
    search = settings(
        max_examples=2000,
        stateful_step_count=10,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        derandomize=True,
        print_blob=False,
    )

    with pytest.raises(Divergence) as caught:
        run_state_machine_as_test(ProgramsOfASaboteur, settings=search)

    assert caught.value.difference.where == "log 0"
    assert len(ProgramsOfASaboteur.program) == 2
