"""The scores as they are committed: how many mutants each kind of comparison kills, and what of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from conformance.artifact import load_artifacts
from conformance.trust.mutants.program import Program
from conformance.trust.mutants.running import Result, Verdict
from conformance.trust.mutants.scoring import NAMES, Level
from conformance.trust.mutants.sides import SIDES, Side
from spec.hashing import keccak256

PART = "mutants"


def document(programs: Sequence[Program], results: Mapping[str, tuple[Side, Result]]) -> dict[str, Any]:
    """Return the scores."""
    verdicts = [verdict for _, result in results.values() for verdict in result.verdicts]
    return {
        "suite": _suite(programs),
        "sides": [
            {"side": name, **counted(result.verdicts), "left_out": dict(side.left_out)}
            for name, (side, result) in results.items()
        ],
        "kinds": _grouped(verdicts, "kind", lambda verdict: verdict.mutant.kind),
        "by_contract": _grouped(verdicts, "contract", lambda verdict: verdict.mutant.contract),
        "survivors": _survivors(verdicts),
        "hashes": _hashes(),
    }


def of_sides(scores: Mapping[str, Any], sides: Iterable[str]) -> dict[str, Any]:
    """Return what scores say of some sides."""
    wanted = set(sides)
    return {
        name: [row for row in value if row["side"] in wanted] if name in _BY_SIDE else value
        for name, value in scores.items()
    }


def with_others(found: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return scores found, and those of before of the sides that were not looked at."""
    looked_at = {row["side"] for row in found["sides"]}
    kept = of_sides(before, {row["side"] for row in before.get("sides", ())} - looked_at)
    return {
        name: sorted(value + kept.get(name, []), key=lambda row: _ORDER.index(row["side"]))
        if name in _BY_SIDE
        else value
        for name, value in found.items()
    }


_ORDER: Final = tuple(SIDES)
_BY_SIDE: Final = frozenset({"sides", "kinds", "by_contract", "survivors"})


def counted(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """Return how many there are, and how many each level kills, with the levels before it."""
    found = list(verdicts)
    lowest = Counter(verdict.kill.level for verdict in found if verdict.kill is not None)
    return {
        "mutants": len(found),
        "killed": {name: sum(lowest[Level(below)] for below in range(level + 1)) for level, name in enumerate(NAMES)},
        "indistinguishable": sum(verdict.kill is None and verdict.reason is not None for verdict in found),
        "unexplained": sum(verdict.kill is None and verdict.reason is None for verdict in found),
    }


def _suite(programs: Sequence[Program]) -> dict[str, int]:
    calls = sum(program.calls for program in programs)
    return {
        "programs": len(programs),
        "calls": calls,
        "views": sum(len(program.steps) for program in programs) - calls,
    }


def _grouped(verdicts: Iterable[Verdict], name: str, of: Callable[[Verdict], str]) -> list[dict[str, Any]]:
    """Return the counts by side and something else, in the order in which these first come."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault((verdict.mutant.side, of(verdict)), []).append(verdict)
    return [{"side": side, name: value, **counted(group)} for (side, value), group in groups.items()]


def _survivors(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Return those that are not killed, by side, contract and reason."""
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for verdict in verdicts:
        if verdict.kill is None:
            category, why = verdict.reason or ("unexplained", "")
            rows.setdefault((verdict.mutant.side, verdict.mutant.contract, category, why), []).append(
                verdict.mutant.place
            )
    return [
        {"side": side, "contract": contract, "category": category, "why": why, "places": places}
        for (side, contract, category, why), places in rows.items()
    ]


def _hashes() -> dict[str, str]:
    artifacts = load_artifacts()
    codes = (artifacts.vvv, artifacts.staking, artifacts.proxy, artifacts.diem, artifacts.credits)
    return {artifact.name: f"0x{keccak256(artifact.deployed_bytecode).hex()}" for artifact in codes}
