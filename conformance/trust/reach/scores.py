"""A verdict as it is committed."""

from __future__ import annotations

from typing import Any

from eth_hash.auto import keccak

from conformance.artifact import load_artifacts
from conformance.trust.reach.run import Reached
from conformance.trust.reach.verdict import BOUNDARY, BYTECODE, KINDS, SPECIFICATION, Place, Verdict


def document(reached: Reached, verdict: Verdict) -> dict[str, Any]:
    """Return the scores: a summary, the outcomes of every function, the boundaries, and the ways by file and code."""
    return {
        "hashes": _hashes(),
        "calls": reached.reach.calls,
        "summary": [summary(verdict, kind) for kind in KINDS],
        "outcomes": reached.reach.as_json()["outcomes"],
        "boundaries": [
            {"name": place.name, "hits": place.hits, "least": place.least} for place in verdict.of(BOUNDARY)
        ],
        "specification": _by(verdict, SPECIFICATION, " "),
        "bytecode": _by(verdict, BYTECODE, ":"),
        "unreachable": [{"place": place, "because": because} for place, because in verdict.unreachable.items()],
    }


def summary(verdict: Verdict, kind: str) -> dict[str, Any]:
    """Return how many places of a kind there are, and were reached; and how often the one was that was least."""
    places = verdict.of(kind)
    return {"kind": kind, **_counts(verdict, places), "fewest_hits": min((p.hits for p in places if p.hits), default=0)}


def _counts(verdict: Verdict, places: list[Place]) -> dict[str, int]:
    unreachable = sum(verdict.is_listed(place) for place in places)
    return {
        "places": len(places),
        "reached": sum(place.hits >= place.least for place in places),
        "unreachable": unreachable,
    }


def _by(verdict: Verdict, kind: str, separator: str) -> dict[str, dict[str, int]]:
    groups: dict[str, list[Place]] = {}
    for place in verdict.of(kind):
        groups.setdefault(place.name.partition(separator)[0], []).append(place)
    return {name: _counts(verdict, places) for name, places in groups.items()}


def _hashes() -> dict[str, str]:
    """Return contract |-> the hash of its deployed code, as its artifact has it."""
    ours = load_artifacts()
    every = (ours.vvv, ours.staking, ours.proxy, ours.diem, ours.credits)
    return {artifact.name: f"0x{keccak(artifact.deployed_bytecode).hex()}" for artifact in every}
