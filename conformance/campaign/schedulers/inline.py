"""One worker, in this very process."""

from __future__ import annotations

from collections import deque
from typing import Final

from conformance.campaign.setting import Setting
from conformance.campaign.units import Unit, UnitResult
from conformance.campaign.worker import Worker


class InlineScheduler:
    """Carries out a unit when its result is asked for."""

    description: Final = "this process"
    workers: Final = 1

    def __init__(self, setting: Setting) -> None:
        self._worker = Worker(setting)
        self._units = deque[Unit]()

    def submit(self, unit: Unit) -> None:
        """Note a unit."""
        self._units.append(unit)

    def result(self, timeout: float) -> UnitResult | None:  # noqa: ARG002 (a unit takes the time it takes)
        """Carry out the next unit."""
        return self._worker.carry_out(self._units.popleft()) if self._units else None

    def close(self) -> None:
        """Forget the units."""
        self._units.clear()
