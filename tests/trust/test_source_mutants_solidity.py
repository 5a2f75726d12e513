"""Mutants of the Solidity: what is made of the sources, what compiles to nothing new, and which comparison shows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping

import pytest

from conformance.artifact import load_artifacts
from conformance.machines.py_evm import deployed
from conformance.trust.mutants.directed.source import directed_at_source
from conformance.trust.mutants.directed.story import TOKEN, Story
from conformance.trust.mutants.program import Program
from conformance.trust.mutants.scoring import Level, lowest_kill
from conformance.trust.mutants.sides import SideMissing, listed
from conformance.trust.mutants.solidity.calling import Selectors
from conformance.trust.mutants.solidity.compiler import Compiler, missing
from conformance.trust.mutants.solidity.deploying import deployed_in_revm
from conformance.trust.mutants.solidity.generating import (
    CONTRACTS,
    Candidate,
    Generated,
    SolidityMutant,
    candidates,
    generate,
)
from conformance.trust.mutants.solidity.syntax import Source
from conformance.trust.mutants.solidity_side import side
from spec.daily_credits import DAILY_CREDITS
from spec.parameters import load_preset
from spec.staking import STAKING

pytest.importorskip("pyrevm", reason="mutants run in pyrevm, which is not installed")

KINDS = {
    *("account", "arguments", "arithmetic", "check", "comparison", "condition", "connective", "constant", "location"),
    *("operands", "order of checks", "order of statements", "rounding", "statement", "text", "variable"),
}

CREDITS = "src/DailyCredits.sol"
SPEND = f"{CREDITS} spend"

TOLD = {
    f'{SPEND}: require(msg.sender == gateway, "NOT_GATEWAY"); [left out]': Level.STATUS,
    f'{SPEND}: require(amount > 0, "SPEND_ZERO"); ["SPEND_ZERO" to another text]': Level.OUTPUT,
    f"{SPEND}: emit Spent(account, a.epoch, amount); [left out]": Level.LOGS,
    f"{CREDITS} constructor: minimumStake = minimumStake_; [left out]": Level.VIEWS,
    f"{CREDITS} _rolled: if (present != a.epoch) {{ [!= to ==]": Level.LOGS,
}
"""Mutant |-> the simplest comparison that tells it apart in the story below."""

TWIN = f"{CREDITS} _rolled: if (present != a.epoch) {{ [negated]"
UNCOMPILED = f"{CREDITS} record: Account memory a = _rolled(account); [after the next statement]"


@pytest.fixture(scope="module")
def sources() -> Iterator[Mapping[str, Source]]:
    """The sources with their trees. Without the compiler the tests are left out, which fails a run in CI."""
    if reason := missing():
        pytest.skip(reason)
    with Compiler() as compiler:
        yield compiler.sources(tuple(CONTRACTS))


@pytest.fixture(scope="module")
def made(sources: Mapping[str, Source]) -> list[Candidate]:
    return list(candidates(dict(sources)))


@pytest.fixture(scope="module")
def compiled(made: list[Candidate]) -> Generated:
    wanted = {*TOLD, TWIN, UNCOMPILED}
    assert wanted <= {candidate.place for candidate in made}
    return generate(wanted=lambda candidate: candidate.place in wanted)


@pytest.fixture(scope="module")
def story() -> tuple[Program, ...]:
    story = Story("credit is spent")
    for sender, amount in (("gateway", TOKEN), ("gateway", 0), ("staker", 1), ("gateway", 10 * TOKEN)):
        story.send(sender, DAILY_CREDITS, "spend", "minter", amount)
    return tuple(story.recorded())


def test_every_kind_of_change_is_made(made: list[Candidate]) -> None:
    assert {candidate.kind for candidate in made} == KINDS
    assert {candidate.file for candidate in made} == set(CONTRACTS)
    assert len({candidate.place for candidate in made}) == len(made)


def test_what_is_listed_is_there(made: list[Candidate]) -> None:
    assert listed("solidity").keys() <= {(CONTRACTS[candidate.file], candidate.place) for candidate in made}


def test_what_does_not_compile_and_what_compiles_to_the_same_are_left_out(compiled: Generated) -> None:
    assert {mutant.place for mutant in compiled.mutants} == set(TOLD)
    assert (compiled.uncompiled, compiled.same, compiled.twins) == (1, 0, 1)


@pytest.mark.parametrize("place, level", TOLD.items())
def test_a_mutant_is_told_apart_by_the_simplest_comparison(
    compiled: Generated, story: tuple[Program, ...], place: str, level: Level
) -> None:
    mutant = next(mutant for mutant in compiled.mutants if mutant.place == place)
    for reach in (lambda _: None, mutant.reach()):
        kill = lowest_kill(mutant, story, reach)
        assert kill is not None
        assert kill.level == level


def test_only_calls_that_lead_to_a_function_need_to_be_run(sources: Mapping[str, Source]) -> None:
    selectors = Selectors(sources)
    functions = {
        node["name"]: node["id"]
        for contract in sources["src/Rewards.sol"].tree["nodes"]
        for node in contract.get("nodes", ())
        if node["nodeType"] == "FunctionDefinition"
    }
    payers = ("stake", "initiateUnstake", "claim", "mintDiem", "burnDiem")
    assert selectors.of(functions["_settle"]) == frozenset(STAKING.by_name[name].selector for name in payers)
    assert selectors.of(functions["pendingRewards"]) == frozenset({STAKING.by_name["pendingRewards"].selector})


def test_the_contracts_themselves_are_not_told_apart() -> None:
    contracts = SolidityMutant("nothing", "DIEM", "nowhere", load_artifacts().diem)
    assert lowest_kill(contracts, directed_at_source()) is None


def test_a_deployment_in_revm_ends_where_one_in_py_evm_does() -> None:
    preset, artifacts = load_preset("minimal"), load_artifacts()
    assert deployed_in_revm(preset, artifacts) == deployed(preset, artifacts)


def test_without_node_the_side_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SideMissing, match="Node is not installed"):
        side((), 1, lambda _, __, ___: None)
