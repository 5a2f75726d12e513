"""Mutants of the specification's source: what is made of a rule, which comparison tells it apart, what none does."""

from __future__ import annotations

import pytest

from conformance.trust.mutants.directed.source import directed_at_source
from conformance.trust.mutants.directed.story import TOKEN, Story
from conformance.trust.mutants.program import Program
from conformance.trust.mutants.scoring import Level, lowest_kill
from conformance.trust.mutants.sides import key_of, listed
from conformance.trust.mutants.specification import SpecificationMutant, generate
from conformance.trust.mutants.specification_coverage import coverage_of
from spec import addresses
from spec.staking import STAKING
from spec.vvv import VVV

KINDS = {
    *("account", "arguments", "arithmetic", "check", "comparison", "condition", "connective", "constant", "operands"),
    *("order of checks", "order of statements", "rounding", "statement", "text", "variable"),
}

STAKE = "spec/staking/stakes.py stake"
UNSTAKE = "spec/staking/stakes.py initiate_unstake"
ACCRUE = "spec/staking/rewards.py accrue"

TOLD = {
    f"{STAKE}: require(amount > 0, STAKE_ZERO) [left out]": Level.STATUS,
    f"{STAKE}: SVVV.mint(world, recipient, amount) [left out]": Level.STATUS,
    f"{STAKE}: require(amount > 0, STAKE_ZERO) [STAKE_ZERO to UNSTAKE_ZERO]": Level.OUTPUT,
    f"{STAKE}: world.emit(STAKED.log(addresses.STAKING, recipient, amount)) [left out]": Level.LOGS,
    f"{UNSTAKE}: settle(world, call, call.sender) [left out]": Level.LOGS,
    f"{UNSTAKE}: settle(world, call, call.sender) [after the next statement]": Level.LOGS,
    f"{ACCRUE}: per_share = floor_div(for_unlocked * ACC_REWARD_SCALE, unlocked) [floor_div to ceil_div]": Level.LOGS,
    f"{UNSTAKE}: position.cooldown_end = call.timestamp + state.cooldown_duration [left out]": Level.VIEWS,
    f"{UNSTAKE}: write_debt(world, call.sender) [left out]": Level.VIEWS,
    "spec/staking/views.py treasury: return world.staking.treasury [treasury to venice]": Level.VIEWS,
}
"""Mutant |-> the simplest comparison that tells it apart in the story below."""


@pytest.fixture(scope="module")
def mutants() -> dict[str, SpecificationMutant]:
    return {mutant.place: mutant for mutant in generate().mutants}


@pytest.fixture(scope="module")
def story() -> tuple[Program, ...]:
    story = Story("a stake and an unstake, with a refusal each")
    story.send("newcomer", VVV, "approve", "staking", 2 * TOKEN)
    story.later(7)
    story.send("newcomer", STAKING, "stake", "newcomer", 0)
    story.send("newcomer", STAKING, "stake", "newcomer", TOKEN)
    story.later(11)
    story.send("newcomer", STAKING, "initiateUnstake", 0)
    story.send("newcomer", STAKING, "initiateUnstake", TOKEN // 2)
    return tuple(story.recorded())


def test_every_kind_of_change_is_made(mutants: dict[str, SpecificationMutant]) -> None:
    assert {mutant.kind for mutant in mutants.values()} == KINDS
    assert {mutant.contract for mutant in mutants.values()} == {"VVV", "Staking", "DIEM", "DailyCredits", "shared"}


@pytest.mark.parametrize("place, level", TOLD.items())
def test_a_mutant_is_told_apart_by_the_simplest_comparison(
    mutants: dict[str, SpecificationMutant], story: tuple[Program, ...], place: str, level: Level
) -> None:
    kill = lowest_kill(mutants[place], story)
    assert kill is not None
    assert kill.level == level


def test_what_does_not_call_the_changed_function_need_not_be_run(
    mutants: dict[str, SpecificationMutant], story: tuple[Program, ...]
) -> None:
    coverage = coverage_of(story)
    for place, level in TOLD.items():
        kill = lowest_kill(mutants[place], story, coverage.reach(mutants[place]))
        assert kill is not None
        assert kill.level == level
    of_diem = next(mutant for mutant in mutants.values() if mutant.place.startswith("spec/diem/stakes.py"))
    assert coverage.reach(of_diem)(story[0]) == ()


def test_the_specification_is_itself_again_after_a_mutant(
    mutants: dict[str, SpecificationMutant], story: tuple[Program, ...]
) -> None:
    for place in TOLD:
        lowest_kill(mutants[place], story)
    unchanged = next(mutant for mutant in mutants.values() if mutant.place.startswith("spec/diem/stakes.py"))
    assert lowest_kill(unchanged, story) is None


def test_a_genesis_that_depends_on_the_changed_function_shows_it(
    mutants: dict[str, SpecificationMutant], story: tuple[Program, ...]
) -> None:
    rate = next(mutant for place, mutant in mutants.items() if place.startswith("spec/curve_table.py mint_rate"))
    assert coverage_of(story).reach(rate)(story[0]) is None
    assert lowest_kill(rate, story) is not None


def test_a_program_that_begins_with_words_of_code_that_is_not_specified_is_not_asked() -> None:
    other = Program("other code", "minimal", {(addresses.STAKING_IMPLEMENTATION, 0): 1}, (), 0, {})

    coverage = coverage_of((other,))

    assert coverage.unspecified == {"other code"}
    assert coverage.steps == {}


def test_what_is_listed_is_there_and_told_apart_by_no_program_that_is_directed_at_it(
    mutants: dict[str, SpecificationMutant],
) -> None:
    programs = tuple(directed_at_source())
    coverage = coverage_of(programs)
    for contract, place in listed("specification"):
        mutant = mutants[place]
        assert key_of(mutant) == (contract, place)
        assert lowest_kill(mutant, programs, coverage.reach(mutant)) is None, place
