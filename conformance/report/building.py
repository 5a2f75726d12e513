"""A report, put together from what a run has counted, found and measured."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from conformance.comparison import Difference
from conformance.conform import Failure
from conformance.facts import Observation
from conformance.findings.register import PAGE
from conformance.lockstep import Tally, function_name
from conformance.programs.as_scenario import describe
from conformance.report.document import (
    Compared,
    Coverage,
    Divergence,
    Fact,
    File,
    Genesis,
    Measure,
    Phase,
    Point,
    Report,
    Subject,
    Verdict,
)
from conformance.report.limits import not_looked_at
from conformance.report.reach import function_reach
from conformance.report.scores import scores
from conformance.report.versions import versions
from spec.parameters import Preset


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run came to, as the commands have it."""

    command: str
    """Repeats it."""
    seeds: Sequence[int]
    presets: Sequence[Preset]
    subject: Subject
    outcome: Literal["conforms", "does not conform", "interrupted"]
    sentence: str
    tally: Tally
    unlooked: Mapping[str, int] = field(default_factory=dict)
    """What of receipts was not looked at |-> how often."""
    facts: Sequence[Observation] = ()
    divergences: Sequence[Divergence] = ()
    phases: Mapping[str, float] = field(default_factory=dict)
    """What |-> how long it took (s)."""
    newly_seen: Sequence[Point] = ()
    coverage: Sequence[Coverage] = ()
    more: Mapping[str, int] = field(default_factory=dict)
    """What else was counted."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What else decides the run."""
    boundaries: Sequence[Measure] = ()


def report_of(run: Run) -> Report:
    """Return the report of a run."""
    genesis = tuple(Genesis(preset=preset.name, description=preset.description) for preset in run.presets)
    reach = function_reach(run.tally.accepted, run.tally.refused)
    left_out = {f"calls of {function}": count for function, count in run.tally.left_out.most_common()}
    left_out |= dict(run.unlooked)
    return Report(
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        command=run.command,
        seeds=tuple(map(str, run.seeds)),
        settings=dict(run.settings),
        verdict=Verdict(outcome=run.outcome, sentence=run.sentence),
        subject=run.subject,
        genesis=genesis,
        compared=_compared(run.tally, run.facts, run.more),
        left_out=left_out,
        reach=reach,
        coverage=tuple(run.coverage),
        boundaries=tuple(run.boundaries),
        newly_seen=tuple(run.newly_seen),
        facts=tuple(map(_fact, run.facts)),
        divergences=tuple(run.divergences),
        phases=tuple(Phase(name=name, seconds=round(seconds, 3)) for name, seconds in run.phases.items()),
        scores=scores(run.subject),
        versions=versions(),
        not_looked_at=not_looked_at(run.subject, genesis, reach, left_out),
    )


def _compared(tally: Tally, facts: Iterable[Observation], more: Mapping[str, int]) -> Compared:
    return Compared(
        calls=tally.calls,
        accepted=sum(tally.accepted.values()),
        refused=sum(tally.refused.values()),
        logs=tally.logs,
        words=tally.words,
        roots=tally.roots,
        views=tally.views,
        published_facts=sum(not fact.left_out for fact in facts),
        more=dict(more),
    )


def _fact(observation: Observation) -> Fact:
    fact = observation.fact
    return Fact(
        statement=fact.statement,
        published=fact.published,
        grade=fact.grade,
        source=fact.source,
        observed=dict(observation.observed),
        left_out=dict(observation.left_out),
        holds=observation.holds,
    )


def divergence_of(failure: Failure, preset: str, seed: int, replay: str, files: Iterable[File]) -> Divergence:
    """Return a failure for the report; ``replay`` is the command that shows it again."""
    difference = failure.divergence.difference
    return Divergence(
        preset=preset,
        seed=str(seed),
        found_after=failure.found_after,
        function=function_name(failure.divergence.call),
        where=difference.where,
        specification=difference.left,
        other=difference.right,
        original_length=len(failure.original),
        program=tuple(map(describe, failure.shrunk)),
        replay=replay,
        files=tuple(files),
    )


def divergence_at_genesis(difference: Difference, preset: str, files: Iterable[File] = ()) -> Divergence:
    """Return a difference of the states that programs start from."""
    return Divergence(
        preset=preset,
        seed="",
        found_after=0,
        function="",
        where=difference.where,
        specification=difference.left,
        other=difference.right,
        original_length=0,
        program=(),
        replay="",
        files=tuple(files),
    )


BESIDE: Final = {
    "pytest file, a regression": "test_{}.py",
    "Foundry test": "test/{}.t.sol",
    "register of divergences": PAGE,
}
"""What a finding consists of besides its scenario |-> the path of it, from the folder of the findings."""


def files_of(folder: Path, replay: Path | None, finding: Path | None) -> list[File]:
    """Return what there is to a failure, for links from the report in ``folder``.

    ``replay`` is the scenario that replays it, ``finding`` the scenario of the finding that was written of it.
    """
    files = {"scenario that diem run replays": replay or finding}
    if finding is not None:
        files |= {what: finding.parent / path.format(finding.stem) for what, path in BESIDE.items()}
    return [
        File(what=what, path=Path(os.path.relpath(path, folder)).as_posix())
        for what, path in files.items()
        if path is not None and path.exists()
    ]
