"""Lemmas put to the solver: proved for all inputs, refuted by one, or not decided."""

from __future__ import annotations

from collections.abc import Iterable
from time import process_time
from typing import Final, Literal, NamedTuple, TypeAlias

import z3

from conformance.trust.proofs.edition import Patch
from conformance.trust.proofs.paths import Outcome, explore
from conformance.trust.proofs.reading import Claim, Lemma, Outside, concrete_reading, symbolic_reading, term_of

Verdict: TypeAlias = Literal["proved", "refuted", "unknown", "vacuous"]

EFFORT: Final = 60_000_000
"""How hard to try one claim (z3's resource units, which are the same on every machine)."""

LEGIBLE: Final = (100, 10 * 10**18)
"""Bounds of inputs below which a counterexample is looked for first, so that people can follow it."""

LEGIBLE_RATE: Final = 10 * 10**18
LEGIBLE_EFFORT: Final = 5_000_000


class Answer(NamedTuple):
    """What came out for a lemma."""

    verdict: Verdict
    """``vacuous``: no input was found of which the lemma says something, so a proof of it would mean nothing."""

    claims: int
    """Claims put to the solver: one for each path through the specification and each thing that is claimed there."""

    counterexample: dict[str, int] | None
    seconds: float
    """Of this process, so that a busy machine does not count."""


def prove(lemma: Lemma, patches: Iterable[Patch] = ()) -> Answer:
    """Put every claim of a lemma, on every path through the specification, to the solver."""
    started = process_time()
    reading = symbolic_reading(patches)
    claims, met = 0, False
    verdict: Verdict = "proved"
    for outcome in explore(lambda: list(lemma(reading)), reading.revert):
        for claim in outcome.result or ():
            claims += 1
            answer, model = _decide(outcome, claim)
            if answer == z3.sat:
                return Answer("refuted", claims, _inputs(model), process_time() - started)
            verdict = verdict if answer == z3.unsat else "unknown"
        met = met or (bool(outcome.result) and _met(outcome))
    if verdict == "proved" and not met:
        verdict = "vacuous"
    return Answer(verdict, claims, None, process_time() - started)


def holds_on(lemma: Lemma, inputs: dict[str, int], patches: Iterable[Patch] = ()) -> bool:
    """Run a lemma with plain integers, and return whether what it claims holds.

    Raises
    ------
    Outside : the lemma says nothing of these inputs.
    """
    reading = concrete_reading(inputs, patches)
    try:
        return all(bool(claim) for claim in lemma(reading))
    except reading.revert:
        raise Outside from None


def _decide(outcome: Outcome[list[Claim]], claim: Claim) -> tuple[z3.CheckSatResult, z3.ModelRef | None]:
    solver = z3.Solver()
    solver.set("rlimit", EFFORT)
    solver.add(*outcome.facts, z3.Not(term_of(claim)))
    answer = solver.check()
    if answer != z3.sat:
        return answer, None
    model = solver.model()
    solver.set("rlimit", LEGIBLE_EFFORT)
    for bound in LEGIBLE:
        small = [z3.Int(name) <= (LEGIBLE_RATE if "rate" in name else bound) for name in _inputs(model)]
        if solver.check(*small) == z3.sat:
            return answer, solver.model()
    return answer, model


def _met(outcome: Outcome[list[Claim]]) -> bool:
    solver = z3.Solver()
    solver.set("rlimit", EFFORT)
    solver.add(*outcome.facts)
    return bool(solver.check() == z3.sat)


def _inputs(model: z3.ModelRef | None) -> dict[str, int]:
    """Return the inputs of a model by their names, without what divisions brought in."""
    assert model is not None  # noqa: S101
    inputs = [each for each in model if each.arity() == 0 and "." not in each.name()]
    return {each.name(): model[each].as_long() for each in inputs}
