"""The committed artifacts are what the sources compile to, with the ABI and the storage that PROTOCOL.md prescribes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "conformance" / "contracts"
ARTIFACTS = ROOT / "conformance" / "artifacts"
BROKEN = ROOT / "tests" / "meta" / "broken"

NAMES = ("DIEM", "DailyCredits", "ERC1967Proxy", "Staking", "VVV")
PATHS = [*(ARTIFACTS / f"{name}.json" for name in NAMES), *sorted(BROKEN.glob("*/*.json"))]

STAKE = [("rewardDebt", 0, 0, 32), ("cooldownEnd", 1, 0, 32), ("cooldownAmount", 2, 0, 32)]
LOCKED_STAKE = [("sVVVLockedAmount", 0, 0, 32), ("outstandingDiemAmount", 1, 0, 32)]
STAKED_INFO = [("amountStaked", 0, 0, 32), ("coolDownEnd", 1, 0, 32), ("coolDownAmount", 2, 0, 32)]
ROLE_DATA = [("hasRole", 0, 0, 32), ("adminRole", 1, 0, 32)]
ACCOUNT = [("epoch", 0, 0, 32), ("allocation", 1, 0, 32), ("staked", 2, 0, 32), ("spent", 3, 0, 32)]

# PROTOCOL.md, section 9: (label, slot, offset in the slot, bytes).
LAYOUTS = {
    "VVV": [
        ("name", 0, 0, 32),
        ("symbol", 1, 0, 32),
        ("totalSupply", 2, 0, 32),
        ("balanceOf", 3, 0, 32),
        ("allowance", 4, 0, 32),
        ("nonces", 5, 0, 32),
        ("owner", 6, 0, 20),
    ],
    # The proxy and the libraries of the implementation keep their variables in namespaces that solc does not list.
    "ERC1967Proxy": [],
    "Staking": [
        ("venice", 0, 0, 20),
        ("diem", 1, 0, 20),
        ("treasury", 2, 0, 20),
        ("emissionRatePerSecond", 3, 0, 32),
        ("veniceEmissionsPercentage", 4, 0, 32),
        ("veniceEmissionsPercentageWhenLocked", 5, 0, 32),
        ("cooldownDuration", 6, 0, 32),
        ("accRewardPerShare", 7, 0, 32),
        ("accRewardPerShareLocked", 8, 0, 32),
        ("lastRewardTimestamp", 9, 0, 32),
        ("totalLockedStakedVVV", 10, 0, 32),
        ("stakes", 11, 0, 32),
        ("lockedStakes", 12, 0, 32),
        ("diemSupply", 13, 0, 256 * 32),
        ("diemMintRates", 269, 0, 256 * 32),
    ],
    "DIEM": [
        ("_balances", 0, 0, 32),
        ("_allowances", 1, 0, 32),
        ("_totalSupply", 2, 0, 32),
        ("_name", 3, 0, 32),
        ("_symbol", 4, 0, 32),
        ("_roles", 5, 0, 32),
        ("stakedInfos", 6, 0, 32),
        ("totalStaked", 7, 0, 32),
        ("cooldownDuration", 8, 0, 32),
    ],
    "DailyCredits": [
        ("diem", 0, 0, 20),
        ("gateway", 1, 0, 20),
        ("creditAtOnce", 1, 20, 1),
        ("epochDuration", 2, 0, 32),
        ("minimumStake", 3, 0, 32),
        ("accounts", 4, 0, 32),
    ],
}
STRUCTS = {
    ("Staking", "stakes"): STAKE,
    ("Staking", "lockedStakes"): LOCKED_STAKE,
    ("DIEM", "_roles"): ROLE_DATA,
    ("DIEM", "stakedInfos"): STAKED_INFO,
    ("DailyCredits", "accounts"): ACCOUNT,
}

# PROTOCOL.md, section 3.3.
KNOWN_SELECTORS = {
    "stake": "adc9772e",
    "initiateUnstake": "ae5ac921",
    "finalizeUnstake": "0ea94341",
    "claim": "4e71d92d",
    "claimAndStake": "cb1a4fc0",
    "mintDiem": "2006efcb",
    "burnDiem": "4d44f110",
    "getDiemAmountOut": "87716cbf",
    "setDiemMintCurve": "0caf48d3",
    "setEmissionRate": "a1bdb15e",
    "setCooldownDuration": "966be075",
}


def load(path: Path) -> dict[str, Any]:
    artifact: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return artifact


def label_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def placed(members: list[dict[str, Any]], types: dict[str, Any]) -> list[tuple[str, int, int, int]]:
    """The variables of a solc storage layout as (label, slot, offset, bytes)."""
    return [(m["label"], int(m["slot"]), m["offset"], int(types[m["type"]]["numberOfBytes"])) for m in members]


def test_the_artifacts_are_those_of_the_five_contracts() -> None:
    assert sorted(path.stem for path in ARTIFACTS.glob("*.json")) == sorted(NAMES)


@pytest.mark.parametrize("path", PATHS, ids=label_of)
def test_the_code_has_the_recorded_hash(path: Path) -> None:
    artifact = load(path)
    for key in ("bytecode", "deployedBytecode"):
        code = bytes.fromhex(artifact[key].removeprefix("0x"))
        assert code, f"{key} is empty"
        assert "0x" + keccak(code).hex() == artifact[f"{key}Keccak"], key


@pytest.mark.parametrize("path", PATHS, ids=label_of)
def test_the_compiler_is_the_protocols(path: Path) -> None:
    artifact = load(path)
    assert artifact["contractName"] == path.stem
    assert artifact["compiler"]["version"] == "0.8.26+commit.8a97fa7a"
    assert artifact["compiler"]["settings"] == {
        "evmVersion": "paris",
        "optimizer": {"enabled": True, "runs": 200},
        "viaIR": False,
    }
    assert artifact["sources"].keys() == artifact["licenses"].keys()


@pytest.mark.parametrize("path", PATHS, ids=label_of)
def test_the_sources_of_ours_are_the_files_here(path: Path) -> None:
    patches = json.loads((BROKEN / "broken.json").read_text(encoding="utf-8"))
    patched = {entry["file"] for entry in patches if entry["name"] == path.parent.name}
    for name, recorded in load(path)["sources"].items():
        if name.startswith("src/"):
            same = "0x" + keccak((CONTRACTS / name).read_bytes()).hex() == recorded
            assert same == (name not in patched), name


@pytest.mark.parametrize("path", PATHS, ids=label_of)
def test_the_storage_is_that_of_section_9(path: Path) -> None:
    layout = load(path)["storageLayout"]
    types = layout["types"] or {}
    assert placed(layout["storage"], types) == LAYOUTS[path.stem]
    for variable in layout["storage"]:
        expected = STRUCTS.get((path.stem, variable["label"]))
        if expected is not None:
            struct = types[types[variable["type"]]["value"]]
            assert placed(struct["members"], types) == expected, variable["label"]


def test_the_known_selectors_are_in_the_abi() -> None:
    selectors = {
        entry["name"]: keccak(text=f"{entry['name']}({','.join(i['type'] for i in entry['inputs'])})")[:4].hex()
        for entry in load(ARTIFACTS / "Staking.json")["abi"]
        if entry["type"] == "function"
    }
    assert {name: selectors.get(name) for name in KNOWN_SELECTORS} == KNOWN_SELECTORS


def test_every_broken_copy_is_listed_and_built() -> None:
    patches = json.loads((BROKEN / "broken.json").read_text(encoding="utf-8"))
    names = [entry["name"] for entry in patches]
    assert len(set(names)) == len(names)
    assert {path.name for path in BROKEN.iterdir() if path.is_dir()} == set(names)
    for entry in patches:
        broken = load(BROKEN / entry["name"] / f"{entry['contract']}.json")
        assert broken["bytecode"] != load(ARTIFACTS / f"{entry['contract']}.json")["bytecode"], entry["name"]


def node() -> str:
    """Node's executable. Rebuilding is left out where Node or the packages are missing, except in CI."""
    executable = shutil.which("node")
    missing = None
    if executable is None:
        missing = "Node is not installed"
    elif not (CONTRACTS / "node_modules").is_dir():
        missing = "conformance/contracts/node_modules is missing: run npm ci --ignore-scripts there"
    if missing is None:
        assert executable is not None
        return executable
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


