"""Targets: the worked examples conform, broken copies of them are caught, what is left out is counted."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from eth_hash.auto import keccak
from typer.testing import CliRunner

import conformance
from conformance.cli.app import app
from conformance.conform import Conformance, Result
from conformance.machines import FOREIGN, LeftOut
from conformance.machines.by_name import UnknownMachine, machines_by_name
from conformance.machines.specification import SpecificationMachine
from conformance.programs.as_scenario import as_scenario
from conformance.session import function_of
from conformance.target import TargetError, TargetMachine, load_target
from conformance.target.deploying import deploy_target
from conformance.target.genesis import genesis_differences
from conformance.target.observation import ByViews
from spec import addresses
from spec.messages import Call
from spec.parameters import load_preset
from spec.staking import STAKING
from spec.vvv import VVV

FOLDER = Path(conformance.__file__).parent
TARGETS = FOLDER / "targets"
ARTIFACTS = FOLDER / "artifacts"
EXAMPLES = ("no-optimizer", "via-ir", "variant")
PRESET = load_preset("minimal")

REWARD_SCALE = f"{5**36:x}"
"""In every code; solc may leave the twos in 10^36 to a shift."""
WRONG_SCALE = f"{5**36 + 2:x}"


def copied(example: str, folder: Path) -> Path:
    """Return the target's file in a copy of an example."""
    shutil.copytree(TARGETS / example, folder / example)
    return folder / example / "target.toml"


def edited(path: Path, *changes: tuple[str, str]) -> Path:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


