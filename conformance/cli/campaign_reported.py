"""The report of a campaign, for ``--report``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from conformance.campaign.campaign import CampaignResult
from conformance.campaign.setting import Setting
from conformance.cli.campaign_options import Asked
from conformance.cli.campaign_report import Files
from conformance.comparison import Difference
from conformance.findings import Finding
from conformance.lockstep import Tally
from conformance.programs.as_scenario import describe
from conformance.report.building import Run, divergence_at_genesis, files_of, report_of
from conformance.report.document import Coverage, Divergence, Point, Subject
from conformance.report.reach import can_be_accepted, possible_reasons
from conformance.report.subject import subject_of
from conformance.report.writing import write_report
from conformance.wording import plural
from spec.machine import CONTRACTS

PURPOSES: Final = {
    "explore": "calls, compared",
    "again": "programs again in py-evm, its branches noted",
    "shrink": "shrinking of failures",
}
"""Purpose of units |-> what they are in words; workers' time is added up."""


def write_campaign(folder: Path, result: CampaignResult, setting: Setting, asked: Asked, files: Files) -> Path:
    """Write the report of what a campaign has come to by now, and return its page; errors as ``write_report``."""
    totals, tally = result.totals, result.totals.tally
    run = Run(
        command=asked.again,
        seeds=[asked.chosen_seed],
        presets=list(setting.presets.values()),
        subject=_subject(asked),
        outcome=_outcome(result),
        sentence=_sentence(result),
        tally=tally,
        unlooked=totals.not_compared,
        divergences=list(_divergences(folder, result, asked, files)),
        phases=_phases(result),
        newly_seen=[Point(calls=at.calls, outcomes=at.outcomes, branches=at.branches) for at in totals.series],
        coverage=list(_coverage(result)),
        more={
            "programs": totals.units,
            "calls repeated, to branch off": totals.repeated,
            "calls in py-evm as well": totals.again,
        },
        settings=_settings(result),
    )
    return write_report(folder, report_of(run))


def write_apart(
    folder: Path, preset: str, apart: Difference, setting: Setting, asked: Asked, finding: Finding | None
) -> None:
    """Write the report of contracts that are not even deployed to the state of a preset; errors as ``write_report``."""
    run = Run(
        command=asked.again,
        seeds=[asked.chosen_seed],
        presets=[setting.presets[preset]],
        subject=_subject(asked),
        outcome="does not conform",
        sentence=f"at genesis of {preset}, before any call: {apart.where} differs",
        tally=Tally(),
        divergences=[
            divergence_at_genesis(apart, preset, files_of(folder, None, finding.scenario if finding else None))
        ],
    )
    write_report(folder, report_of(run))


def _subject(asked: Asked) -> Subject:
    compared = asked.compared
    return subject_of(compared.name, compared.evm, compared.artifacts, compared.target)


def _outcome(result: CampaignResult) -> Literal["conforms", "does not conform", "interrupted"]:
    if result.ended.interrupted is not None and not result.found:
        return "interrupted"
    return "conforms" if result.holds else "does not conform"


def _sentence(result: CampaignResult) -> str:
    totals = result.totals
    calls = f"{totals.tally.calls:,} {plural('call', totals.tally.calls)}"
    if result.found:
        failures = f"{len(result.found)} different failures" if len(result.found) > 1 else "one failure"
        return f"{failures} in {len(totals.failing)} of {totals.units} {plural('program', totals.units)} with {calls}"
    if not totals.tally.calls:
        return "nothing was compared"
    alike = f"{calls} answered alike, {totals.tally.roots:,} storage {plural('root', totals.tally.roots)} equal"
    return alike if result.ended.interrupted is None else f"{alike}, before it was stopped"


def _divergences(folder: Path, result: CampaignResult, asked: Asked, files: Files) -> Iterator[Divergence]:
    for found in result.found:
        scenario = files.get(found.kind)
        machines = f"--machine specification --machine {asked.compared.name}{asked.compared.option}"
        yield Divergence(
            preset=found.unit.preset,
            seed=f"{asked.chosen_seed}, in program {found.unit.number}",
            found_after=None,
            function=found.failure.function,
            where=found.failure.where,
            specification=found.failure.specification,
            other=found.failure.other,
            original_length=len(found.original),
            program=tuple(map(describe, found.shrunk)),
            replay=f"diem run {shlex.quote(str(scenario))} {machines}" if scenario is not None else "",
            files=tuple(files_of(folder, None, scenario)),
        )


def _phases(result: CampaignResult) -> dict[str, float]:
    workers = {f"{PURPOSES.get(purpose, purpose)} (workers)": time for purpose, time in result.totals.seconds.items()}
    return {"by the clock": result.ended.seconds} | workers


def _coverage(result: CampaignResult) -> Iterator[Coverage]:
    totals = result.totals
    names = [(contract, name) for contract in CONTRACTS.values() for name in contract.by_name]
    accepted = [f"{contract.name}.{name}" for contract, name in names if can_be_accepted(contract, name)]
    reached = sum(totals.tally.accepted[name] > 0 for name in accepted)
    yield Coverage(name="functions accepted", reached=reached, all=len(accepted), note="of those that can be")
    refused = {(f"{contract.name}.{name}", why) for contract, name in names for why in possible_reasons(contract, name)}
    reached = len(refused & totals.tally.refused.keys())
    yield Coverage(name="pairs of function and reason", reached=reached, all=len(refused), note="of those that can be")
    for code, ways in result.ways.items():
        name = f"ways of conditional jumps in the code of {code}"
        yield Coverage(name=name, reached=totals.branches.get(code, 0), all=ways)


def _settings(result: CampaignResult) -> dict[str, str]:
    header = {name: value for name, value in result.header.items() if value is not None and name != "seed"}
    shown = {name: ", ".join(value) if isinstance(value, dict) else str(value) for name, value in header.items()}
    return {"scheduler": result.scheduler, **{name.replace("_", " "): value for name, value in shown.items()}}
