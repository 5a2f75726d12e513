"""Specification, py-evm and revm go through the same programs: any two of them agree, and a difference is found."""

from __future__ import annotations

import json
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from eth.vm import opcode_values
from eth.vm.opcode import as_opcode
from typer.testing import CliRunner

from conformance.artifact import load_artifacts
from conformance.cli.app import app
from conformance.comparison import compare_receipts, differing_words, first_differing_word
from conformance.conform import PROGRAM_LENGTH, Conformance
from conformance.machines import ORIGIN, Machine, SlowToTell
from conformance.machines.py_evm import Image, PyEvmMachine, deployed
from conformance.machines.specification import SpecificationMachine
from conformance.programs.choices import SeededSource
from conformance.programs.generator import Generator
from conformance.shrinking import Program
from spec import addresses
from spec.machine import CONTRACTS
from spec.messages import Call
from spec.parameters import load_preset
from spec.vvv import VVV

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eth.abc import ComputationAPI
from tests.conformance.evms import WHY

pyrevm = pytest.importorskip("conformance.machines.pyrevm", reason=WHY, exc_type=ImportError)

PRESET: Final = load_preset("snapshot-2026-09-19")
BROKEN: Final = Path(__file__).resolve().parents[1] / "meta" / "broken" / "diem-unstake-silent"


@cache
def program(seed: str) -> Program:
    machine = SpecificationMachine(PRESET)
    generator = Generator(machine.world, PRESET, SeededSource(seed))
    calls = []
    for _ in range(PROGRAM_LENGTH):
        calls.append(generator.next_call())
        machine.call(calls[-1])
    return tuple(calls)


def difference(machines: Sequence[Machine], calls: Program) -> str | None:
    """Return where two machines differ first: in an answer, in a word that either wrote, or in a root at the end."""
    for number, call in enumerate(calls):
        receipts = {machine.name: machine.call(call) for machine in machines}
        for left, right in combinations(machines, 2):
            apart = compare_receipts(receipts[left.name], receipts[right.name])
            if apart is not None:
                return f"call {number}: {left.name} and {right.name}: {apart.where}"
            for word in differing_words(left, right):
                return f"call {number}: {left.name} and {right.name}: {CONTRACTS[word.address].name} {word.slot}"
    for address, contract in CONTRACTS.items():
        if len({machine.storage_root(address) for machine in machines}) > 1:
            return f"root of {contract.name}"
    return None


def test_any_two_machines_agree_on_a_program() -> None:
    py_evm, revm = PyEvmMachine(PRESET), pyrevm.PyrevmMachine(PRESET)

    assert difference([SpecificationMachine(PRESET), py_evm, revm], program("evms")) is None

    for address in CONTRACTS:
        assert len(py_evm.words(address)) > 5
        assert first_differing_word(address, py_evm.words(address), revm.words(address)) is None


