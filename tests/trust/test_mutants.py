"""Mutants of bytecode: how they are made, scored, and shown to do the same."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conformance.machines.py_evm import Image
from conformance.trust.mutants.assembler import DATA, Instruction, assemble, disassemble
from conformance.trust.mutants.bytecode import CONTRACTS, BytecodeMutant, code_of, deployed_image, mutants
from conformance.trust.mutants.bytecode_side import BytecodeSide, side
from conformance.trust.mutants.coverage import block_of
from conformance.trust.mutants.directed.states import credit_beyond_reason
from conformance.trust.mutants.operators import KINDS
from conformance.trust.mutants.program import Program
from conformance.trust.mutants.running import run
from conformance.trust.mutants.scores import PART
from conformance.trust.mutants.scoring import EvmSubject, Level, Mutant, Subject, lowest_kill
from conformance.trust.mutants.sides import key_of, listed, read_list
from conformance.trust.mutants.suite import random_programs
from conformance.trust.scores_file import committed
from spec.parameters import load_preset
from tests.conformance.evms import needs_pyrevm
from tests.trust.mutants_made_up import LIES, Honest

JUMPDEST = 0x5B


@pytest.fixture(scope="module")
def programs() -> list[Program]:
    random = (program for program in random_programs(40) if program.preset == "minimal")
    return sorted((*random, *credit_beyond_reason()), key=lambda program: len(program.steps))


@pytest.fixture(scope="module")
def bytecode(programs: list[Program]) -> BytecodeSide:
    return side(programs, 1, lambda *_: None)


def everything_moved(code: bytes) -> bytes:
    """Return the code with something that does nothing behind each third instruction."""
    moved: list[Instruction] = []
    for number, instruction in enumerate(disassemble(code)):
        moved.append(instruction)
        if number % 3 == 0 and instruction.opcode > DATA:
            moved.append(Instruction(-1, JUMPDEST))
    return assemble(moved)


class Moved:
    side, kind, contract, place = "bytecode", "none", "all", "everywhere"

    def describe(self) -> str:
        return "all code moved"

    def subject(self, preset: str) -> Subject:
        image = deployed_image(preset)
        codes = {address: everything_moved(code) for address, code in image.codes.items()}
        return EvmSubject(load_preset(preset), Image(codes, image.words))


def test_code_is_put_together_as_it_was() -> None:
    for address in CONTRACTS.values():
        code = deployed_image("minimal").codes[address]
        assert assemble(disassemble(code)) == code
        assert len(everything_moved(code)) > len(code)


@needs_pyrevm
def test_code_does_the_same_where_everything_in_it_has_moved(programs: list[Program]) -> None:
    assert lowest_kill(Moved(), programs) is None


def test_there_are_mutants_of_every_kind_in_every_contract() -> None:
    made = list(mutants())
    assert {mutant.kind for mutant in made if mutant.contract == "Staking"} == set(KINDS)
    assert {mutant.contract for mutant in made} == set(CONTRACTS)
    assert len({key_of(mutant) for mutant in made}) == len(made)
    original = {name: assemble(code_of(name)) for name in CONTRACTS}
    assert all(mutant.code() != original[mutant.contract] for mutant in made[::50])


@pytest.mark.parametrize("level", list(Level))
def test_each_comparison_catches_what_no_simpler_one_sees(level: Level, programs: list[Program]) -> None:
    lie = LIES[level]
    kill = lowest_kill(lie, programs)
    assert kill is not None
    assert kill.level is level


def test_the_honest_machine_is_not_told_apart(programs: list[Program]) -> None:
    assert lowest_kill(Honest(), programs) is None


@needs_pyrevm
def test_no_write_and_no_log_can_be_dropped_unseen(programs: list[Program], bytecode: BytecodeSide) -> None:
    survivors = {(row["contract"], place) for row in committed(PART)["survivors"] for place in row["places"]}
    dropped = [mutant for mutant in mutants(["VVV", "DIEM"]) if mutant.kind in {"store", "log"}]
    kills = {mutant: lowest_kill(mutant, programs, bytecode.reach(mutant)) for mutant in dropped}
    reached = [mutant for mutant in dropped if any(map(bytecode.reach(mutant), programs))]
    assert len(reached) > len(dropped) // 2
    assert not [mutant.describe() for mutant in reached if kills[mutant] is None and key_of(mutant) not in survivors]


def found(contract: str, kind: str, place: str) -> BytecodeMutant:
    return next(m for m in mutants([contract]) if m.kind == kind and m.place.endswith(place))


def test_a_mutant_that_does_the_same_is_shown_to_and_another_is_not(bytecode: BytecodeSide) -> None:
    placed = found("DailyCredits", "constant", "0x0000: PUSH1 0x80 to PUSH1 0x81")
    negated = found("DailyCredits", "comparison", "ISZERO to ISZERO ISZERO")
    reasons = bytecode.explained([placed, negated], 1, lambda *_: None)
    assert reasons[key_of(placed)].category == "same effects"
    assert key_of(negated) not in reasons


def test_a_survivor_that_nobody_explains_and_a_list_that_is_wrong_break_the_promise(
    programs: list[Program], bytecode: BytecodeSide
) -> None:
    assert not run(OneSided(bytecode, [Honest()]), programs[:2], 1, lambda *_: None).holds
    result = run(OneSided(bytecode, [LIES[Level.STATUS]]), programs, 1, lambda *_: None)
    assert result.verdicts[0].kill is not None
    assert result.holds


class OneSided:
    """A side of a few mutants, of which nothing is known."""

    left_out: Mapping[str, int] = {}

    def __init__(self, other: BytecodeSide, few: list[Mutant]) -> None:
        self.mutants = few
        self.explained = other.explained

    def reach(self, _: Mutant):  # type: ignore[no-untyped-def]
        return lambda _: None

    def stale(self, _: object) -> list[str]:
        return []


def test_what_is_listed_is_there() -> None:
    keys = {key_of(mutant) for mutant in mutants()}
    assert listed("bytecode").keys() <= keys
    for entry in read_list("bytecode")["never_run"]:
        starts = {block_of(entry["contract"], number) for number in range(len(code_of(entry["contract"])))}
        assert set(entry["blocks"]) <= starts
        assert entry["why"].endswith(".")


def test_the_committed_scores_are_of_these_mutants() -> None:
    scores = committed(PART)
    (row,) = [row for row in scores["sides"] if row["side"] == "bytecode"]
    keys = {key_of(mutant) for mutant in mutants()}
    survivors = {
        (entry["contract"], place)
        for entry in scores["survivors"]
        if entry["side"] == "bytecode"
        for place in entry["places"]
    }
    assert row["mutants"] == len(keys)
    assert survivors <= keys
    assert len(survivors) == row["indistinguishable"] + row["unexplained"]
    assert row["killed"]["storage"] == row["mutants"] - len(survivors)
