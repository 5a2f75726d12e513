"""All the ways through a function: it is run again and again, and each symbolic condition goes both ways.

A run follows the decisions that led to it, and beyond them takes every condition to be true if it can be, and leaves
the other way to a later run. So each path is one run of Python, with the conditions that lead along it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar

import z3

Result = TypeVar("Result")

FEASIBILITY_EFFORT: Final = 50_000
"""How hard to try whether a path can be taken (z3's resource units, which are the same on every machine).

A path that is not shown impossible is followed: it costs time, and can make nothing seem proved.
"""


class Path:
    """One run: what has been decided on the way, and what is known to hold there."""

    current: Path | None = None

    def __init__(self, decisions: tuple[bool, ...] = ()) -> None:
        self.decisions = decisions
        self.taken: list[bool] = []
        self.facts: list[z3.BoolRef] = []
        self.forks: list[tuple[bool, ...]] = []
        self._names: dict[str, int] = {}
        self._solver = z3.Solver()
        self._solver.set("rlimit", FEASIBILITY_EFFORT)

    def know(self, fact: z3.BoolRef) -> None:
        """Take note of what holds on this path from here on."""
        self.facts.append(fact)
        self._solver.add(fact)

    def decide(self, condition: z3.BoolRef) -> bool:
        """Return which way the run goes at a condition."""
        depth = len(self.taken)
        choice = self.decisions[depth] if depth < len(self.decisions) else self._fork(condition)
        self.taken.append(choice)
        self.know(condition if choice else z3.Not(condition))
        return choice

    def fresh(self, name: str) -> z3.ArithRef:
        """Return an integer of which nothing is known; the same path gives the same names again."""
        count = self._names[name] = self._names.get(name, 0) + 1
        return z3.Int(f"{name}.{count}")

    def _fork(self, condition: z3.BoolRef) -> bool:
        if not self._possible(condition):
            return False
        if self._possible(z3.Not(condition)):
            self.forks.append((*self.taken, False))
        return True

    def _possible(self, condition: z3.BoolRef) -> bool:
        return bool(self._solver.check(condition) != z3.unsat)


class Outcome(NamedTuple, Generic[Result]):
    """The end of a path: what is known there, and what the function returned, or raised."""

    facts: list[z3.BoolRef]
    result: Result | None
    refusal: Exception | None


def current_path() -> Path:
    """Return the path that is being run.

    Raises
    ------
    RuntimeError : a symbolic value is used outside ``explore``.
    """
    if Path.current is None:
        raise RuntimeError("symbolic values can be compared and divided only while paths are explored")
    return Path.current


def explore(run: Callable[[], Result], refusals: type[Exception]) -> list[Outcome[Result]]:
    """Return the outcome of every path through ``run``, which has to make its symbolic values anew each time.

    An exception of the class ``refusals`` is an outcome; any other is an error here too.
    """
    outcomes: list[Outcome[Result]] = []
    pending: list[tuple[bool, ...]] = [()]
    while pending:
        path = Path.current = Path(pending.pop())
        try:
            outcomes.append(Outcome(path.facts, run(), None))
        except refusals as refusal:
            outcomes.append(Outcome(path.facts, None, refusal))
        finally:
            Path.current = None
        pending.extend(path.forks)
    return outcomes
