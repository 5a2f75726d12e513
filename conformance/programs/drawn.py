"""Choices drawn from Hypothesis, which shrinks them: for tests, the only place where Hypothesis is installed."""

from __future__ import annotations

from typing import Any, Protocol

from hypothesis import strategies as st


class Data(Protocol):
    """What draws from strategies: Hypothesis' ``data``, or the function of a composite strategy as a method."""

    def draw(self, strategy: st.SearchStrategy[int], /) -> Any:
        """Return a value of the strategy."""


class DrawnSource:
    """Choices that Hypothesis makes, and makes smaller when a test fails; 0 is the smallest."""

    def __init__(self, data: Data) -> None:
        self.data = data
        """May be replaced: Hypothesis gives each step its own."""

    def below(self, bound: int) -> int:
        """Return an integer in [0, bound)."""
        value: int = self.data.draw(st.integers(0, bound - 1))
        return value
