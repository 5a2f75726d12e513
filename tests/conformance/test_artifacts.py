"""The loader takes the committed artifacts, or those of a directory, and nothing that has been tampered with."""

from __future__ import annotations

import json
from dataclasses import fields
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from conformance.artifact import CONTRACTS, Artifact, ArtifactError, Artifacts, load_artifacts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROTOCOL_SELECTORS = {
    "stake": "adc9772e",
    "initiateUnstake": "ae5ac921",
    "finalizeUnstake": "0ea94341",
    "claim": "4e71d92d",
    "claimAndStake": "cb1a4fc0",
    "mintDiem": "2006efcb",
    "burnDiem": "4d44f110",
    "getDiemAmountOut": "87716cbf",
    "setEmissionRate": "a1bdb15e",
    "setCooldownDuration": "966be075",
}


def committed(name: str) -> dict[str, Any]:
    text = (resources.files("conformance") / "artifacts" / f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document), encoding="utf-8")


def other_code(document: dict[str, Any]) -> dict[str, Any]:
    """The same contract with one more byte of code, and the hash that belongs to it."""
    code = bytes.fromhex(document["deployedBytecode"][2:]) + b"\0"
    return document | {"deployedBytecode": f"0x{code.hex()}", "deployedBytecodeKeccak": f"0x{keccak(code).hex()}"}


def test_the_five_contracts_are_loaded() -> None:
    artifacts = load_artifacts()

    loaded: list[Artifact] = [getattr(artifacts, field.name) for field in fields(Artifacts)]
    assert tuple(artifact.name for artifact in loaded) == CONTRACTS
    for artifact in loaded:
        document = committed(artifact.name)
        assert f"0x{artifact.bytecode.hex()}" == document["bytecode"]
        assert f"0x{artifact.deployed_bytecode.hex()}" == document["deployedBytecode"]
        assert list(artifact.abi) == document["abi"]


@pytest.mark.parametrize("function", PROTOCOL_SELECTORS)
def test_calldata_begins_with_the_selector_of_the_protocol(function: str) -> None:
    staking = load_artifacts().staking
    count = {"stake": 2, "mintDiem": 2, "finalizeUnstake": 0, "claim": 0, "claimAndStake": 0}.get(function, 1)
    arguments = [bytes(20) if (function, place) == ("stake", 0) else place for place in range(count)]

    data = staking.calldata(function, *arguments)

    assert data[:4].hex() == PROTOCOL_SELECTORS[function]
    assert data[4:] == b"".join(place.to_bytes(32, "big") for place in range(count))


def test_creation_code_is_the_code_and_the_arguments() -> None:
    artifacts = load_artifacts()

    arguments = encode(["address", "bytes"], [b"\1" * 20, b"initialize"])
    assert artifacts.proxy.creation_code(b"\1" * 20, b"initialize") == artifacts.proxy.bytecode + arguments
    assert artifacts.staking.creation_code() == artifacts.staking.bytecode


def test_a_function_that_is_not_in_the_abi_is_named() -> None:
    with pytest.raises(ArtifactError, match=r"^DIEM: abi: expected a function stakeFor, found none$"):
        load_artifacts().diem.calldata("stakeFor", 1)


def test_a_directory_replaces_what_is_in_it(tmp_path: Path) -> None:
    write(tmp_path / "any name.json", other_code(committed("DIEM")))
    (tmp_path / "notes.txt").write_text("not an artifact", encoding="utf-8")

    ours, theirs = load_artifacts(), load_artifacts(tmp_path)

    assert theirs.diem.deployed_bytecode == ours.diem.deployed_bytecode + b"\0"
    assert theirs != ours
    for name in ("vvv", "staking", "proxy", "credits"):
        assert getattr(theirs, name) == getattr(ours, name)


