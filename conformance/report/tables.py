"""Rows of the page's tables that take more than a look at a field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from conformance.report.document import FunctionReach, Report


class ContractReach(NamedTuple):
    """The functions of one contract."""

    contract: str
    functions: tuple[FunctionReach, ...]
    accepted: int
    """How many functions were accepted at least once."""
    can_be: int
    """How many can be."""
    reasons_given: int
    reasons_all: int
    """Pairs of function and reason."""


def by_contract(report: Report) -> Iterator[ContractReach]:
    """Yield what was reached, contract by contract."""
    for contract, rows in groupby(report.reach, key=lambda row: row.contract):
        functions = tuple(rows)
        counts = [count for row in functions for count in row.refused.values()]
        yield ContractReach(
            contract,
            functions,
            sum(row.accepted > 0 for row in functions),
            sum(row.can_be_accepted for row in functions),
            sum(map(bool, counts)),
            len(counts),
        )


def calls_by_function(report: Report) -> list[tuple[str, float]]:
    """Return the functions that were called, the most called first."""
    calls = {f"{row.contract}.{row.function}": row.accepted + sum(row.refused.values()) for row in report.reach}
    return [(name, count) for name, count in Counter(calls).most_common() if count]


def refusals_by_reason(report: Report) -> list[tuple[str, float]]:
    """Return the reasons that were given, the most frequent first."""
    reasons: Counter[str] = Counter()
    for row in report.reach:
        reasons.update(row.refused)
    return [(reason, count) for reason, count in reasons.most_common() if count]


def pairs(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return what was counted as names and numbers."""
    return tuple(counts.items())


def by_phase(report: Report) -> list[tuple[str, float]]:
    """Return what took how long (s), in the order in which it was done."""
    return [(phase.name, phase.seconds) for phase in report.phases]


def whole(value: float) -> str:
    """Return a count in a bar chart."""
    return f"{int(value):,}"


def duration(value: float) -> str:
    """Return seconds for people: tenths below a minute, then minutes, then hours."""
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