def divides_upwards(computation: ComputationAPI) -> None:
    numerator, denominator = computation.stack_pop_ints(2)
    computation.stack_push_int(-(-numerator // denominator) if denominator else 0)


def is_a_second_late(computation: ComputationAPI) -> None:
    computation.stack_push_int(computation.state.timestamp + 1)


def forgets_who_calls(computation: ComputationAPI) -> None:
    computation.stack_push_bytes(computation.msg.storage_address)


@pytest.mark.parametrize(
    "code, wrong",
    [
        (opcode_values.DIV, divides_upwards),
        (opcode_values.TIMESTAMP, is_a_second_late),
        (opcode_values.CALLER, forgets_who_calls),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_evm_that_is_wrong_is_told_from_the_other(code: int, wrong: Callable[[ComputationAPI], None]) -> None:
    py_evm = PyEvmMachine(PRESET)
    py_evm.execute_with({code: as_opcode(wrong, wrong.__name__, 3)})

    found = difference([py_evm, pyrevm.PyrevmMachine(PRESET)], program("evms"))

    assert found is not None
    assert ": py-evm and pyrevm: " in found


def test_calls_of_contracts_come_from_elsewhere_in_either_evm() -> None:
    """So that code which asks for ``msg.sender == tx.origin`` is told from code that does not."""
    image = deployed(PRESET, load_artifacts())
    returns_origin = bytes.fromhex("3260005260206000f3")
    image = image._replace(codes={**image.codes, addresses.DAILY_CREDITS: returns_origin})
    for machine in (PyEvmMachine(PRESET, image=image), pyrevm.PyrevmMachine(PRESET, image=image)):
        for sender, origin in ((PRESET.staking.owner, PRESET.staking.owner), (addresses.DIEM, ORIGIN)):
            answer = machine.call(Call(sender, addresses.DAILY_CREDITS, b"", PRESET.timestamp))
            assert answer.output == origin.rjust(32, b"\0"), machine.name


def test_conform_finds_in_revm_what_is_broken(tmp_path: Path) -> None:
    replay = tmp_path / "replay.yaml"
    wanted = ("--calls", "500", "--seed", "11", "--preset", "minimal", "--json", "--artifacts", str(BROKEN))

    ran = CliRunner().invoke(app, ["conform", *wanted, "--machine", "pyrevm", "--save", str(replay)])

    assert ran.exit_code == 1, ran.stderr
    divergence = json.loads(ran.stdout)["divergence"]
    assert divergence["where"].startswith("log ")
    assert divergence["specification"].startswith("Unstaked from ")
    assert divergence["pyrevm"] == "no log"
    assert len(divergence["program"]) <= 8
    assert replay.exists()


def test_conform_says_with_what_it_is_repeated_and_which_evms_there_are() -> None:
    ran = CliRunner().invoke(app, ["conform", "--calls", "50", "--seed", "3", "--machine", "pyrevm"])
    assert ran.exit_code == 0
    assert "diem conform --calls 50 --seed 3 --preset snapshot-2026-09-19 --machine pyrevm\n" in ran.stdout
    ran = CliRunner().invoke(app, ["conform", "--machine", "evm"])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == "diem conform: machine 'evm': expected one of py-evm, pyrevm\n"


def test_revm_is_one_that_is_slow_to_tell() -> None:
    assert isinstance(pyrevm.PyrevmMachine(PRESET), SlowToTell)
    assert not isinstance(PyEvmMachine(PRESET), SlowToTell)
    assert not isinstance(SpecificationMachine(PRESET), SlowToTell)


STRAY: Final = 2**200
APPROVE: Final = VVV.by_name["approve"].selector


def writes_a_stray_word(code: bytes) -> bytes:
    """Return VVV's code, whose ``approve`` sets a word that no variable has before it does anything else."""
    dispatch = b"\x63" + APPROVE + b"\x14\x61"  # PUSH4 selector, EQ, PUSH2 destination
    at = code.index(dispatch) + len(dispatch)
    destination, detour = code[at : at + 2], len(code) + 33  # beyond what a PUSH at the end could swallow
    jumps_there = code[:at] + detour.to_bytes(2, "big") + code[at + 2 :]
    return (
        jumps_there + bytes(33) + b"\x5b\x60\x01\x7f" + STRAY.to_bytes(32, "big") + b"\x55\x61" + destination + b"\x56"
    )


def test_a_word_that_only_revm_wrote_is_traced_back_to_its_call() -> None:
    image = deployed(PRESET, load_artifacts())
    codes = {**image.codes, addresses.VVV: writes_a_stray_word(image.codes[addresses.VVV])}
    machine = pyrevm.PyrevmMachine(PRESET, image=Image(codes, image.words))

    failure = Conformance(PRESET, machine, shrink_seconds=20.0).run(PROGRAM_LENGTH, seed=2).failure

    assert failure is not None
    assert failure.found_after == PROGRAM_LENGTH
    assert len(failure.original) < PROGRAM_LENGTH
    assert [call.data[:4] for call in failure.shrunk] == [APPROVE]
    assert failure.divergence.index == 0
    assert str(failure.divergence.difference) == f"vvv.slot 0x{STRAY:064x}: 0 against 1"