def check(root: Path) -> subprocess.CompletedProcess[str]:
    command = [node(), str(root / "conformance" / "contracts" / "build.mjs"), "--check"]
    return subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8", timeout=600)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of everything the build reads and writes, sharing the installed packages."""
    node()
    here = tmp_path / "conformance" / "contracts"
    shutil.copytree(CONTRACTS, here, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(ARTIFACTS, tmp_path / "conformance" / "artifacts")
    shutil.copytree(BROKEN, tmp_path / "tests" / "meta" / "broken")
    (here / "node_modules").symlink_to(CONTRACTS / "node_modules", target_is_directory=True)
    return tmp_path


# That the committed artifacts are what the build gives is checked by `make contracts`, which takes half a minute.
def test_the_check_names_every_file_that_differs(copy: Path) -> None:
    tampered = copy / "conformance" / "artifacts" / "DIEM.json"
    artifact = load(tampered)
    artifact["bytecode"] = artifact["bytecode"][:-2] + ("00" if artifact["bytecode"][-2:] != "00" else "01")
    tampered.write_text(json.dumps(artifact, indent=2) + "\n", encoding="utf-8")

    with (copy / "conformance" / "contracts" / "src" / "VVV.sol").open("a", encoding="utf-8") as source:
        source.write("// A comment is part of the sources' hash.\n")

    reformatted = copy / "conformance" / "artifacts" / "Staking.json"
    reformatted.write_text(json.dumps(load(reformatted)), encoding="utf-8")

    (copy / "conformance" / "artifacts" / "ERC1967Proxy.json").unlink()
    (copy / "conformance" / "artifacts" / "Extra.json").write_text("{}\n", encoding="utf-8")
    broken = copy / "tests" / "meta" / "broken"
    keep_one(broken, "credits-minimum")
    (broken / "credits-minimum" / "DailyCredits.json").write_text("", encoding="utf-8")

    result = check(copy)
    assert result.returncode == 1
    lines = dict(line.split(": ", 1) for line in result.stderr.splitlines())
    assert lines.pop("conformance/artifacts/DIEM.json").startswith("bytecode differs: found …")
    assert lines.pop("conformance/artifacts/VVV.json").startswith("bytecodeKeccak differs: found ")
    assert lines == {
        "conformance/artifacts/Staking.json": "differs in its formatting",
        "conformance/artifacts/ERC1967Proxy.json": "missing",
        "conformance/artifacts/Extra.json": "not a file of this build",
        "tests/meta/broken/credits-minimum/DailyCredits.json": "not JSON",
    }


def keep_one(broken: Path, name: str) -> None:
    """Leave one of the broken copies: each takes a second to compile."""
    listed = broken / "broken.json"
    kept = [entry for entry in json.loads(listed.read_text(encoding="utf-8")) if entry["name"] == name]
    listed.write_text(json.dumps(kept), encoding="utf-8")
    for folder in broken.iterdir():
        if folder.is_dir() and folder.name != name:
            shutil.rmtree(folder)


def test_missing_packages_are_one_clear_line(copy: Path) -> None:
    (copy / "conformance" / "contracts" / "node_modules").unlink()
    result = check(copy)
    assert result.returncode == 1
    assert result.stderr == "build: @noble/hashes is not installed: run npm ci --ignore-scripts\n"
