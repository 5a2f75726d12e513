"""The results as rows for people and machines, and against those that are committed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import z3

from conformance.trust.proofs.checking import FaultResult, LemmaResult, LimitResult, Refutation, Results, TheoremResult
from conformance.trust.scores_file import differences

Row: TypeAlias = "dict[str, Any]"

PART: Final = "proofs"

TABLES: Final = ("theorems", "lemmas", "faults", "limits")

NOTES: Final = ("claims", "seconds", "counterexample")
"""Columns that may differ from one machine, or one version of the solver, to another."""


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


def apart(found: Mapping[str, Any], expected: Mapping[str, Any], *, all_of_them: bool) -> Iterator[str]:
    """Yield where rows found and rows committed differ; only those found are compared unless ``all_of_them`` are."""
    for table in TABLES:
        ours, theirs = _by_name(found.get(table, ())), _by_name(expected.get(table, ()))
        yield from differences(ours, theirs if all_of_them else {name: theirs.get(name) for name in ours}, table)


def _by_name(rows: Iterable[Row]) -> dict[str, Row]:
    return {row["name"]: {name: value for name, value in row.items() if name not in NOTES} for row in rows}


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
