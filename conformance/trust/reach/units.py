"""What a run consists of: units of work, each from a genesis or from given states on, the same in every run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import repeat
from typing import Final, NamedTuple

from conformance.comparison import compare_receipts
from conformance.conform import PROGRAM_LENGTH
from conformance.facts import observe_facts
from conformance.lockstep import Divergence, function_name
from conformance.machines import LeftOut, Machine
from conformance.machines.py_evm import PyEvmMachine
from conformance.programs.choices import SeededSource
from conformance.programs.generator import WEIGHTS, Drafts, Generator
from conformance.trust.reach.branches import Branch, recorder, recording
from conformance.trust.reach.counting import Reach
from conformance.trust.reach.forms import malformed_calls
from conformance.trust.reach.placed import Placed
from conformance.trust.reach.states import Case, cases
from conformance.trust.reach.stories import STORIES, Story
from conformance.trust.reach.watched import Watched
from conformance.vectors.library import CORE, Library, read_folder
from conformance.vectors.receipts import read_call
from conformance.vectors.state import read_state, world_of
from spec.machine import apply
from spec.parameters import PRESETS, Preset, load_preset

PROGRAMS: Final = 20
"""Generated programs on each preset."""

AT_ONCE: Final = 4
"""Programs in a unit."""

Functions = frozenset[str]
"""``staking.claim`` and the like"""


class Unit(NamedTuple):
    """A part of a run."""

    kind: str
    preset: str
    number: int = 0


def units(programs: int = PROGRAMS) -> list[Unit]:
    """Return the units of a run, the longest first."""
    generated = [Unit("programs", preset, number) for number in range(0, programs, AT_ONCE) for preset in PRESETS]
    others = [Unit(kind, preset) for kind in ("stories", "forms", "states") for preset in PRESETS]
    return [Unit("vectors", "minimal"), Unit("facts", "launch"), *generated, *others]


def run_unit(unit: Unit, left_out: Functions = frozenset()) -> Reach:
    """Return what a unit reaches; calls of the functions ``left_out`` are not made.

    Raises
    ------
    Divergence : the specification and py-evm do not answer alike.
    """
    reach = Reach()
    _KINDS[unit.kind](unit, reach, left_out)
    return reach


def run_program(machine: Watched, preset: Preset, seed: str, drafts: Drafts = WEIGHTS) -> None:
    """Make one generated program from genesis on, without the functions that are left out."""
    generator = Generator(machine.world, preset, SeededSource(seed))
    for _ in repeat(None, PROGRAM_LENGTH):
        with suppress(LeftOut):
            machine.call(generator.next_call(drafts))


def _programs(unit: Unit, reach: Reach, left_out: Functions) -> None:
    preset = load_preset(unit.preset)
    evm = PyEvmMachine(preset)
    with recording(evm) as branches:
        machine = Watched(preset, evm, reach, left_out)
        genesis = machine.snapshot()
        for number in range(unit.number, unit.number + AT_ONCE):
            run_program(machine, preset, f"reach/{number}")
            machine.revert(genesis)
    reach.count_branches(branches)


def _stories(unit: Unit, reach: Reach, left_out: Functions) -> None:
    preset = load_preset(unit.preset)
    evm = PyEvmMachine(preset)
    with recording(evm) as branches:
        machine = Watched(preset, evm, reach, left_out)
        genesis = machine.snapshot()
        for tell in STORIES:
            with suppress(LeftOut):
                tell(Story(machine, preset))
            machine.revert(genesis)
    reach.count_branches(branches)


def _forms(unit: Unit, reach: Reach, left_out: Functions) -> None:
    preset = load_preset(unit.preset)
    evm = PyEvmMachine(preset)
    with recording(evm) as branches:
        for sender in (preset.accounts[-1].address, preset.staking.owner):
            machine = Watched(preset, evm, reach, left_out)
            genesis = machine.snapshot()
            for call in malformed_calls(sender, preset.timestamp):
                with suppress(LeftOut):
                    machine.call(call)
            machine.revert(genesis)
    reach.count_branches(branches)


def _facts(_: Unit, reach: Reach, left_out: Functions) -> None:
    branches: set[Branch] = set()

    def watched(preset: Preset) -> list[Machine]:
        evm = PyEvmMachine(preset)
        evm.execute_with(recorder(branches))
        return [Watched(preset, evm, reach, left_out)]

    for _observation in observe_facts(watched):
        pass
    reach.count_branches(branches)


def _vectors(_: Unit, reach: Reach, left_out: Functions) -> None:
    """Make the calls of the core vectors; many start from states that no preset leads to."""
    entries = Library(read_folder(CORE), "core").entries(("call/", "sequence/"))
    requests = (entry.request for entry in entries)
    _placed(
        (
            Case(read_state(request["state"]), [read_call(call) for call in request.get("calls") or [request["call"]]])
            for request in requests
        ),
        reach,
        left_out,
    )


def _states(unit: Unit, reach: Reach, left_out: Functions) -> None:
    _placed(cases(load_preset(unit.preset)), reach, left_out)


def _placed(everything: Iterable[Case], reach: Reach, left_out: Functions) -> None:
    """Make calls from given states on: those of a case that has none of a function that is left out."""
    found: set[Branch] = set()
    placed = Placed(found)
    for case in everything:
        if not left_out.isdisjoint(map(function_name, case.calls)):
            continue
        world, host = world_of(case.state), placed.at(case.state)
        for index, call in enumerate(case.calls):
            at = reach.before(world, call)
            receipt = apply(world, call)
            difference = compare_receipts(receipt, host.call(call))
            if difference is not None:
                raise Divergence(index, call, difference)
            reach.count(call, receipt, at)
    reach.count_branches(found)


_KINDS: Final[dict[str, Callable[[Unit, Reach, Functions], None]]] = {
    "programs": _programs,
    "stories": _stories,
    "forms": _forms,
    "facts": _facts,
    "vectors": _vectors,
    "states": _states,
}
