"""Running a campaign: units go out, results come in and are written down, until it is at its end or is stopped."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from conformance.campaign.journal import CampaignError, Entry, Journal, NotKept
from conformance.campaign.planning import Planner, option_of
from conformance.campaign.schedulers import Scheduler, WorkersLost
from conformance.campaign.seen import kind_of_failure
from conformance.campaign.totals import Totals
from conformance.campaign.units import Unit, UnitKey, UnitResult
from conformance.termination import Stopped, raising_at_sigterm

AHEAD: Final = 2
"""How many units each worker has waiting, so that none is idle while a result is written down."""

LOOK_SECONDS: Final = 0.5


class NotCarriedOut(Exception):
    """A unit ended in an error, which is of the contracts, of who carries units out, or ours."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error: Final = error


@dataclass(frozen=True)
class Ended:
    """How a run of a campaign ended."""

    interrupted: BaseException | None
    """KeyboardInterrupt, if somebody has stopped it; WorkersLost, if there is nobody to go on; NotKept, if nothing more
    can be written down; NotCarriedOut, if a unit ended in an error.
    """
    seconds: float
    """All parts of the campaign together."""


class Running:
    """One run of a campaign, perhaps not the first."""

    def __init__(
        self,
        planner: Planner,
        journal: Journal,
        scheduler: Scheduler,
        seconds: float | None,
        progress: Callable[[Totals, float], None] = lambda *_: None,
    ) -> None:
        """Prepare; ``seconds`` is how long the campaign may take in all, its parts before this one included."""
        self.totals: Final = Totals()
        self._planner = planner
        self._journal = journal
        self._scheduler = scheduler
        self._seconds = seconds
        self._progress = progress
        self._done = dict(journal.entries)
        """Unit |-> what was written down of it before this run, until the plan asks for it."""
        self._before = max((entry.at for entry in self._done.values()), default=0.0)
        self._started = monotonic()
        self._waiting = deque[Unit]()
        self._under_way: dict[UnitKey, Unit] = {}

    def run(self) -> Ended:
        """Go on until the plan is at its end or the time is over; return how it ended.

        Raises
        ------
        CampaignError : the journal holds a unit that is not what was planned, or more than was asked for.
        """
        interrupted: BaseException | None = None
        try:
            with raising_at_sigterm(Stopped()):
                self._recall()
                self._go_on()
        except (KeyboardInterrupt, WorkersLost, NotKept, NotCarriedOut) as stop:
            interrupted = stop
        finally:
            self._scheduler.close()
            self._journal.close()
        return Ended(interrupted, self._elapsed())

    def _recall(self) -> None:
        """Take over all that was done before; what the plan has in between waits to be handed out."""
        while self._done and (unit := self._planner.next_unit()) is not None:
            if not self._take_known(unit):
                self._waiting.append(unit)

    def _go_on(self) -> None:
        ending = False
        while True:
            if not ending and self._seconds is not None and self._elapsed() >= self._seconds:
                ending = True
                self._waiting.clear()
                self._planner.end(self._under_way)
            self._hand_out()
            if not self._under_way:
                self._check_counted()
                return
            result = self._result()
            if result is not None:
                self._take(result)
            self._progress(self.totals, self._elapsed())

    def _result(self) -> UnitResult | None:
        try:
            return self._scheduler.result(LOOK_SECONDS)
        except WorkersLost:
            raise
        except Exception as error:  # whatever it is, what was found before is to be told
            raise NotCarriedOut(error) from error

    def _check_counted(self) -> None:
        """Check that all that was done before is part of what was asked for, so that no failure is passed over.

        What was shrunk may be left: with more calls, an earlier program may be the first to fail in the same way.
        """
        if any(key.purpose != "shrink" for key in self._done):
            done = [entry.result for entry in self._journal.entries.values()]
            programs = max(result.unit.number for result in done) + 1
            kinds = {kind_of_failure(result.failure) for result in done if result.failure is not None}
            raise CampaignError(
                f"{self._journal.path}: expected to be asked for no less than was done before, which is "
                f"{option_of(programs)}, different failures: {len(kinds)}; found {self._planner.limits}"
            )

    def _hand_out(self) -> None:
        """Let units be carried out, as many as keep the workers busy."""
        while len(self._under_way) < AHEAD * self._scheduler.workers:
            unit = self._waiting.popleft() if self._waiting else self._planner.next_unit()
            if unit is None:
                return
            if not self._take_known(unit):
                self._under_way[unit.key] = unit
                self._scheduler.submit(unit)

    def _take_known(self, unit: Unit) -> bool:
        """Take the result that a unit had before, if it had one."""
        done = self._done.pop(unit.key, None)
        if done is None:
            return False
        if done.result.unit != unit:
            what = f"{unit.purpose} {unit.number}"
            raise CampaignError(f"{self._journal.path}: expected unit {what} as it is planned, found another")
        self._planner.take(done.result)
        self.totals.add(done.result, done.at)
        return True

    def _take(self, result: UnitResult) -> None:
        del self._under_way[result.unit.key]
        result = self._planner.news(result)
        entry = Entry(at=round(self._elapsed(), 3), result=result)
        self._journal.append(entry)
        self._planner.take(result)
        self.totals.add(result, entry.at)

    def _elapsed(self) -> float:
        return self._before + monotonic() - self._started
