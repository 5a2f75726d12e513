"""``conform.py-evm``: what the comparison costs, beside py-evm alone on the same calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.artifact import load_artifacts
from conformance.bench.row import Rates, Row, Work
from conformance.conform import PROGRAM_LENGTH, Conformance
from conformance.lockstep import Lockstep, Tally
from conformance.machines.py_evm import PyEvmHost, PyEvmMachine, deployed
from conformance.machines.specification import SpecificationMachine
from conformance.programs.choices import SeededSource
from conformance.programs.generator import Generator
from conformance.shrinking import Program
from spec.messages import Call
from spec.parameters import Preset, load_preset

PRESET: Final = "snapshot-2026-09-19"
ROUNDS: Final = 9
AT_LEAST: Final = 0.85


def bench_lockstep() -> Iterator[Row]:
    """Yield ``diem conform``, with all that it compares and watches, against py-evm carrying out the same calls.

    The machines are at genesis, and their first storage roots are known, before the measuring starts: a run pays for
    these once, however many calls it makes.

    Raises
    ------
    Divergence : the machines did not agree.
    """
    preset = load_preset(PRESET)
    program = _program(preset, "bench")
    image = deployed(preset, load_artifacts())

    def lockstep() -> Work:
        conformance = Conformance(preset, PyEvmMachine(preset))
        conformance.from_genesis(Tally()).run(program[:1])
        return _compared(conformance.from_genesis(Tally()), program)

    def py_evm() -> Work:
        return _carried_out(PyEvmHost(preset.chain_id, image), program)

    rates = Rates({"lockstep": lockstep, "py-evm alone": py_evm}, ROUNDS)
    yield rates.row("conform.py-evm", "calls/s", "lockstep", "py-evm alone", AT_LEAST)


def _compared(lockstep: Lockstep, program: Program) -> Work:
    for call in program[:-1]:
        lockstep.step(call)
        yield 1
    lockstep.step(program[-1])
    lockstep.checkpoint(program[-1])
    yield 1


def _carried_out(host: PyEvmHost, program: Program) -> Work:
    for call in program:
        host.call(call)
        yield 1


def _program(preset: Preset, seed: str) -> Program:
    """Return one generated program, such as ``diem conform`` makes."""
    machine = SpecificationMachine(preset)
    generator = Generator(machine.world, preset, SeededSource(seed))
    program: list[Call] = []
    for _ in range(PROGRAM_LENGTH):
        program.append(generator.next_call())
        machine.call(program[-1])
    return tuple(program)
