"""Everything that is to be proved and refuted, put to the solver; each lemma once, though theorems share them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


class Task(NamedTuple):
    """A question to the solver: is a lemma proved, or can a claim be refuted, of the specification with changes?"""

    ask: Callable[[Lemma, tuple[Patch, ...]], Any]
    lemma: Lemma
    patches: tuple[Patch, ...] = ()


def check(keys: Iterable[str] = KEYS, answers: Callable[[list[Task]], Iterable[Any]] | None = None) -> Results:
    """Compute the results of the theorems, faults and limits of these keys.

    ``answers`` returns the answers of tasks, in their order; without it they are asked one after the other.
    """
    wanted = frozenset(keys)
    theorems = [entry for entry in THEOREMS if entry.key in wanted]
    faults = [entry for entry in FAULTS if entry.key in wanted]
    limits = [entry for entry in LIMITS if entry.key in wanted]
    lemmas = dict.fromkeys(lemma for theorem in theorems for lemma in theorem.lemmas)
    tasks = [
        *(Task(lemma_result, lemma) for lemma in lemmas),
        *(Task(refute, fault.claim, (fault.patch,)) for fault in faults),
        *(Task(lemma_result, fault.lemma, (fault.patch,)) for fault in faults),
        *(Task(refute, limit.claim) for limit in limits),
    ]
    answer = dict(zip(tasks, (answers or _one_by_one)(tasks), strict=True))
    return Results(
        tuple(TheoremResult(e, tuple(answer[Task(lemma_result, lemma)] for lemma in e.lemmas)) for e in theorems),
        tuple(
            FaultResult(e, answer[Task(refute, e.claim, (e.patch,))], answer[Task(lemma_result, e.lemma, (e.patch,))])
            for e in faults
        ),
        tuple(LimitResult(e, answer[Task(refute, e.claim)]) for e in limits),
    )


def ask(task: Task) -> Any:
    """Return the answer of a task."""
    return task.ask(task.lemma, task.patches)


def _one_by_one(tasks: list[Task]) -> Iterable[Any]:
    return map(ask, tasks)


def lemma_result(lemma: Lemma, patches: tuple[Patch, ...] = ()) -> LemmaResult:
    """Put a lemma to the solver, of the specification with these changes."""
    return LemmaResult(name_of(lemma), cleandoc(lemma.__doc__ or ""), prove(lemma, patches))


def refute(claim: Lemma, patches: tuple[Patch, ...] = ()) -> Refutation:
    """Look for inputs for which a claim does not hold, and run the same functions on them with plain integers."""
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
