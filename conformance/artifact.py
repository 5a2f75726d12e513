"""The compiled contracts: their bytecode and ABI, checked against the hashes recorded with them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Final, Protocol

from eth_abi.abi import encode
from eth_hash.auto import keccak

from ledger.json_text import decode

CONTRACTS: Final = ("VVV", "Staking", "ERC1967Proxy", "DIEM", "DailyCredits")

_HEX: Final = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


class ArtifactError(ValueError):
    """An artifact that cannot be used: the message names the file, the field, what was expected and what was found."""


@dataclass(frozen=True)
class Artifact:
    """One compiled contract."""

    name: str
    bytecode: bytes
    """The code that creates the contract, without the constructor's arguments."""
    deployed_bytecode: bytes
    """The code that stays; immutables are zero in it."""
    immutable_references: tuple[tuple[int, int], ...]
    """(offset, length) of each place where the constructor writes an immutable into the deployed code (bytes)."""
    abi: tuple[Mapping[str, Any], ...] = field(hash=False, repr=False)
    compiler: str = ""
    """Name and version, where the artifact says so."""

    def calldata(self, function: str, *arguments: object) -> bytes:
        """Return the selector and the encoded ``arguments`` of a function of the ABI, which has no overloads.

        Raises
        ------
        ArtifactError : the ABI has no such function.
        eth_abi.exceptions.EncodingError : the arguments do not fit its parameters.
        """
        types = self.parameters(function)
        return keccak(f"{function}({','.join(types)})".encode())[:4] + encode(types, arguments)

    def creation_code(self, *arguments: object) -> bytes:
        """Return the code that creates the contract with the constructor's ``arguments``; errors as ``calldata``."""
        return self.bytecode + encode(self.parameters(), arguments)

    def parameters(self, function: str | None = None) -> list[str]:
        """Return the types of a function's parameters, or of the constructor's.

        Raises
        ------
        ArtifactError : the ABI has no such function.
        """
        kind = "constructor" if function is None else "function"
        for entry in self.abi:
            if entry["type"] == kind and (function is None or entry.get("name") == function):
                return [parameter["type"] for parameter in entry["inputs"]]
        if function is None:  # solc lists no constructor that takes nothing
            return []
        raise ArtifactError(f"{self.name}: abi: expected a function {function}, found none")


@dataclass(frozen=True)
class Artifacts:
    """The contracts that a deployment needs."""

    vvv: Artifact
    staking: Artifact
    """The implementation."""
    proxy: Artifact
    diem: Artifact
    credits: Artifact


def compiler_of(document: Mapping[str, Any]) -> str:
    """Return what has compiled an artifact, where it says so, as ours do or as Foundry's; or nothing."""
    metadata = document.get("metadata")
    for place in (document, metadata if isinstance(metadata, dict) else {}):
        compiler = place.get("compiler")
        version = compiler.get("version") if isinstance(compiler, dict) else None
        if isinstance(version, str):
            return f"solc {version}"
    return ""


class _File(Protocol):
    """A file on disk, or one of the package's."""

    @property
    def name(self) -> str: ...

    def read_text(self, encoding: str) -> str: ...


def load_artifacts(directory: Path | None = None) -> Artifacts:
    """Return the project's artifacts, those in ``directory`` (``*.json``) in place of ours of the same contract.

    Raises
    ------
    ArtifactError : no such directory; no ``*.json`` in it; a file that cannot be read or is not JSON; a field missing,
        of the wrong type, or not hexadecimal; an unknown contract, or one twice; code that is not what its hash says.
    """
    ours = [resources.files("conformance") / "artifacts" / f"{name}.json" for name in CONTRACTS]
    found = {artifact.name: artifact for artifact in (_load(file, file.name) for file in ours)}
    found.update(_load_directory(directory) if directory is not None else {})
    return Artifacts(*(found[name] for name in CONTRACTS))


def _load_directory(directory: Path) -> dict[str, Artifact]:
    if not directory.is_dir():
        raise ArtifactError(f"{directory}: expected a directory of artifacts, found {_kind(directory)}")
    paths = sorted(directory.glob("*.json"))
    if not paths:
        raise ArtifactError(f"{directory}: expected at least one *.json, found none")
    found: dict[str, Artifact] = {}
    for path in paths:
        artifact = _load(path, str(path))
        if artifact.name in found:
            raise ArtifactError(f"{path}: contractName: expected each contract once, found {artifact.name} again")
        found[artifact.name] = artifact
    return found


def _kind(path: Path) -> str:
    return "a file" if path.exists() else "nothing"


def _load(file: _File, place: str) -> Artifact:
    try:
        document = decode(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise ArtifactError(f"{place}: cannot be read: expected JSON in UTF-8") from None
    except OSError as error:
        raise ArtifactError(f"{place}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise ArtifactError(f"{place}: expected JSON: {error}") from None
    if not isinstance(document, dict):
        raise ArtifactError(f"{place}: expected a JSON object, found {_show(document)}")
    return _Reader(document, place).artifact()


class _Reader:
    """Takes the fields out of one artifact, each checked."""

    def __init__(self, document: Mapping[str, object], place: str) -> None:
        self._document = document
        self._place = place

    def artifact(self) -> Artifact:
        name = self._text("contractName")
        if name not in CONTRACTS:
            raise self._error("contractName", f"one of {', '.join(CONTRACTS)}", name)
        return Artifact(
            name,
            self._code("bytecode"),
            self._code("deployedBytecode"),
            self._immutable_references(),
            self._abi(),
            compiler_of(self._document),
        )

    def _error(self, name: str, expected: str, found: str) -> ArtifactError:
        return ArtifactError(f"{self._place}: {name}: expected {expected}, found {found}")

    def _get(self, name: str) -> object:
        if name not in self._document:
            raise self._error(name, "a value", "none")
        return self._document[name]

    def _text(self, name: str) -> str:
        value = self._get(name)
        if not isinstance(value, str):
            raise self._error(name, "a string", _show(value))
        return value

    def _bytes(self, name: str) -> bytes:
        text = self._text(name)
        if not _HEX.fullmatch(text):
            raise self._error(name, "0x and an even number of hexadecimal digits", _show(text))
        return bytes.fromhex(text[2:])

    def _code(self, name: str) -> bytes:
        code = self._bytes(name)
        if not code:
            raise self._error(name, "code", "none")
        recorded, computed = self._bytes(f"{name}Keccak"), keccak(code)
        if recorded != computed:
            found = f"0x{recorded.hex()}; write the hash expected if the code was changed on purpose"
            raise self._error(f"{name}Keccak", f"0x{computed.hex()}, the hash of {name}", found)
        return code

    def _abi(self) -> tuple[Mapping[str, Any], ...]:
        value = self._get("abi")
        if not isinstance(value, list) or not all(map(_is_abi_entry, value)):
            raise self._error("abi", "a list of objects with a type, and inputs with types", _show(value))
        return tuple(value)

    def _immutable_references(self) -> tuple[tuple[int, int], ...]:
        value = self._get("immutableReferences")
        try:
            places = [place for group in value.values() for place in group]  # type: ignore[attr-defined]
            return tuple((int(place["start"]), int(place["length"])) for place in places)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise self._error("immutableReferences", "lists of objects with start and length", _show(value)) from None


def _is_abi_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        return False
    inputs = entry.get("inputs", [])
    return isinstance(inputs, list) and all(
        isinstance(one, dict) and isinstance(one.get("type"), str) for one in inputs
    )


def _show(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]} …"
