"""Schedulers: who carries out the units. All give the same results; they differ in where and how fast."""

from __future__ import annotations

from typing import Protocol

from conformance.campaign.units import Unit, UnitResult


class WorkersLost(Exception):
    """Units cannot be carried out, because their workers keep dying: the message says which."""


class Scheduler(Protocol):
    """Takes units, and gives back their results in any order, each once."""

    @property
    def description(self) -> str:
        """What reports say of it."""

    @property
    def workers(self) -> int:
        """How many units can be carried out at the same time, as far as is known."""

    def submit(self, unit: Unit) -> None:
        """Let a unit be carried out some time."""

    def result(self, timeout: float) -> UnitResult | None:
        """Return the next result; None if there is none within ``timeout`` (s).

        Errors as ``Worker.carry_out``.

        Raises
        ------
        WorkersLost : workers died, more often than chance explains.
        """

    def close(self) -> None:
        """Give up whatever is under way."""
