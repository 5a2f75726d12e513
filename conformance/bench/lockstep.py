"""``conform.py-evm``: what the comparison costs, beside py-evm alone on the same calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.artifact import load_artifacts
from conformance.bench.row import Row, Work, rates
from conformance.conform import PROGRAM_LENGTH
from conformance.lockstep import Lockstep
from conformance.machines.py_evm import PyEvmHost, PyEvmMachine, deployed
from conformance.machines.specification import SpecificationMachine
from conformance.programs.choices import SeededSource
from conformance.programs.generator import Generator
from spec.messages import Call
from spec.parameters import Preset, load_preset

PRESET: Final = "snapshot-2026-09-19"
PROGRAMS: Final = 2
AT_LEAST: Final = 0.85


def bench_lockstep() -> Iterator[Row]:
    """Yield lockstep, with all that it compares and watches, against py-evm carrying out the same calls."""
    preset = load_preset(PRESET)
    programs = [_program(preset, f"bench/{number}") for number in range(PROGRAMS)]
    image = deployed(preset, load_artifacts())

    def lockstep() -> Work:
        pairs = [Lockstep(SpecificationMachine(preset), PyEvmMachine(preset)) for _ in programs]

        def work() -> int:
            for pair, program in zip(pairs, programs, strict=True):
                pair.run(program)
            return sum(map(len, programs))

        return work

    def py_evm() -> Work:
        hosts = [PyEvmHost(preset.chain_id, image) for _ in programs]

        def work() -> int:
            for host, program in zip(hosts, programs, strict=True):
                for call in program:
                    host.call(call)
            return sum(map(len, programs))

        return work

    measured = rates({"lockstep": lockstep, "py-evm": py_evm})
    yield Row("conform.py-evm", "calls/s", measured["lockstep"], measured["py-evm"], "py-evm alone", AT_LEAST)


def _program(preset: Preset, seed: str) -> list[Call]:
    """Return one generated program, such as ``diem conform`` makes."""
    machine = SpecificationMachine(preset)
    generator = Generator(machine.world, preset, SeededSource(seed))
    program = []
    for _ in range(PROGRAM_LENGTH):
        program.append(generator.next_call())
        machine.call(program[-1])
    return program
