"""The contracts' interfaces in Solidity, from their artifacts, with what the specification says of each function."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.artifact import Artifact, Artifacts
from conformance.foundry.solidity import located
from spec.contract import Contract, Function
from spec.machine import CONTRACTS

NAMES: Final = {"vvv": "IVVV", "staking": "IStaking", "diem": "IDIEM", "credits": "IDailyCredits"}
"""Contract |-> name of its interface."""

TITLES: Final = {
    "vvv": "VVV, the token.",
    "staking": "Staking of VVV, which is the token sVVV too: its balances cannot be transferred.",
    "diem": "DIEM, the token, and the staking of it.",
    "credits": "Daily credit for staked DIEM. Venice keeps it off chain: this contract is the specification's own.",
}

_REVERTS: Final = re.compile(r"Reverts, in this order\n *-+\n((?: *\S.*\n)*)")
_REASON: Final = re.compile(r"^(\S[^:]*?) : ", re.MULTILINE)
_EMITS: Final = re.compile(r"^ *Emits : (.*(?:\n {8,}\S.*)*)", re.MULTILINE)


def interface(contract: str, artifacts: Artifacts) -> str:
    """Return the Solidity file of one contract's interface."""
    ours = next(one for one in CONTRACTS.values() if one.name == contract)
    artifact: Artifact = getattr(artifacts, contract)
    errors = [f"    error {_declared(entry)};" for entry in _of(artifact, "error")]
    lines = [
        *("// SPDX-License-Identifier: MIT", "pragma solidity ^0.8.20;", "", f"/// {TITLES[contract]}"),
        f"interface {NAMES[contract]} {{",
        *(f"    event {_declared(entry)};" for entry in _of(artifact, "event")),
        *(["", *errors] if errors else []),
        *_functions(ours, artifact),
        *("}", ""),
    ]
    return "\n".join(lines)


def _of(artifact: Artifact, kind: str) -> Iterator[Mapping[str, Any]]:
    yield from (entry for entry in artifact.abi if entry["type"] == kind)


def _declared(entry: Mapping[str, Any]) -> str:
    shown = (
        " ".join(filter(None, (one["type"], "indexed" if one.get("indexed") else "", one["name"])))
        for one in entry["inputs"]
    )
    return f"{entry['name']}({', '.join(shown)})"


def _functions(contract: Contract, artifact: Artifact) -> Iterator[str]:
    mutability = {entry["name"]: entry["stateMutability"] for entry in _of(artifact, "function")}
    before = True
    for function in contract.by_name.values():
        documented = list(_documented(function))
        if documented or before:
            yield ""
        before = bool(documented)
        yield from documented
        yield f"    {_function(function, mutability[function.name])}"


def _function(function: Function, mutability: str) -> str:
    inputs = ", ".join(f"{located(one.type, 'calldata')} {one.name}".rstrip() for one in function.parameters)
    results = ", ".join(f"{located(one.type, 'memory')} {one.name}".rstrip() for one in function.results)
    kind = "" if mutability == "nonpayable" else f" {mutability}"
    return f"function {function.name}({inputs}) external{kind}{f' returns ({results})' if results else ''};"


def _documented(function: Function) -> Iterator[str]:
    """Yield what the specification says: in a word, the reasons to refuse in their order, the events."""
    summary, _, _ = function.documentation.partition("\n\n")
    if not summary:
        return
    yield f"    /// {' '.join(summary.split()).replace('``', '`')}"
    reverts = _REVERTS.search(function.documentation)
    reasons = list(dict.fromkeys(_REASON.findall(reverts[1]))) if reverts else []
    if reasons:
        yield f"    /// Reverts, in this order: {', '.join(reasons)}."
    emits = _EMITS.search(function.documentation)
    if emits:
        yield f"    /// Events: {' '.join(emits[1].split()).replace('``', '`').removesuffix('.')}."
