"""Workers as processes of this machine, which are replaced when they die."""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Final

from conformance.campaign.schedulers import WorkersLost
from conformance.campaign.setting import Setting
from conformance.campaign.units import Unit, UnitResult
from conformance.campaign.worker import Worker
from ledger.workers import kill, new_pool, submit

DEATHS_AT_MOST: Final = 5
"""How often in a row workers may die without a result in between."""


class ProcessScheduler:
    """A pool of processes, each with machines that it holds from one unit to the next."""

    def __init__(self, setting: Setting, workers: int) -> None:
        self.workers: Final = workers
        self._setting = setting
        self._pool = self._new_pool()
        self._running: dict[Future[UnitResult], Unit] = {}
        self._deaths = 0

    @property
    def description(self) -> str:
        """What reports say of it."""
        return f"{self.workers} processes"

    def submit(self, unit: Unit) -> None:
        """Let a process carry out the unit."""
        try:
            self._running[submit(self._pool, _carry_out, unit)] = unit
        except BrokenProcessPool:
            self._replace([unit])

    def result(self, timeout: float) -> UnitResult | None:
        """Return the next result; what a process was at when it died is carried out anew."""
        done, _ = wait(self._running, timeout, FIRST_COMPLETED)
        for future in done:
            if isinstance(future.exception(), BrokenProcessPool):
                self._replace([])
                return None
            del self._running[future]
            self._deaths = 0
            return future.result()
        return None

    def close(self) -> None:
        """End the processes at once."""
        kill(self._pool)

    def _replace(self, units: list[Unit]) -> None:
        """Begin a new pool with all that has no result yet: one dead process takes the others of its pool along."""
        self._deaths += 1
        finished = {future for future in self._running if future.done() and future.exception() is None}
        lost = [unit for future, unit in self._running.items() if future not in finished] + units
        if self._deaths > DEATHS_AT_MOST:
            numbers = ", ".join(f"{unit.purpose} {unit.number}" for unit in lost[:3])
            raise WorkersLost(f"worker processes died {self._deaths} times in a row, the last time at units {numbers}")
        kill(self._pool)
        self._running = {future: unit for future, unit in self._running.items() if future in finished}
        self._pool = self._new_pool()
        for unit in lost:
            self.submit(unit)

    def _new_pool(self) -> ProcessPoolExecutor:
        # A server that forks has imported what takes long, and no threads of ours.
        get_context("forkserver").set_forkserver_preload(["conformance.campaign.worker", "conformance.machines.pyrevm"])
        return new_pool(self.workers, "forkserver", _begin, self._setting)


_worker: Worker


def _begin(setting: Setting) -> None:
    global _worker  # noqa: PLW0603 (a pool gives its functions no other place)
    _worker = Worker(setting)


def _carry_out(unit: Unit) -> UnitResult:
    return _worker.carry_out(unit)


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
