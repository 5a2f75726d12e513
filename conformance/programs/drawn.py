"""Choices drawn from Hypothesis, which shrinks them: for tests, the only place where Hypothesis is installed."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DataObject


class DrawnSource:
    """Choices that Hypothesis makes, and makes smaller when a test fails; 0 is the smallest."""

    def __init__(self, data: DataObject) -> None:
        self.data = data
        """May be replaced: Hypothesis gives each step its own."""

    def below(self, bound: int) -> int:
        """Return an integer in [0, bound)."""
        value: int = self.data.draw(st.integers(0, bound - 1))
        return value
