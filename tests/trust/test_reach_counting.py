"""What calls reach is counted call by call, added up, and seen to fall short where a kind of call is missing."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import pytest

from conformance.conform import PROGRAM_LENGTH
from conformance.lockstep import Lockstep
from conformance.machines import LeftOut
from conformance.machines.specification import SpecificationMachine
from conformance.programs.calls import staking
from conformance.programs.generator import WEIGHTS
from conformance.trust.reach.boundaries import BOUNDARIES
from conformance.trust.reach.branches import Branch
from conformance.trust.reach.counting import Reach
from conformance.trust.reach.forms import malformed_calls
from conformance.trust.reach.outcomes import ACCEPTED, Outcome, possible_outcomes
from conformance.trust.reach.stories import STORIES, Story
from conformance.trust.reach.units import run_program
from conformance.trust.reach.verdict import FORMS, kind_of
from conformance.trust.reach.watched import Watched
from spec import addresses
from spec.messages import Call
from spec.parameters import load_preset
from spec.staking import STAKING

if TYPE_CHECKING:
    from conformance.programs.generator import Drafts

PRESET = load_preset("minimal")
STAKER = PRESET.accounts[0].address
FINALIZED = Outcome("staking.finalizeUnstake", ACCEPTED)


def watched(left_out: frozenset[str] = frozenset()) -> Watched:
    """Return the specification beside itself."""
    return Watched(PRESET, SpecificationMachine(PRESET), Reach(), left_out)


@cache
def told() -> Reach:
    """Return what the stories reach."""
    machine = watched()
    genesis = machine.snapshot()
    for tell in STORIES:
        tell(Story(machine, PRESET))
        machine.revert(genesis)
    return machine.reach


def generated(drafts: Drafts) -> Reach:
    """Return what two generated programs reach."""
    machine = watched()
    genesis = machine.snapshot()
    for seed in "12":
        run_program(machine, PRESET, seed, drafts)
        machine.revert(genesis)
    return machine.reach


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=lambda boundary: boundary.name)
def test_the_stories_are_at_every_boundary(boundary: object) -> None:
    name, least = boundary.name, boundary.least  # type: ignore[attr-defined]
    assert told().boundaries[name] > 0
    assert least > 0


def test_boundaries_have_names_of_their_own_and_are_not_where_most_calls_are() -> None:
    assert len({boundary.name for boundary in BOUNDARIES}) == len(BOUNDARIES)
    seconds = [name for name in told().boundaries if "a second before its end" in name or "one more" in name]
    assert len(seconds) > 10
    assert all(told().boundaries[name] < told().calls // 10 for name in seconds)


@pytest.mark.parametrize(
    "offset,name", [(-1, "a second before its end"), (0, "at its end"), (1, "a second after its end")]
)
def test_a_call_is_at_a_boundary_to_the_second_and_only_with_its_outcome(offset: int, name: str) -> None:
    machine = watched()
    story = Story(machine, PRESET)
    story.send("staker", "staking.initiateUnstake", 5)
    story.now = int(story.world.staking.stakes[STAKER].cooldown_end) + offset
    call = Call(STAKER, STAKING.address, STAKING.by_name["finalizeUnstake"].calldata(), story.now)

    at = Reach.before(story.world, call)
    other = Reach()
    other.count(call, machine.call(call)._replace(status=offset < 0, output=b""), at)

    assert [boundary.name for boundary in at] == [f"VVV cooldown: {name}"]
    assert machine.reach.boundaries[f"VVV cooldown: {name}"] == 1
    assert sum(other.boundaries.values()) == 0


def test_every_function_is_called_in_every_malformed_way() -> None:
    machine = watched()
    for call in malformed_calls(STAKER, PRESET.timestamp):
        machine.call(call)

    forms = [outcome for outcome in possible_outcomes() if kind_of(outcome) == FORMS]
    assert len(forms) > 200
    assert [outcome for outcome in forms if not machine.reach.outcomes[outcome]] == []


def test_a_generator_that_lacks_a_kind_of_call_falls_short_of_what_the_whole_one_reaches() -> None:
    whole = generated(WEIGHTS)
    lacking = generated(tuple((weight, draft) for weight, draft in WEIGHTS if draft is not staking.mint_diem))

    assert whole.calls == lacking.calls == 2 * PROGRAM_LENGTH
    minted = Outcome("staking.mintDiem", "LOCK_ZERO"), "unlocked sVVV to be locked: all"
    assert whole.outcomes[minted[0]] + whole.boundaries[minted[1]] > 0
    assert sum(lacking.outcomes.values()) == lacking.calls
    assert (
        lacking.outcomes[Outcome("staking.mintDiem", ACCEPTED)] < whole.outcomes[Outcome("staking.mintDiem", ACCEPTED)]
    )


def test_a_function_that_is_left_out_is_not_called() -> None:
    machine = watched(frozenset({FINALIZED.function}))
    run_program(machine, PRESET, "1")

    assert 0 < machine.reach.calls < PROGRAM_LENGTH
    assert not [outcome for outcome in machine.reach.outcomes if outcome.function == FINALIZED.function]
    with pytest.raises(LeftOut, match=r"^staking.finalizeUnstake is left out$"):
        Story(machine, PRESET).outcome("staker", "staking.finalizeUnstake")


def test_counts_add_up_and_outlive_json() -> None:
    reach = Reach()
    reach.add(told())
    reach.add(told())
    for _ in range(2):
        reach.count_branches([Branch(addresses.DIEM, 7, True), Branch(addresses.DIEM, 7, True)])
    reach.count_branches([Branch(addresses.DIEM, 7, False)])

    assert reach.calls == 2 * told().calls == sum(reach.outcomes.values())
    assert reach.branches == {Branch(addresses.DIEM, 7, True): 2, Branch(addresses.DIEM, 7, False): 1}
    again = Reach.from_json(json.loads(json.dumps(reach.as_json())))
    assert (again.calls, again.outcomes, again.boundaries, again.branches) == (
        reach.calls,
        reach.outcomes,
        reach.boundaries,
        reach.branches,
    )


def test_the_counts_of_a_tally_are_outcomes() -> None:
    lockstep = Lockstep(SpecificationMachine(PRESET), SpecificationMachine(PRESET))
    claim = Call(STAKER, STAKING.address, STAKING.by_name["claim"].calldata(), PRESET.timestamp + 1)
    lockstep.step(claim)
    lockstep.step(claim._replace(value=1))

    assert Reach.from_tally(lockstep.tally).outcomes == {
        Outcome("staking.claim", ACCEPTED): 1,
        Outcome("staking.claim", "empty revert data"): 1,
    }