def drop(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda document: {key: value for key, value in document.items() if key != name}


def put(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document | {name: value}


ZERO_HASH = f"0x{bytes(32).hex()}"

TAMPERED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no name": (drop("contractName"), "contractName: expected a value, found none"),
    "name not text": (put("contractName", 7), "contractName: expected a string, found 7"),
    "unknown contract": (
        put("contractName", "Vault"),
        "contractName: expected one of VVV, Staking, ERC1967Proxy, DIEM, DailyCredits, found Vault",
    ),
    "no code": (drop("bytecode"), "bytecode: expected a value, found none"),
    "no deployed code": (drop("deployedBytecode"), "deployedBytecode: expected a value, found none"),
    "empty code": (put("bytecode", "0x"), "bytecode: expected code, found none"),
    "code not text": (put("bytecode", None), "bytecode: expected a string, found null"),
    "code not prefixed": (
        put("bytecode", "6080"),
        'bytecode: expected 0x and an even number of hexadecimal digits, found "6080"',
    ),
    "code not hexadecimal": (
        put("deployedBytecode", "0x60 80"),
        'deployedBytecode: expected 0x and an even number of hexadecimal digits, found "0x60 80"',
    ),
    "code of half a byte": (
        put("bytecode", "0x608"),
        'bytecode: expected 0x and an even number of hexadecimal digits, found "0x608"',
    ),
    "unlinked library": (
        lambda document: document | {"bytecode": document["bytecode"] + "__$53aea86b7d70b31448b230b20ae141a537$__"},
        "bytecode: expected 0x and an even number of hexadecimal digits, found ",
    ),
    "no hash": (drop("bytecodeKeccak"), "bytecodeKeccak: expected a value, found none"),
    "hash not text": (put("deployedBytecodeKeccak", []), "deployedBytecodeKeccak: expected a string, found []"),
    "wrong hash": (
        put("bytecodeKeccak", ZERO_HASH),
        f", the hash of bytecode, found {ZERO_HASH}; write the hash expected if the code was changed on purpose",
    ),
    "wrong hash of deployed code": (
        put("deployedBytecodeKeccak", ZERO_HASH),
        f", the hash of deployedBytecode, found {ZERO_HASH}",
    ),
    "another code": (
        put("deployedBytecode", "0x6080"),
        f"deployedBytecodeKeccak: expected 0x{keccak(bytes.fromhex('6080')).hex()}, the hash of deployedBytecode",
    ),
    "no abi": (drop("abi"), "abi: expected a value, found none"),
    "abi not a list": (put("abi", {}), "abi: expected a list of objects with a type, and inputs with types, found {}"),
    "abi without types": (
        put("abi", [{"name": "f"}]),
        'abi: expected a list of objects with a type, and inputs with types, found [{"name": "f"}]',
    ),
    "inputs without types": (
        put("abi", [{"type": "function", "inputs": [{}]}]),
        "abi: expected a list of objects with a type, and inputs with types, found ",
    ),
    "no immutables": (drop("immutableReferences"), "immutableReferences: expected a value, found none"),
    "immutables not places": (
        put("immutableReferences", {"1": [{"start": 3}]}),
        "immutableReferences: expected lists of objects with start and length, found ",
    ),
    "not an object": (lambda _: [1, 2], "expected a JSON object, found [1, 2]"),
}


@pytest.mark.parametrize("change", TAMPERED)
def test_an_artifact_that_was_tampered_with_is_refused(change: str, tmp_path: Path) -> None:
    tamper, message = TAMPERED[change]
    path = tmp_path / "DIEM.json"
    write(path, tamper(committed("DIEM")))

    with pytest.raises(ArtifactError) as caught:
        load_artifacts(tmp_path)

    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < len(str(path)) + 300


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "DIEM.json"
    path.write_text(json.dumps(committed("DIEM"))[:-10], encoding="utf-8")

    with pytest.raises(ArtifactError, match=r"DIEM\.json: expected JSON: "):
        load_artifacts(tmp_path)


def test_a_file_that_is_nested_deeper_than_the_stack_is_refused(tmp_path: Path) -> None:
    (tmp_path / "DIEM.json").write_text("[" * 200_000, encoding="utf-8")

    with pytest.raises(ArtifactError, match=r"DIEM\.json: expected JSON: expected at most 64 levels$"):
        load_artifacts(tmp_path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "DIEM.json").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ArtifactError, match=r"DIEM\.json: cannot be read: expected JSON in UTF-8$"):
        load_artifacts(tmp_path)


def test_a_contract_given_twice_is_refused(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        write(tmp_path / name, committed("VVV"))

    with pytest.raises(ArtifactError, match=r"b\.json: contractName: expected each contract once, found VVV again$"):
        load_artifacts(tmp_path)


def test_a_directory_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"nowhere: expected a directory of artifacts, found nothing$"):
        load_artifacts(tmp_path / "nowhere")
    write(tmp_path / "file", {})
    with pytest.raises(ArtifactError, match=r"file: expected a directory of artifacts, found a file$"):
        load_artifacts(tmp_path / "file")


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r": expected at least one \*\.json, found none$"):
        load_artifacts(tmp_path)
