"""The results as rows for people and machines, and against those that are committed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeAlias

import z3

from conformance.trust.proofs.checking import FaultResult, LemmaResult, LimitResult, Refutation, Results, TheoremResult

Row: TypeAlias = "dict[str, Any]"

NOTES: Final = ("claims", "seconds", "counterexample")
"""Columns that may differ from one machine, or one version of the solver, to another."""


def path() -> Path:
    """Return where the committed scores lie."""
    return Path(str(resources.files("conformance"))) / "trust" / "scores" / "proofs.json"


def document(results: Results) -> dict[str, Any]:
    """Return the results as they are committed: lists of flat rows."""
    lemmas = {lemma.name: lemma for result in results.theorems for lemma in result.lemmas}
    return {
        "solver": f"z3 {z3.get_version_string()}",
        "theorems": [_theorem(result) for result in results.theorems],
        "lemmas": [_lemma(lemma) for lemma in lemmas.values()],
        "faults": [_fault(result) for result in results.faults],
        "limits": [_limit(result) for result in results.limits],
    }


def committed() -> dict[str, Any]:
    """Return the committed scores; nothing where there are none."""
    if not path().is_file():
        return {}
    content: dict[str, Any] = json.loads(path().read_text(encoding="utf-8"))
    return content


def write(results: Results) -> None:
    """Commit the results, all of them, as the scores."""
    path().write_text(json.dumps(document(results), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def differences(found: dict[str, Any], expected: dict[str, Any], *, all_of_them: bool) -> Iterator[str]:
    """Yield what differs between rows found and rows committed; some may have been left out, or all were computed."""
    for table in ("theorems", "lemmas", "faults", "limits"):
        ours, theirs = _by_key(found.get(table, [])), _by_key(expected.get(table, []))
        for key in dict.fromkeys([*ours, *(theirs if all_of_them else ())]):
            yield from (f"{table}, {key}: {text}" for text in _apart(ours.get(key), theirs.get(key)))


def _by_key(rows: list[Row]) -> dict[str, Row]:
    return {row["name"]: {name: value for name, value in row.items() if name not in NOTES} for row in rows}


def _apart(ours: Row | None, theirs: Row | None) -> Iterator[str]:
    if ours is None or theirs is None:
        yield "not committed" if theirs is None else "committed, and there no longer"
        return
    for name in dict.fromkeys([*ours, *theirs]):
        if ours.get(name) != theirs.get(name):
            yield f"{name}: found {ours.get(name)}, committed {theirs.get(name)}"


def _theorem(result: TheoremResult) -> Row:
    theorem = result.theorem
    return {
        "name": theorem.key,
        "card": None if theorem.card is None else f"INV-{theorem.card:02}",
        "statement": theorem.statement,
        "bounds": theorem.bounds,
        "lemmas": ", ".join(lemma.name for lemma in result.lemmas),
        "verdict": result.verdict,
        "claims": sum(lemma.answer.claims for lemma in result.lemmas),
        "seconds": _seconds(sum(lemma.answer.seconds for lemma in result.lemmas)),
    }


def _lemma(result: LemmaResult) -> Row:
    answer = result.answer
    return {
        "name": result.name,
        "statement": " ".join(result.statement.split()),
        "verdict": answer.verdict,
        "claims": answer.claims,
        "seconds": _seconds(answer.seconds),
    }


def _fault(result: FaultResult) -> Row:
    return {
        "name": result.fault.key,
        "change": result.fault.change,
        "theorem": result.fault.theorem,
        "lemma": result.lemma.name,
        "lemma_verdict": result.lemma.answer.verdict,
        **_refutation(result.refutation),
    }


def _limit(result: LimitResult) -> Row:
    return {"name": result.limit.key, "statement": result.limit.statement, **_refutation(result.refutation)}


def _refutation(refutation: Refutation) -> Row:
    inputs = refutation.answer.counterexample or {}
    return {
        "verdict": refutation.answer.verdict,
        "confirmed": refutation.confirmed,
        "counterexample": ", ".join(f"{name} = {value}" for name, value in sorted(inputs.items()) if value),
        "seconds": _seconds(refutation.answer.seconds),
    }


def _seconds(seconds: float) -> int:
    """Return a time as people need it."""
    return max(1, round(seconds))
