"""A program of calls, written as a scenario, is read back as the same calls, and expects what the specification did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.machines.specification import SpecificationMachine
from conformance.programs.as_scenario import as_scenario, describe
from conformance.programs.choices import SeededSource
from conformance.programs.generator import Generator
from conformance.scenario import read_scenario, run_scenario
from spec.daily_credits import DAILY_CREDITS
from spec.diem import DIEM
from spec.messages import Call
from spec.parameters import PRESETS, Preset, load_preset
from spec.quantities import format_address
from spec.staking import STAKING
from spec.vvv import VVV

if TYPE_CHECKING:
    from pathlib import Path

MINIMAL = load_preset("minimal")
STAKER, NEWCOMER = MINIMAL.accounts[0].address, MINIMAL.accounts[-1].address
NOW = MINIMAL.timestamp


def made_up(preset: Preset, length: int) -> tuple[Call, ...]:
    """Return a program as the generator makes it."""
    machine = SpecificationMachine(preset)
    generator = Generator(machine.world, preset, SeededSource(1))
    program = []
    for _ in range(length):
        program.append(generator.next_call())
        machine.call(program[-1])
    return tuple(program)


@pytest.mark.parametrize("name", PRESETS)
def test_whatever_the_generator_makes_is_replayed_call_by_call(name: str, tmp_path: Path) -> None:
    preset = load_preset(name)
    program = made_up(preset, 250)
    path = tmp_path / "program.yaml"
    path.write_text(as_scenario("a program", name, preset, program), encoding="utf-8")

    scenario = read_scenario(str(path))
    outcome = run_scenario(scenario, (SpecificationMachine(preset),))

    assert tuple(step.invocation.call for step in scenario.steps if step.invocation) == program
    assert outcome.holds
    assert scenario.checks >= len(program)


@pytest.mark.parametrize(
    "call, described",
    [
        (
            Call(STAKER, VVV.address, VVV.by_name["transfer"].calldata(NEWCOMER, 5), NOW),
            f"at {NOW} {format_address(STAKER)} calls vvv.transfer({format_address(NEWCOMER)}, 5)",
        ),
        (
            Call(STAKER, STAKING.address, STAKING.by_name["claim"].selector, NOW, 3),
            f"at {NOW} {format_address(STAKER)} calls staking.claim() with 3 wei",
        ),
        (
            Call(STAKER, DIEM.address, b"\1\2\3\4\5", NOW),
            f"at {NOW} {format_address(STAKER)} calls diem with calldata 0x0102030405",
        ),
        (
            Call(STAKER, DAILY_CREDITS.address, b"", NOW),
            f"at {NOW} {format_address(STAKER)} calls credits with calldata 0x",
        ),
        (
            Call(STAKER, STAKING.address, STAKING.by_name["claim"].selector + b"\xff", NOW),
            f"at {NOW} {format_address(STAKER)} calls staking with calldata 0x4e71d92dff",
        ),
        (
            Call(STAKER, VVV.address, VVV.by_name["transfer"].selector + b"\xff" * 64, NOW),
            f"at {NOW} {format_address(STAKER)} calls vvv with calldata 0xa9059cbb{'ff' * 64}",
        ),
        (
            Call(STAKER, VVV.address, VVV.by_name["transfer"].selector + b"\0" * 40, NOW),
            f"at {NOW} {format_address(STAKER)} calls vvv with calldata 0xa9059cbb{'00' * 40}",
        ),
    ],
)
def test_a_call_is_described_by_its_function_or_by_its_bare_calldata(call: Call, described: str) -> None:
    assert describe(call) == described


def test_a_long_argument_is_cut_short() -> None:
    table = (1,) * 256
    calldata = STAKING.by_name["setDiemMintCurve"].calldata(table, table)
    described = describe(Call(STAKER, STAKING.address, calldata, NOW))
    assert len(described) < 300
    assert described.count("… (768 characters)") == 2
