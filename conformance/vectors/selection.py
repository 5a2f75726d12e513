"""The choice of vectors: small ones first, each for a point that no other of its group has; what adds nothing is left.

A point is a branch of the specification that a request reaches, an outcome of a function, the size of a component's
number, or a mutant of the specification that answers the request otherwise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from conformance.vectors.answering import answer
from conformance.vectors.candidates import BY_HAND, Candidate
from conformance.vectors.encoding import Json, canonical
from conformance.vectors.executors import SpecificationExecutor
from conformance.vectors.mutants import Mutant, mutants
from conformance.vectors.reach import reached_by

MOST_TRIED: Final = 300
"""Requests on which a mutant is tried, before it is taken for one that none of them tells apart."""

WITH_MUTANTS: Final = ("component", "call")
"""Formats whose vectors are also chosen by mutants; a sequence would take a minute for each."""


class Chosen(NamedTuple):
    """A candidate, and why it is here."""

    candidate: Candidate
    alone: tuple[str, ...]
    """The points that it alone of its group has, sorted."""


class _Trial(NamedTuple):
    candidate: Candidate
    request: Json
    """Its state spelt out."""
    answer: bytes
    points: set[str]
    size: int


def select(
    candidates: Iterable[Candidate],
    spelt_out: Callable[[Json], Json],
    progress: Callable[[str], None] = lambda _: None,
) -> list[Chosen]:
    """Return the candidates to keep, by group; ``spelt_out`` gives a request with its whole state."""
    groups: dict[str, list[_Trial]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.group].append(_trial(candidate, spelt_out(candidate.request)))
    known = list(mutants())
    chosen: list[Chosen] = []
    for name, trials in groups.items():
        trials.sort(key=lambda trial: (trial.size, canonical(trial.candidate.request)))
        kept = _covering(trials)
        if trials[0].candidate.format in WITH_MUTANTS:
            kept = _with_killers(kept, trials, known)
        chosen += _without_needless(kept)
        progress(f"{name}: {len(chosen)} chosen so far, of {len(trials)} candidates in this group")
    return chosen


def _trial(candidate: Candidate, request: Json) -> _Trial:
    answers: list[Json] = []
    points = reached_by(lambda: answers.append(answer(candidate.format, request, SpecificationExecutor())))
    if candidate.format == "crash":  # what it reaches is not what it is about
        points = frozenset()
    outcomes = _OUTCOMES.get(candidate.format, _sizes)(candidate, answers[0])
    size = len(canonical(candidate.request))
    return _Trial(candidate, request, canonical(answers[0]), set(points) | outcomes, size)


SIZES: Final = (
    (0, "is 0"),
    (2**53 - 1, "fits a float"),
    (2**64 - 1, "fits 64 bits"),
    (2**128 - 1, "fits 128 bits"),
)
"""Numbers up to here |-> what is true of them: where programs that are not exact begin to fail."""


def _stem(candidate: Candidate, _: Json) -> set[str]:
    """Return the function of a call and what becomes of it."""
    return {candidate.stem}


def _sizes(candidate: Candidate, given: Json) -> set[str]:
    """Return of which sizes the numbers of a component are; and each table of the curve, for its last bits."""
    numbers = {**candidate.request.get("input", {}), **given.get("values", {})}
    found = {f"{name} {_size(int(number))}" for name, number in numbers.items() if isinstance(number, str)}
    return found | ({f"the table {candidate.stem}"} if candidate.group == "component/curve_table" else set())


def _moves(candidate: Candidate, given: Json) -> set[str]:
    """Return what a chain is about, if a person says so, and what becomes of its steps."""
    found = {f"shows {candidate.description}"} if candidate.generator == BY_HAND else set()
    number = 0
    for step, answered in zip(candidate.request["steps"], given["steps"], strict=True):
        moved = int(answered["head"]["number"]) - number
        number += moved
        what = step["step"]
        where = f", cut off {step['cut']}," if "cut" in step else ""
        outcome = answered.get("reason") or f"moves the head by {max(-3, min(3, moved)):+d}"
        found.add(f"{what} at the {'first block' if number < 2 else 'head'}{where} {outcome}")
    return found


_OUTCOMES: Final = {"call": _stem, "chain": _moves, "crash": _moves}
"""Format |-> what its vectors show besides branches."""


def _size(number: int) -> str:
    return next((text for most, text in SIZES if number <= most), "takes more than 128 bits")


def _covering(trials: Sequence[_Trial]) -> list[_Trial]:
    """Return those that reach something that none before them does."""
    seen: set[str] = set()
    kept = []
    for trial in trials:
        if not trial.points <= seen:
            seen |= trial.points
            kept.append(trial)
    return kept


def _with_killers(kept: list[_Trial], trials: Sequence[_Trial], known: Sequence[Mutant]) -> list[_Trial]:
    """Return what is kept, each with the mutants it kills, and one more for each mutant that only others kill."""
    ids = {id(trial) for trial in kept}
    rest = [trial for trial in trials if id(trial) not in ids]
    for mutant in known:
        reached = f"{mutant.function} is called"
        with mutant.applied():
            killers = [trial for trial in kept if reached in trial.points and _killed_by(trial)]
            if not killers:
                able = [trial for trial in rest if reached in trial.points][:MOST_TRIED]
                killers = [trial for trial in able if _killed_by(trial)][:1]
                kept = kept + killers
        for killer in killers:
            killer.points.add(f"mutant {mutant.name}")
    return kept


def _killed_by(trial: _Trial) -> bool:
    """Whether the present mutant answers otherwise, or not at all."""
    try:
        return canonical(answer(trial.candidate.format, trial.request, SpecificationExecutor())) != trial.answer
    except Exception:  # whatever a mutant fails with
        return True


def _without_needless(kept: Sequence[_Trial]) -> list[Chosen]:
    """Leave out, largest first, what has no point of its own."""
    counts = Counter(point for trial in kept for point in trial.points)
    needed = []
    for trial in sorted(kept, key=lambda trial: -trial.size):
        if all(counts[point] > 1 for point in trial.points):
            counts.subtract(trial.points)
        else:
            needed.append(trial)
    return [Chosen(trial.candidate, _alone(trial.points, counts)) for trial in needed[::-1]]


def _alone(points: set[str], counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(point for point in points if counts[point] == 1))