def with_artifact(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    artifact = json.loads(path.read_text(encoding="utf-8"))
    change(artifact)
    path.write_text(json.dumps(artifact), encoding="utf-8")


def with_bytecode(path: Path, old: str, new: str) -> None:
    def change(artifact: dict[str, Any]) -> None:
        assert old in artifact["bytecode"]
        artifact["bytecode"] = artifact["bytecode"].replace(old, new)
        artifact["bytecodeKeccak"] = "0x" + keccak(bytes.fromhex(artifact["bytecode"][2:])).hex()

    with_artifact(path, change)


def conform(path: Path, calls: int, seed: int = 5, shrink_seconds: float = 5.0) -> tuple[TargetMachine, Result]:
    machine = TargetMachine(PRESET, load_target(path))

    def observer(specification: SpecificationMachine) -> ByViews:
        return ByViews(specification, machine, PRESET)

    by_views = observer if machine.by_views else None
    return machine, Conformance(PRESET, machine, shrink_seconds, by_views, machine.left_out).run(calls, seed)


def without_storage(path: Path) -> Path:
    """Return the variant's file without any layout, so that its views are compared."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\[(vvv|staking|diem|credits)\.storage\]\n(?:(?!\[|\n\n).*\n)*", "", text)
    path.write_text(text.replace('own_variables = ["deposits"]\n', ""), encoding="utf-8")
    return path


def diem(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, list(map(str, arguments)))


# ------------------------------------------------------------------------------------------------ the worked examples


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_starts_in_the_state_of_the_preset_and_conforms(example: str) -> None:
    path = TARGETS / example / "target.toml"
    target = load_target(path)
    assert target.problems == ()
    assert list(genesis_differences(TargetMachine(PRESET, target), PRESET)) == []

    machine, result = conform(path, 150)
    assert result.failure is None
    assert (result.tally.calls, result.tally.roots, result.tally.views) == (150, 4, 0)
    assert result.tally.words > 300
    assert machine.by_views == frozenset()


def test_the_variant_leaves_out_what_its_file_says_and_counts_it() -> None:
    machine, result = conform(TARGETS / "variant" / "target.toml", 250, seed=11)
    assert result.failure is None
    assert result.tally.calls == 250
    assert result.tally.left_out.keys() <= {
        "vvv.permit",
        "vvv.nonces",
        "vvv.DOMAIN_SEPARATOR",
        "staking.initialize",
    }
    assert result.tally.left_out["vvv.permit"] > 0
    assert machine.translation.not_compared["credits: event Recorded"] > 0
    assert machine.translation.not_compared["staking: events of the target's own"] > 0


def test_the_variant_conforms_by_its_views_alone(tmp_path: Path) -> None:
    machine, result = conform(without_storage(copied("variant", tmp_path)), 60)
    assert machine.by_views == {VVV.address, STAKING.address, addresses.DIEM, addresses.DAILY_CREDITS}
    assert result.failure is None
    assert (result.tally.roots, result.tally.words) == (0, 0)
    assert result.tally.views > 1000


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_committed_artifacts_are_of_the_sources_here(example: str) -> None:
    paths = sorted((TARGETS / example).glob("*.json"))
    assert len(paths) == (4 if example == "variant" else 5)
    for path in paths:
        artifact = json.loads(path.read_text(encoding="utf-8"))
        assert artifact["bytecodeKeccak"] == "0x" + keccak(bytes.fromhex(artifact["bytecode"][2:])).hex()
        for name, recorded in artifact["sources"].items():
            root = {"src": FOLDER / "contracts", "variant": TARGETS}.get(name.split("/")[0])
            if root is not None:
                assert "0x" + keccak((root / name).read_bytes()).hex() == recorded, name


# ------------------------------------------------------------------------------------------------ broken copies


@pytest.mark.parametrize("example,contract", [("no-optimizer", "Staking"), ("via-ir", "Staking"), ("variant", "Vault")])
def test_a_broken_copy_of_an_example_is_caught_and_named(example: str, contract: str, tmp_path: Path) -> None:
    path = copied(example, tmp_path)
    with_bytecode(path.parent / f"{contract}.json", REWARD_SCALE, WRONG_SCALE)
    _, result = conform(path, 300)
    assert result.failure is not None
    assert len(result.failure.shrunk) <= 3
    assert re.match(r"staking\.(acc_reward_per_share|stakes)|output|log", result.failure.divergence.difference.where)


def test_a_broken_copy_is_caught_by_its_views(tmp_path: Path) -> None:
    path = without_storage(copied("variant", tmp_path))
    with_bytecode(path.parent / "Vault.json", REWARD_SCALE, WRONG_SCALE)
    found = next(genesis_differences(TargetMachine(PRESET, load_target(path)), PRESET))
    assert found.where.startswith("view staking.ACC_REWARD_SCALE()")

    _, result = conform(path, 300, shrink_seconds=1.0)
    assert result.failure is not None
    assert re.match(r"view staking\.(accReward|pending)|output|log", result.failure.divergence.difference.where)


@pytest.mark.parametrize(
    "change,where,right",
    [
        # Two reasons told apart by the file, and not by the target.
        (('STAKE_ZERO = "ZeroAmount()"', 'STAKE_ZERO = "NothingLeaves()"'), "status", "refused with"),
        # A revert string where the target has a custom error: our own words are not taken for an answer.
        (('NOT_GATEWAY = "OnlyGateway(address)"\n', ""), "status", "refused with 0x"),
        (('"not enough credit"', '"too little credit"'), "status", "refused with 0x"),
        # Variables mistaken for each other.
        (
            ('"accounts[].staked" = "_bonded[]"\n"accounts[].spent" = "_used[]"',
             '"accounts[].staked" = "_used[]"\n"accounts[].spent" = "_bonded[]"'),
            r"credits\.accounts",
            r"\d",
        ),
        # An event that is said to be missing and is not: both are there.
        (('Spent = "Used"', "Spent = false"), r"log 1", "unknown event"),
    ],
)  # fmt: skip
def test_a_file_that_says_what_is_not_so_is_found_out(
    change: tuple[str, str], where: str, right: str, tmp_path: Path
) -> None:
    _, result = conform(edited(copied("variant", tmp_path), change), 600, seed=2, shrink_seconds=3.0)
    assert result.failure is not None
    difference = result.failure.divergence.difference
    assert re.match(where, difference.where)
    assert re.match(right, difference.right)


def test_a_word_of_the_targets_own_that_the_file_does_not_own_up_to_is_a_difference(tmp_path: Path) -> None:
    path = copied("variant", tmp_path)

    def hide(artifact: dict[str, Any]) -> None:
        variables = artifact["storageLayout"]["storage"]
        artifact["storageLayout"]["storage"] = [one for one in variables if one["label"] != "deposits"]

    with_artifact(path.parent / "Vault.json", hide)
    machine = TargetMachine(PRESET, load_target(edited(path, ('own_variables = ["deposits"]\n', ""))))
    found = [difference.where for difference in genesis_differences(machine, PRESET)]
    assert found == ["staking: slot 0x0"]
    assert machine.our_words(STAKING.address)[FOREIGN] > 0
    assert machine.storage_root(STAKING.address) != SpecificationMachine(PRESET).storage_root(STAKING.address)

    _, result = conform(path, 200, shrink_seconds=0.0)
    assert result.failure is not None
    where = result.failure.divergence.difference.where
    assert where == "staking: slot 0x0 of its own, which stands for no variable"


# ------------------------------------------------------------------------------------------------ the machine


def with_arrays(path: Path) -> Path:
    """Return the variant's file, after its Gem was given a dynamic array, a text, and an array of half words."""

    def change(artifact: dict[str, Any]) -> None:
        layout = artifact["storageLayout"]
        layout["types"] |= {
            "t_list": {"encoding": "dynamic_array", "base": "t_uint256", "label": "uint256[]", "numberOfBytes": "32"},
            "t_bytes": {"encoding": "bytes", "label": "bytes", "numberOfBytes": "32"},
            "t_half": {"encoding": "inplace", "label": "uint128", "numberOfBytes": "16"},
            "t_halves": {"encoding": "inplace", "base": "t_half", "label": "uint128[3]", "numberOfBytes": "64"},
        }
        for slot, type_ in ((90, "list"), (91, "bytes"), (92, "halves")):
            layout["storage"].append({"label": type_, "slot": str(slot), "offset": 0, "type": f"t_{type_}"})

    with_artifact(path.parent / "Gem.json", change)
    return path


def test_arrays_and_texts_of_the_targets_own_are_left_out_wherever_they_lie(tmp_path: Path) -> None:
    path = with_arrays(copied("variant", tmp_path))
    assert [problem.partition(" of Gem.json")[0] for problem in load_target(path).problems] == [
        f"diem.storage: expected {name}" for name in ("list", "bytes", "halves")
    ]
    target = load_target(edited(path, ("[diem]\n", '[diem]\nown_variables = ["list", "bytes", "halves"]\n')))
    image = deploy_target(target, PRESET)

    def differing(*slots: int) -> list[str]:
        gem = {**image.words[addresses.DIEM], **dict.fromkeys(slots, 7)}
        changed = image._replace(words={**image.words, addresses.DIEM: gem})
        return [one.where for one in genesis_differences(TargetMachine(PRESET, target, changed), PRESET)]

    tails = [int.from_bytes(keccak(slot.to_bytes(32, "big")), "big") for slot in (90, 91, 92)]
    assert differing(90, 91, 92, 93, tails[0], tails[0] + 10**6, tails[1]) == []
    for slot in (94, tails[0] - 1, tails[0] + 2**64, tails[2]):
        assert differing(slot) == [f"diem: slot 0x{slot:x}"]


def test_an_array_of_half_words_stands_for_none_of_ours(tmp_path: Path) -> None:
    path = edited(with_arrays(copied("variant", tmp_path)), ('total_staked = "bondedByAll"', 'total_staked = "halves"'))
    expected = "diem.storage.total_staked: expected a value, or an array of whole words; found halves, which is none"
    assert expected in load_target(path).problems


def test_a_function_that_is_missing_cannot_be_called_and_nothing_happens() -> None:
    machine = TargetMachine(PRESET, load_target(TARGETS / "variant" / "target.toml"))
    call = Call(addresses.TREASURY, VVV.address, VVV.by_name["nonces"].calldata(addresses.TREASURY), PRESET.timestamp)
    with pytest.raises(LeftOut, match=r"variant: left out: vvv\.nonces"):
        machine.call(call)
    own = call._replace(to=STAKING.address, data=keccak(b"deposits()")[:4])
    assert machine.left_out(own) == "staking.deposits(), the target's own"


def test_snapshots_nest() -> None:
    machine = TargetMachine(PRESET, load_target(TARGETS / "variant" / "target.toml"))
    account = PRESET.staking.treasury
    before = machine.storage_root(VVV.address)
    outer = machine.snapshot()
    for amount in (1, 2):
        call = Call(account, VVV.address, VVV.by_name["approve"].calldata(STAKING.address, amount), PRESET.timestamp)
        assert machine.call(call).status
        inner = machine.snapshot()
    assert inner == 2
    machine.revert(outer)
    assert machine.storage_root(VVV.address) == before
    assert machine.call(call).status
    assert list(machine.written().values()) == [2]


def test_a_target_is_a_machine_of_diem_run_and_needs_its_file() -> None:
    with pytest.raises(UnknownMachine, match="expected --target"):
        machines_by_name(["target"], PRESET)
    ran = diem(
        "run", "life-of-one-diem", "--machine", "both", "--machine", "target",
        "--target", TARGETS / "variant" / "target.toml",
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    assert "specification and py-evm and target agree" in ran.stdout


# ------------------------------------------------------------------------------------------------ the commands


@cache
def reported() -> Any:
    path = TARGETS / "variant" / "target.toml"
    return diem("conform", "--calls", "60", "--seed", "4", "--preset", "minimal", "--target", path)


def test_conform_says_what_was_left_out_and_looks_at_the_facts_that_can_be_seen() -> None:
    assert reported().exit_code == 0, reported().output
    assert "target variant: other names, custom errors, other order of variables" in reported().stdout
    assert "What was left out" in reported().stdout
    assert re.search(r"credits: event Recorded +│ +\d", reported().stdout)
    last = reported().stdout.splitlines()[-1]
    assert re.match(r"CONFORMS: 60 calls answered alike, 4 storage roots equal, 51 published facts hold on both", last)


def test_a_fact_that_takes_a_missing_function_is_left_out_and_not_counted(tmp_path: Path) -> None:
    path = edited(copied("variant", tmp_path), ('pendingRewards = "earned"', "pendingRewards = false"))
    arguments = ("conform", "--calls", "20", "--seed", "4", "--preset", "minimal", "--target", path)
    ran = diem(*arguments)
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.count("│ -- │") == 4
    assert "47 published facts hold on both machines" in ran.stdout.splitlines()[-1]
    facts = json.loads(diem(*arguments, "--json").stdout)["left_out"]["facts"]
    assert "cooling VVV earns nothing" in facts
    assert len(facts) == 4


def test_conform_on_a_broken_target_says_so_and_replays(tmp_path: Path) -> None:
    path = copied("via-ir", tmp_path)
    with_bytecode(path.parent / "Staking.json", REWARD_SCALE, WRONG_SCALE)
    replay = tmp_path / "replay.yaml"
    arguments = ("--calls", "200", "--seed", "4", "--preset", "minimal", "--target", path, "--save", replay, "--json")
    ran = diem("conform", *arguments)
    assert ran.exit_code == 1, ran.output
    answer = json.loads(ran.stdout)
    assert answer["conforms"] is False
    assert answer["left_out"] == {"calls": {}, "of_receipts": {}, "facts": []}
    assert answer["divergence"]["specification"] != answer["divergence"]["target"]
    again = diem("run", replay, "--machine", "specification", "--machine", "target", "--target", path)
    assert again.exit_code == 1, again.output


def test_a_scenario_compares_the_views_of_a_target_without_known_words(tmp_path: Path) -> None:
    """What only a view shows is no agreement: here two views stand for each other, which are 0 until DIEM is staked."""
    launch = load_preset("launch")
    minter = next(account.address for account in launch.accounts if account.name == "minter")
    made: tuple[tuple[str, Any, *tuple[Any, ...]], ...] = (
        ("staking.mintDiem", 10**18, 0),
        ("diem.stake", 10**15),
        ("credits.record", minter),
        ("credits.record", minter),
    )
    calls = []
    for day, (name, *arguments) in enumerate(made):
        contract, function = function_of(name)
        calls.append(Call(minter, contract.address, function.calldata(*arguments), launch.timestamp + 86_400 * day))
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(as_scenario("four calls", "launch", launch, calls), encoding="utf-8")
    right = without_storage(copied("variant", tmp_path / "right"))
    wrong = edited(
        without_storage(copied("variant", tmp_path / "wrong")),
        ('allocation = "allowedToday"', 'allocation = "usedToday"'),
        ('spent = "usedToday"', 'spent = "allowedToday"'),
    )

    def run(target: Path, *machines: str) -> Any:
        chosen = (option for machine in machines for option in ("--machine", machine))
        return diem("run", scenario, *chosen, "--target", target)

    ran = run(right, "specification", "target")
    assert ran.exit_code == 0, ran.output
    agreed = "agree in every status, output, log and word written, and in the views of vvv, staking, diem, credits"
    assert f"specification and target {agreed}" in ran.stdout
    for other in ("specification", "py-evm"):
        ran = run(wrong, other, "target")
        assert ran.exit_code == 1, ran.output
        assert "specification and target agree in view credits.allocation(" in ran.stdout
    assert run(wrong, "target").exit_code == 0


def test_conform_stops_where_the_state_is_another_at_genesis(tmp_path: Path) -> None:
    path = edited(copied("variant", tmp_path), ('"$minter_burner_role"', f'"0x{"ab" * 32}"'))
    edited(path, ('[[set_up]]\nfrom = "admin"', '[[set_up]]\nfrom = "admin"\ncall = "diem.grantRole"\n'
           'arguments = ["$minter_burner_role", "$staking"]\n\n[[set_up]]\nfrom = "admin"'))  # fmt: skip
    ran = diem("conform", "--preset", "minimal", "--target", path)
    assert ran.exit_code == 1
    assert "DIVERGENCE at genesis, before any call" in ran.stdout
    assert ran.stdout.endswith("DOES NOT CONFORM\n")
    answer = json.loads(diem("conform", "--preset", "minimal", "--target", path, "--json").stdout)
    assert (answer["conforms"], answer["divergence"]["found_after"]) == (False, 0)
    checked = diem("target", "check", path)
    assert checked.exit_code == 1
    assert "deploys, but not to the state of preset launch" in checked.stdout


def test_artifacts_and_a_target_at_once_are_refused(tmp_path: Path) -> None:
    ran = diem("conform", "--artifacts", ARTIFACTS, "--target", TARGETS / "variant" / "target.toml")
    assert (ran.exit_code, ran.stderr) == (2, "diem conform: expected --artifacts or --target, found both\n")


def test_check_prints_what_maps_by_contract() -> None:
    ran = diem("target", "check", TARGETS / "variant" / "target.toml", "--preset", "minimal")
    assert ran.exit_code == 0, ran.output
    for row in (
        r"renamed +│ stake\(address,uint256\) +│ deposit\(address,uint256\)",
        r"missing +│ permit\(.*\) +│ calls of it are left out",
        r"its own +│ - +│ deposits\(\), never called",
        r"in other words +│ BURN_ZERO +│ ZeroAmount\(\)",
        r"elsewhere +│ stakes\[\]\.reward_debt +│ _positions\[\]\.paid",
        r"missing +│ credit_at_once +│ not looked at",
    ):
        assert re.search(row, ran.stdout), row
    assert ran.stdout.endswith("USABLE: deploys to the state of preset minimal\n")


def test_check_in_json() -> None:
    answer = json.loads(diem("target", "check", TARGETS / "variant" / "target.toml", "--json").stdout)
    assert (answer["usable"], answer["problems"], answer["ours"]) == (True, [], [])
    assert answer["roles"]["staking"]["functions"]["stake"] == "deposit(address,uint256)"
    assert answer["roles"]["credits"]["events"]["Recorded"] is None


def test_check_lists_everything_that_does_not_map(tmp_path: Path) -> None:
    path = edited(copied("variant", tmp_path), ('stake = "deposit"\n', ""), ('Staked = "Deposited"\n', ""))
    ran = diem("target", "check", path)
    assert ran.exit_code == 1
    assert (
        "DOES NOT MAP: staking.functions.stake: expected stake(address,uint256) in the ABI of Vault.json" in ran.stdout
    )
    assert "DOES NOT MAP: staking.events.Staked: expected Staked(address,uint256) in the ABI" in ran.stdout
    assert "NOT USABLE" in ran.stdout
    with pytest.raises(TargetError, match=r"staking\.functions\.stake: .* \(and 1 more, which diem target check"):
        TargetMachine(PRESET, load_target(path))
