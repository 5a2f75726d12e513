"""Everything that is to be proved and refuted, put to the solver; each lemma once, though theorems share them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from inspect import cleandoc
from typing import Any, Final, NamedTuple

from conformance.trust.proofs.edition import Patch
from conformance.trust.proofs.faults import FAULTS, LIMITS, Fault, Limit
from conformance.trust.proofs.prover import Answer, Verdict, holds_on, prove
from conformance.trust.proofs.reading import Lemma, Outside
from conformance.trust.proofs.theorems import THEOREMS, Theorem

KEYS: Final = tuple(entry.key for entry in (*THEOREMS, *FAULTS, *LIMITS))


class LemmaResult(NamedTuple):
    """A lemma as the specification stands."""

    name: str
    statement: str
    answer: Answer


class TheoremResult(NamedTuple):
    """A theorem is proved if all of its lemmas are."""

    theorem: Theorem
    lemmas: tuple[LemmaResult, ...]

    @property
    def verdict(self) -> Verdict:
        """Return the first verdict of a lemma that is not proved, if there is one."""
        return next((lemma.answer.verdict for lemma in self.lemmas if lemma.answer.verdict != "proved"), "proved")


class Refutation(NamedTuple):
    """A claim that must not hold: the counterexample, and whether plain integers show the same."""

    answer: Answer
    confirmed: bool


class FaultResult(NamedTuple):
    """A planted fault: a claim about whole functions is refuted, and a lemma of a theorem is no longer proved."""

    fault: Fault
    refutation: Refutation
    lemma: LemmaResult

    @property
    def found(self) -> bool:
        """Whether the fault is found by both."""
        return self.refutation.confirmed and self.lemma.answer.verdict != "proved"


class LimitResult(NamedTuple):
    """A statement that does not hold."""

    limit: Limit
    refutation: Refutation


class Results(NamedTuple):
    """What was computed."""

    theorems: tuple[TheoremResult, ...]
    faults: tuple[FaultResult, ...]
    limits: tuple[LimitResult, ...]

    @property
    def hold(self) -> bool:
        """Whether all is proved that is stated, and all refuted that has to be."""
        return (
            all(result.verdict == "proved" for result in self.theorems)
            and all(result.found for result in self.faults)
            and all(result.refutation.confirmed for result in self.limits)
        )


def check(keys: Iterable[str] = KEYS, advance: Callable[[str], None] = lambda _: None) -> Results:
    """Compute the results of the theorems, faults and limits of these keys; ``advance`` is told of each one begun."""
    wanted = frozenset(keys)
    proved: dict[Lemma, LemmaResult] = {}

    def chosen(entries: Iterable[Any]) -> Iterator[Any]:
        for entry in entries:
            if entry.key in wanted:
                advance(entry.key)
                yield entry

    def once(lemma: Lemma) -> LemmaResult:
        if lemma not in proved:
            proved[lemma] = lemma_result(lemma)
        return proved[lemma]

    return Results(
        tuple(TheoremResult(entry, tuple(map(once, entry.lemmas))) for entry in chosen(THEOREMS)),
        tuple(fault_result(entry) for entry in chosen(FAULTS)),
        tuple(LimitResult(entry, refute(entry.claim)) for entry in chosen(LIMITS)),
    )


def lemma_result(lemma: Lemma, patches: Iterable[Patch] = ()) -> LemmaResult:
    """Put a lemma to the solver, of the specification with these changes."""
    return LemmaResult(name_of(lemma), cleandoc(lemma.__doc__ or ""), prove(lemma, patches))


def fault_result(fault: Fault) -> FaultResult:
    """Let a claim and a lemma find a planted fault."""
    return FaultResult(fault, refute(fault.claim, [fault.patch]), lemma_result(fault.lemma, [fault.patch]))


def refute(claim: Lemma, patches: Iterable[Patch] = ()) -> Refutation:
    """Look for inputs for which a claim does not hold, and run the same functions on them with plain integers."""
    patches = tuple(patches)
    answer = prove(claim, patches)
    return Refutation(answer, answer.counterexample is not None and _fails_on(claim, answer.counterexample, patches))


def _fails_on(claim: Lemma, inputs: dict[str, int], patches: tuple[Patch, ...]) -> bool:
    try:
        return not holds_on(claim, inputs, patches)
    except Outside:
        return False


def name_of(lemma: Lemma) -> str:
    """Return a lemma's name: its module's and its own."""
    return f"{lemma.__module__.rpartition('.')[2]}.{lemma.__name__}"
