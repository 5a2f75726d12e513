"""A run is as it has to be, or it is said what is wrong: what is missing, too seldom, or reached though listed."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from conformance.cli.app import app
from conformance.comparison import Difference
from conformance.lockstep import Divergence
from conformance.trust.reach import run, units
from conformance.trust.reach.boundaries import BOUNDARIES
from conformance.trust.reach.counting import Reach
from conformance.trust.reach.outcomes import Outcome, possible_outcomes
from conformance.trust.reach.places import all_branches, named
from conformance.trust.reach.run import Reached
from conformance.trust.reach.specification import traced
from conformance.trust.reach.units import Unit
from conformance.trust.reach.unreachable import listed_places
from conformance.trust.reach.verdict import LEAST_CALLS, verdict
from conformance.trust.scores_file import committed
from spec.messages import ZERO_ADDRESS, Address, Call
from spec.staking import STAKING
from spec.uint256 import U256, ceil_div, floor_div

if TYPE_CHECKING:
    from conformance.trust.reach.branches import Branch

COOLDOWN = "VVV cooldown: at its end"
CLAIM = Outcome("staking.claim", "accepted")


@cache
def all_ways() -> frozenset[str]:
    """Return all ways through the specification."""
    _, ways = traced(lambda: floor_div(U256(7), 2))
    return ways.gone | ways.not_gone


def as_it_has_to_be() -> Reached:
    """Return a run that reaches everything just often enough, and nothing that is listed."""
    listed, _ = listed_places()
    reach, specification = Reach(), Counter[str]()
    reach.outcomes.update({one: LEAST_CALLS for one in possible_outcomes() if not listed[str(one)]})
    reach.boundaries.update({boundary.name: boundary.least for boundary in BOUNDARIES})
    specification.update({way: int(not listed[way]) for way in all_ways()})
    left = Counter(listed)
    for branch, name in all_branches().items():
        left[name] -= 1
        if left[name] < 0:
            reach.branches[branch] = 1
    return Reached(reach, specification, ())


@pytest.fixture
def reached() -> Reached:
    return as_it_has_to_be()


def branch_of(name: str) -> Branch:
    return next(branch for branch, one in all_branches().items() if one == name)


def test_a_run_that_reaches_everything_but_what_is_listed_has_no_faults(reached: Reached) -> None:
    assert verdict(reached).faults == ()
    assert len(reached.reach.outcomes) > 400
    assert len(reached.reach.branches) > 600


def test_what_is_reached_too_seldom_is_a_fault(reached: Reached) -> None:
    reached.reach.boundaries[COOLDOWN] = 2
    reached.reach.outcomes[CLAIM] = LEAST_CALLS - 1

    assert verdict(reached).faults == (
        "staking.claim: accepted: reached 2 times, at least 3 are asked for",
        "VVV cooldown: at its end: reached 2 times, at least 3 are asked for",
    )


def test_what_is_never_reached_and_not_listed_is_a_fault(reached: Reached) -> None:
    del reached.reach.outcomes[CLAIM]
    condition = next(one for one in reached.specification if "if cost >= remaining" in one)
    reached.specification[condition] = 0
    branch, name = next((branch, name) for branch, name in all_branches().items() if reached.reach.branches[branch])
    del reached.reach.branches[branch]

    assert verdict(reached).faults == (
        "staking.claim: accepted: never reached, and not listed as unreachable",
        f"{condition}: never reached, and not listed as unreachable",
        f"{name}: never reached, and not listed as unreachable",
    )


def test_what_is_listed_and_reached_all_the_same_is_a_fault(reached: Reached) -> None:
    reached.reach.outcomes[Outcome("staking.transfer", "accepted")] = 5
    reached.reach.branches[branch_of("DIEM: DUP1 0x1f LT PUSH2 jumps")] = 1

    assert verdict(reached).faults == (
        "staking.transfer: accepted: listed as unreachable, and reached or not there",
        "DIEM: DUP1 0x1f LT PUSH2 jumps: listed as unreachable, and reached or not there",
    )


def test_one_of_several_places_that_read_alike_is_counted(reached: Reached) -> None:
    name = "Staking: DUP1 DUP4 SUB DUP2 0x00 DUP8 DUP1 EXTCODESIZE ISZERO DUP1 ISZERO PUSH2 goes on"
    assert listed_places()[0][name] == 4
    reached.reach.branches[branch_of(name)] = 1

    assert verdict(reached).faults == (f"{name}: listed as unreachable, and reached or not there",)


def test_outcomes_that_the_source_does_not_allow_for_and_divergences_are_faults(reached: Reached) -> None:
    reached.reach.outcomes[Outcome("staking.claim", "NO_COOLDOWN")] = 1
    found = verdict(reached._replace(divergences=("programs minimal 0: call 3: status",)))

    assert found.faults == (
        "DIVERGENCE: programs minimal 0: call 3: status",
        "staking.claim: NO_COOLDOWN: not among what the source allows for",
    )


def test_names_of_branches_do_not_change_with_what_stands_before() -> None:
    code = bytes.fromhex("5b600160020a6000526105a3575b34156105a857")
    shifted = bytes.fromhex("5f50") + code.replace(bytes.fromhex("05a3"), bytes.fromhex("05a5"))

    assert list(named(code).values()) == list(named(shifted).values())
    assert list(named(code).values())[:2] == [
        "JUMPDEST 0x01 0x02 EXP 0x00 MSTORE PUSH2 goes on",
        "JUMPDEST 0x01 0x02 EXP 0x00 MSTORE PUSH2 jumps",
    ]


def test_ways_through_the_specification_are_those_that_were_gone() -> None:
    def divide() -> int:
        return floor_div(U256(7), 2) + ceil_div(U256(7), 2)

    result, ways = traced(divide)

    assert result == 7
    assert (
        "spec/uint256.py floor_div: if denominator == 0: -> return _new(U256, _floordiv(numerator, denominator))"
        in ways.gone
    )
    assert "spec/uint256.py floor_div: if denominator == 0: -> raise panic(DIVISION_BY_ZERO)" in ways.not_gone
    assert not any(way.startswith(("spec/genesis.py", "spec/invariants")) for way in (*ways.gone, *ways.not_gone))


def test_a_unit_that_diverges_is_told_and_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def diverges(unit: Unit, reach: Reach, left_out: frozenset[str]) -> None:
        reach.calls += 1
        raise Divergence(3, Call(ZERO_ADDRESS, Address(bytes(20)), b"", 0), Difference("status", "yes", "no"))

    monkeypatch.setitem(units._KINDS, "forms", diverges)
    part = run._part(Unit("forms", "minimal"), frozenset())

    assert part.divergence == "forms minimal 0: call 3: status: yes against no"
    assert part.reach.calls == 0


# ------------------------------------------------------------------------------------------------------- the command


def diem(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["trust", "reach", *arguments])


def test_a_run_without_a_function_fails_and_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    stake = Call(ZERO_ADDRESS, STAKING.address, STAKING.by_name["stake"].selector, 1_000_001)
    claim = stake._replace(data=STAKING.by_name["claim"].selector)
    monkeypatch.setattr(units, "malformed_calls", lambda *_: iter((stake, claim)))
    monkeypatch.setattr(units, "units", lambda: [Unit("forms", "minimal")])
    result = diem("--leave-out", "staking.claim", "--processes", "1", "--json")

    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert "staking.claim: accepted: never reached, and not listed as unreachable" in told["faults"]
    assert "staking.claim" not in told["outcomes"]
    assert told["outcomes"]["staking.stake"]["calldata cut short"] == 2  # for two senders


def test_the_committed_run_has_reached_everything() -> None:
    scores = committed("reach")
    assert all(row["places"] == row["reached"] + row["unreachable"] for row in scores["summary"])
    assert {boundary.name for boundary in BOUNDARIES} == {row["name"] for row in scores["boundaries"]}
    assert all(row["hits"] >= row["least"] for row in scores["boundaries"])


@pytest.mark.parametrize(
    "arguments,message",
    [
        (("--leave-out", "claim"), "--leave-out: expected a function such as staking.claim, found 'claim'"),
        (
            ("--leave-out", "staking.claim", "--write"),
            "--write: expected no --leave-out with it, for the scores are those of a whole run",
        ),
    ],
)
def test_what_is_wrong_with_the_arguments_is_said_in_a_line(arguments: tuple[str, ...], message: str) -> None:
    result = diem(*arguments)

    assert result.exit_code == 2
    assert result.stderr == f"diem trust reach: {message}\n"
