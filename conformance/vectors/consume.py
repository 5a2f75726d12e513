"""Putting vectors to a target: each is passed, failed or skipped, and none ends the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Final, NamedTuple

from conformance.comparison import Difference
from conformance.vectors.encoding import Malformed
from conformance.vectors.judging import Differs, NotComparable
from conformance.vectors.library import Entry
from conformance.vectors.targets.target import Declined, NoAnswer, Target

PASSED: Final = "passed"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"


class Outcome(NamedTuple):
    """What became of one vector."""

    id: str
    verdict: str
    kind: str = ""
    """If failed, one of ``conformance.vectors.targets.target.KINDS``."""
    reason: str = ""
    """Why it failed, without a difference, or was skipped."""
    difference: Difference | None = None
    """The first: field, expected, got."""
    seconds: float = 0.0


def consume(
    target: Target, entries: Iterable[Entry], progress: Callable[[int], None] = lambda _: None
) -> list[Outcome]:
    """Put vectors to a target, one after the other; ``progress`` is told after each how many are done."""
    outcomes: list[Outcome] = []
    for entry in entries:
        outcomes.append(_outcome(target, entry))
        progress(len(outcomes))
    return outcomes


def _outcome(target: Target, entry: Entry) -> Outcome:
    started = monotonic()
    if entry.fault is not None:
        return Outcome(entry.id, FAILED, "vector", entry.fault.message)
    try:
        got = target.ask(entry)
        target.judge.judge(entry.format, entry.request, entry.answer, got)
    except (Declined, NotComparable) as skipped:
        return Outcome(entry.id, SKIPPED, reason=str(skipped))
    except NoAnswer as failure:
        return Outcome(entry.id, FAILED, failure.kind, str(failure), seconds=monotonic() - started)
    except Malformed as failure:
        return Outcome(entry.id, FAILED, "malformed", str(failure), seconds=monotonic() - started)
    except Differs as failure:
        return Outcome(entry.id, FAILED, "difference", "", failure.difference, monotonic() - started)
    return Outcome(entry.id, PASSED, seconds=monotonic() - started)


def counts(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Return how many passed, failed and were skipped."""
    found = [outcome.verdict for outcome in outcomes]
    return {verdict: found.count(verdict) for verdict in (PASSED, FAILED, SKIPPED)}


def holds(outcomes: list[Outcome]) -> bool:
    """Whether something was compared, and nothing failed."""
    return all(outcome.verdict != FAILED for outcome in outcomes) and any(
        outcome.verdict == PASSED for outcome in outcomes
    )


def failures(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Yield those that failed."""
    return (outcome for outcome in outcomes if outcome.verdict == FAILED)
