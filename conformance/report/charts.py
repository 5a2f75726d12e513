"""Geometry of the charts: shares of a bar, points of a line. What is written beside them is text of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from conformance.report.document import Point

SHOWN: Final = 12
"""Bars that are shown at once; the others are folded away."""

WIDTH: Final = 1000
HEIGHT: Final = 240
"""Of a line's drawing, in units of its own: the page stretches it."""


class Bar(NamedTuple):
    """One row of a bar chart."""

    label: str
    value: float
    width: float
    """In a hundred parts of the largest."""


def bars(values: Iterable[tuple[str, float]]) -> tuple[Bar, ...]:
    """Return the rows of a bar chart, the longest bar a hundred wide."""
    rows = list(values)
    largest = max((value for _, value in rows), default=0) or 1
    return tuple(Bar(label, value, round(100 * value / largest, 2)) for label, value in rows)


class Line(NamedTuple):
    """A line that goes up in steps."""

    points: str
    """For an SVG ``polyline``."""
    calls: int
    seen: int
    """At its end."""


def line(series: Sequence[tuple[int, int]]) -> Line:
    """Return what (calls, things seen by then) come to, as steps: between two points nothing new was seen."""
    calls, seen = series[-1]
    corners: list[str] = []
    before = 0
    for at, number in ((0, 0), *series):
        x = round(WIDTH * at / max(calls, 1), 1)
        corners += [f"{x:g},{_height(before, seen):g}", f"{x:g},{_height(number, seen):g}"]
        before = number
    return Line(" ".join(dict.fromkeys(corners)), calls, seen)


def outcomes(points: Iterable[Point]) -> list[tuple[int, int]]:
    """Return (calls, different outcomes)."""
    return [(point.calls, point.outcomes) for point in points]


def branches(points: Iterable[Point]) -> list[tuple[int, int]]:
    """Return (calls, ways of conditional jumps); empty where none were noted."""
    noted = [(point.calls, point.branches) for point in points]
    return noted if any(seen for _, seen in noted) else []


def _height(seen: int, all_seen: int) -> float:
    return round(HEIGHT - HEIGHT * seen / max(all_seen, 1), 1)
