"""A contract of the target as files hold it: our artifacts, solc's output, Foundry's, Hardhat's, or bare digits."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

from eth_hash.auto import keccak

from conformance.artifact import compiler_of
from conformance.target.document import RoleTable, TargetError
from conformance.target.shapes import is_abi_entry, layout_problem
from ledger.json_text import decode

_HEX: Final = re.compile(r"(0x)?((?:[0-9a-fA-F]{2})+)")

Layout = Mapping[str, Any]
"""solc's ``storageLayout``: variables and their types."""


@dataclass(frozen=True)
class Code:
    """One contract: its code, and what is known of its functions and its storage."""

    name: str
    """The file, or what else it is called in messages."""
    creation: bytes | None
    runtime: bytes | None
    abi: tuple[Mapping[str, Any], ...] | None = field(hash=False, repr=False)
    layout: Layout | None = field(hash=False, repr=False)
    compiler: str = ""
    """Name and version, where the artifact says so."""


def read_code(folder: Path, place: str, table: RoleTable) -> Code:
    """Return the code that a role's table names, from files in ``folder``; ``place`` is the file and the table.

    Raises
    ------
    TargetError : a file cannot be read or is not what it is to be; it holds no code, or code that is not linked.
    """
    if table.artifact is not None:
        found = read_artifact(folder / table.artifact, f"{place}.artifact")
    else:
        key = "bytecode" if table.bytecode is not None else "runtime"
        given = table.bytecode if table.bytecode is not None else table.runtime or ""
        code = _digits(folder, given, f"{place}.{key}")
        bare = given if not given.startswith("0x") else key
        found = Code(bare, code if key == "bytecode" else None, code if key == "runtime" else None, None, None)
    abi, layout = found.abi, found.layout
    if table.abi is not None:
        abi = _abi(_json(folder / table.abi, f"{place}.abi"), f"{place}.abi: {table.abi}")
    if table.layout is not None:
        layout = _layout(_json(folder / table.layout, f"{place}.layout"), f"{place}.layout: {table.layout}")
    return replace(found, abi=abi, layout=layout)


def read_artifact(path: Path, place: str) -> Code:
    """Return the contract in a JSON file of a compiler or a framework; errors as ``read_code``."""
    document = _json(path, place)
    where = f"{place}: {path.name}"
    if not isinstance(document, dict):
        raise TargetError(f"{where}: expected a JSON object with abi and bytecode, found {_kind(document)}")
    holder = document["evm"] if isinstance(document.get("evm"), dict) else document
    creation = _code_of(holder, "bytecode", where)
    if creation is None:
        raise TargetError(f"{where}: bytecode: expected code, found none")
    if "abi" not in document:
        raise TargetError(f"{where}: abi: expected a list, found none")
    layout = document.get("storageLayout")
    return Code(
        path.name,
        creation,
        None,
        _abi(document["abi"], where),
        None if layout is None else _layout(layout, where),
        compiler_of(document),
    )


def _code_of(holder: Mapping[str, Any], key: str, where: str) -> bytes | None:
    value = holder.get(key)
    text = value.get("object") if isinstance(value, dict) else value
    if not isinstance(text, str) or text in {"", "0x"}:
        return None
    code = _unhex(text, f"{where}: {key}")
    recorded = holder.get(f"{key}Keccak")
    if recorded is not None and recorded != f"0x{keccak(code).hex()}":
        expected = f"0x{keccak(code).hex()}, the hash of {key}"
        why = "drop it if the code was changed on purpose"
        raise TargetError(f"{where}: {key}Keccak: expected {expected}, found {recorded}; {why}")
    return code


def _digits(folder: Path, given: str, place: str) -> bytes:
    text = given if given.startswith("0x") else _read(folder / given, place).decode("utf-8", "replace").strip()
    return _unhex(text, place)


def _unhex(text: str, place: str) -> bytes:
    if "__" in text:
        at = text.index("__")
        raise TargetError(f"{place}: expected linked code, found the place of a library: {text[at : at + 40]}")
    match = _HEX.fullmatch(text)
    if match is None:
        shown = text if len(text) <= 40 else f"{text[:40]} …"
        raise TargetError(f"{place}: expected an even number of hexadecimal digits, found {shown!r}")
    return bytes.fromhex(match[2])


def _json(path: Path, place: str) -> Any:
    content = _read(path, place)
    try:
        return decode(content)
    except UnicodeDecodeError:
        raise TargetError(f"{place}: {path.name}: expected JSON in UTF-8") from None
    except ValueError as error:
        raise TargetError(f"{place}: {path.name}: expected JSON: {error}") from None


def _read(path: Path, place: str) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except FileNotFoundError:
        raise TargetError(f"{place}: expected a file, found none at {path}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise TargetError(f"{place}: {path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _abi(value: object, where: str) -> tuple[Mapping[str, Any], ...]:
    entries = value.get("abi") if isinstance(value, dict) else value
    if not isinstance(entries, list) or not all(map(is_abi_entry, entries)):
        raise TargetError(
            f"{where}: abi: expected a list of objects with a type, and inputs with types; of a tuple, its components"
        )
    return tuple(entries)


def _layout(value: object, where: str) -> Layout:
    layout = value.get("storageLayout", value) if isinstance(value, dict) else None
    problem = layout_problem(layout)
    if layout is None or problem is not None:
        raise TargetError(f"{where}: storageLayout: {problem}")
    return cast(Layout, layout)


def _kind(value: object) -> str:
    return {list: "a list", str: "a string", type(None): "null"}.get(type(value), "a number")
