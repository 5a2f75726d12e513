"""A campaign from its beginning to its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.campaign.identity import header
from conformance.campaign.journal import Journal
from conformance.campaign.planning import CALLS_PER_UNIT, Limits, Planner, Scope
from conformance.campaign.running import Ended, Running
from conformance.campaign.schedulers import Scheduler
from conformance.campaign.seen import ways_of
from conformance.campaign.setting import Setting
from conformance.campaign.totals import Found, Totals
from conformance.machines.py_evm import deployed
from conformance.target.deploying import deploy_target

FAILURES: Final = 5
"""Different failures, after which a campaign ends, unless told otherwise."""


@dataclass(frozen=True)
class Extent:
    """How far a campaign is to go; it may be gone on with to another extent."""

    calls: int | None
    """Rounded up to whole units."""
    seconds: float | None
    """All parts together."""
    failures: int = FAILURES

    @property
    def limits(self) -> Limits:
        """What the plan makes of it."""
        return Limits(None if self.calls is None else -(-self.calls // CALLS_PER_UNIT), self.failures)


@dataclass(frozen=True)
class CampaignResult:
    """What a campaign has come to, by now."""

    header: Mapping[str, object]
    """Versions, hashes, seed, presets, machine."""
    scheduler: str
    workers: int
    totals: Totals
    ways: Mapping[str, int]
    """Code |-> how many ways its conditional jumps can go."""
    ended: Ended

    @property
    def found(self) -> tuple[Found, ...]:
        """The different failures, the earliest first."""
        return tuple(sorted(self.totals.found.values(), key=lambda found: found.unit.number))

    @property
    def holds(self) -> bool:
        """Whether something was compared, the machines agreed on all of it, and it is all that was asked for."""
        return self.totals.tally.calls > 0 and not self.totals.found and self.ended.interrupted is None


def run_campaign(
    folder: Path,
    scope: Scope,
    setting: Setting,
    extent: Extent,
    scheduler: Callable[[], Scheduler],
    progress: Callable[[Totals, Scheduler, float], None] = lambda *_: None,
) -> CampaignResult:
    """Begin the campaign that ``folder`` is to hold, or go on with it, to the given extent.

    Errors as ``Journal``, ``Running.run``, the deployment of what is compared, and those of ``scheduler``.
    """
    ways = _ways(scope, setting)
    what = header(scope, setting)
    workers = scheduler()
    try:
        description, count = workers.description, workers.workers
        journal = Journal(folder, what)
    except BaseException:
        workers.close()
        raise
    running = Running(
        Planner(scope, extent.limits),
        journal,
        workers,
        extent.seconds,
        lambda totals, seconds: progress(totals, workers, seconds),
    )
    ended = running.run()
    return CampaignResult(what, description, count, running.totals, ways, ended)


def _ways(scope: Scope, setting: Setting) -> Mapping[str, int]:
    """Deploy what is compared, so that errors show before anything is begun."""
    compared = setting.compared(scope.machine)
    images = [
        deployed(preset, compared.artifacts) if compared.target is None else deploy_target(compared.target, preset)
        for preset in setting.presets.values()
    ]
    return ways_of(images[0].codes)
