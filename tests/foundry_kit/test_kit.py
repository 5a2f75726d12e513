"""The kit for teams that build on DIEM: its interfaces are the contracts', and its example and a fork test run."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from conformance.artifact import load_artifacts
from conformance.cli.app import app
from conformance.foundry.interfaces import NAMES, interface
from conformance.foundry.kit import contract_name
from conformance.foundry.state import ETHER, block_number, image_state, preset_state
from conformance.genesis_file import ledger_genesis
from conformance.machines.py_evm import deployed
from conformance.peers.anvil import Anvil
from ledger.genesis import Genesis
from ledger.node.published import DEV_SEQUENCER
from spec.addresses import DIEM
from spec.parameters import PRESETS, load_preset
from spec.quantities import parse_address
from tests.conformance.foundry import needs
from tests.foundry_kit.forge import forge_test

ARTIFACTS = load_artifacts()
KIT = resources.files("conformance.foundry")
FORK = Path(__file__).resolve().parent / "fork" / "BaseFork.t.sol"


def diem(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


def described(entry: dict[str, Any]) -> Any:
    """What of an ABI's entry counts: types, order, what is indexed; the names of fields, and of what is emitted.

    The arguments of functions have the specification's names, which are not always those of our Solidity.
    """

    def shown(values: list[dict[str, Any]], *, names: bool) -> list[tuple[str, str, bool]]:
        return [(one["type"], one["name"] if names else "", one.get("indexed", False)) for one in values]

    results = entry.get("outputs", [])
    inputs = shown(entry["inputs"], names=entry["type"] != "function")
    return entry["type"], entry["name"], inputs, shown(results, names=len(results) > 1), entry.get("stateMutability")


@pytest.mark.parametrize("contract", NAMES)
def test_an_interface_is_what_artifacts_and_specification_make_it(contract: str) -> None:
    committed = (KIT / "kit" / "interfaces" / f"{NAMES[contract]}.sol").read_text(encoding="utf-8")
    assert committed == interface(contract, ARTIFACTS)


def test_the_example_and_a_fork_of_base_run_and_the_interfaces_are_those_of_the_bytecode(tmp_path: Path) -> None:
    needs("anvil")
    project, state = tmp_path / "desk", tmp_path / "venice.json"
    made = diem("foundry", "init", project, "--example", "--json")
    assert (made.exit_code, made.stderr) == (0, "")
    assert all(Path(path).is_file() for path in json.loads(made.stdout)["files"])
    assert diem("genesis", "--format", "anvil", "--output", state).exit_code == 0
    library = project / "lib" / "diem" / "state" / "Snapshot20260919.json"
    assert library.read_text(encoding="utf-8") == state.read_text(encoding="utf-8")
    (project / "test" / FORK.name).write_text(FORK.read_text(encoding="utf-8"), encoding="utf-8")

    with Anvil(state, options=()) as anvil:
        ran = forge_test(project, BASE_RPC_URL=anvil.url)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    written = [
        re.findall(r"function test\w+\(", path.read_text(encoding="utf-8")) for path in project.glob("test/*.t.sol")
    ]
    assert sorted(map(len, written)) == [3, 3, 5]
    assert "11 tests passed, 0 failed, 0 skipped" in ran.stdout
    for contract, name in NAMES.items():
        compiled = json.loads((project / "out" / f"{name}.sol" / f"{name}.json").read_text(encoding="utf-8"))["abi"]
        ours = [entry for entry in getattr(ARTIFACTS, contract).abi if entry["type"] != "constructor"]
        assert sorted(map(described, compiled)) == sorted(map(described, ours)), name


@pytest.mark.parametrize("name", PRESETS)
def test_the_file_for_anvil_has_the_state_of_the_genesis_and_ether_for_everybody(name: str) -> None:
    preset = load_preset(name)
    document = json.loads(preset_state(preset))
    number = int(document.pop("number"), 16)
    assert number == block_number(preset) == {"minimal": 0, "launch": 34455271}.get(name, 51530033)
    document["number"] = "0x0"
    genesis, plain = Genesis.from_json(json.dumps(document)), ledger_genesis(preset, DEV_SEQUENCER.address)
    assert (genesis.chain_id, genesis.timestamp) == (preset.chain_id, preset.timestamp)
    for address, account in plain.accounts.items():
        assert genesis.accounts[address] == account
    others = {
        address: account.balance for address, account in genesis.accounts.items() if address not in plain.accounts
    }
    assert {preset.staking.treasury, preset.credits.gateway} <= others.keys()
    assert set(others.values()) == {ETHER}


def test_the_command_prints_the_file_with_the_balances_that_are_asked_for() -> None:
    staker, stranger = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "0x000000000000000000000000000000000000dEaD"
    given = ("--fund", f"{staker}=5", "--fund", f"{stranger}=7")
    ran = diem("genesis", "--format", "anvil", "--preset", "minimal", *given)
    balances = {parse_address(staker): 5, parse_address(stranger): 7}
    assert ran.stdout == preset_state(load_preset("minimal"), balances=balances)
    alloc = json.loads(ran.stdout)["alloc"]
    assert (alloc[staker.lower()]["balance"], alloc[stranger.lower()]["balance"]) == ("0x5", "0x7")


def test_the_state_of_a_deployment_has_its_codes_and_words() -> None:
    preset = load_preset("minimal")
    image = deployed(preset, ARTIFACTS)
    alloc = json.loads(image_state(preset, image))["alloc"]
    diem_ = alloc[f"0x{DIEM.hex()}"]
    assert diem_["code"] == f"0x{image.codes[DIEM].hex()}"
    assert {int(slot, 16): int(word, 16) for slot, word in diem_["storage"].items()} == dict(image.words[DIEM])


def test_the_command_says_what_to_import_and_leaves_files_of_others_alone(tmp_path: Path) -> None:
    configuration = tmp_path / "foundry.toml"
    configuration.write_text("# mine\n", encoding="utf-8")
    made = diem("foundry", "init", tmp_path, "--preset", "minimal")
    assert (made.exit_code, configuration.read_text(encoding="utf-8")) == (0, "# mine\n")
    assert 'import {Minimal} from "diem/Minimal.sol"' in made.stdout
    assert not (tmp_path / "src").exists()

    assert diem("foundry", "init", tmp_path, "--preset", "launch", "--example").exit_code == 0
    assert {path.name for path in (tmp_path / "lib" / "diem" / "state").iterdir()} == {
        "Minimal.json",
        "Launch.json",
        "Snapshot20260919.json",  # the example's
    }
    desk = tmp_path / "src" / "DiemDesk.sol"
    desk.write_text("// mine\n", encoding="utf-8")
    refused = diem("foundry", "init", tmp_path, "--example")
    assert refused.exit_code == 2
    assert refused.stderr == f"diem foundry init: {desk}: expected no file, or the example's, found another one\n"
    assert desk.read_text(encoding="utf-8") == "// mine\n"


def test_the_command_to_run_the_tests_can_be_copied(tmp_path: Path) -> None:
    folder = tmp_path / "my desk"
    assert f"; then run  cd '{folder}' && forge test\n" in diem("foundry", "init", folder, "--preset", "minimal").stdout


def test_a_folder_that_cannot_be_written_and_an_unknown_preset_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused = diem("foundry", "init", tmp_path / "file" / "desk")
    assert refused.exit_code == 2
    assert refused.stderr == f"diem foundry init: {tmp_path / 'file' / 'desk'}: cannot be written: Not a directory\n"
    assert "preset 'nowhere': expected one of" in diem("foundry", "init", tmp_path, "--preset", "nowhere").stderr


@pytest.mark.parametrize("name, expected", [("snapshot-2026-09-19", "Snapshot20260919"), ("1-a_b", "Preset1AB")])
def test_a_presets_contract_is_called_as_solidity_calls_contracts(name: str, expected: str) -> None:
    assert contract_name(load_preset("minimal").model_copy(update={"name": name})) == expected
