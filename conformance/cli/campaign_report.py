"""What `diem campaign` prints and writes."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from conformance.campaign.campaign import CampaignResult
from conformance.campaign.setting import Setting
from conformance.campaign.totals import Found, Totals
from conformance.cli.campaign_options import Asked
from conformance.cli.outputs import Outputs
from conformance.comparison import Difference
from conformance.conform import Failure
from conformance.findings import Finding, Register, Subject, failure_at_genesis, subject_of, write_finding
from conformance.findings.identity import Identity
from conformance.findings.register import FILE
from conformance.findings.writing import can_be_in_solidity
from conformance.lockstep import Divergence
from conformance.machines.py_evm import PyEvmMachine, deployed
from conformance.programs.as_scenario import describe
from conformance.report.subject import refusals_alike
from conformance.wording import plural
from spec.machine import CONTRACTS

FOLDER = "findings"
"""Within that of the campaign."""

Files = Mapping[Identity, Path]
"""Each kind of failure |-> the scenario that replays it."""


def print_beginning(out: Console, asked: Asked, setting: Setting) -> None:
    """Say what is going to be done, and how to go on with it."""
    for preset in setting.presets.values():
        out.print(f"preset {preset.name}: {preset.description}")
    if asked.compared.description:
        out.print(asked.compared.description, soft_wrap=True)
    why = (
        ""
        if asked.machine
        else ", for it is installed"
        if asked.evm != PyEvmMachine.name
        else ", for pyrevm is not installed"
    )
    out.print(f"machine {asked.evm}{why}")
    out.print(f"seed {asked.chosen_seed}; go on with: {asked.again}", soft_wrap=True)


def places(result: CampaignResult, asked: Asked) -> Files:
    """Return where what was found and shrunk is written, or is going to be."""
    return {found.kind: asked.place / FOLDER / f"{found.kind.id}.yaml" for found in result.found if found.shrunk}


def write_found(result: CampaignResult, setting: Setting, asked: Asked, outputs: Outputs) -> Files:
    """Write what was found and shrunk, in so far as it is not written yet, and return what is there then."""
    files: dict[Identity, Path] = {}
    for found in result.found:
        if found.shrunk:
            with outputs.attempt():
                files[found.kind] = _write(found, setting, asked)
    return files


def _write(found: Found, setting: Setting, asked: Asked) -> Path:
    """Write one failure, unless that is done, and return its scenario; errors as ``write_finding``."""
    folder, unit = asked.place / FOLDER, found.unit
    subject = _subject(unit.preset, f"{asked.chosen_seed}/{unit.number}", unit.machine, setting, asked)
    known = Register.read(folder / FILE).entries.get(found.kind.id)
    if known is not None and known.knows(subject.run) and len(known.program) <= len(found.shrunk):
        return folder / f"{known.id}.yaml"
    return write_finding(folder, _failure(found), subject).scenario


def write_found_at_genesis(
    name: str, apart: Difference, setting: Setting, asked: Asked, outputs: Outputs
) -> Finding | None:
    """Enter a difference that is there before any call; return None if that cannot be done."""
    written: list[Finding] = []
    with outputs.attempt():
        subject = _subject(name, asked.chosen_seed, asked.compared.name, setting, asked)
        written.append(write_finding(asked.place / FOLDER, failure_at_genesis(apart, subject.preset), subject))
    return written[0] if written else None


def _subject(name: str, seed: int | str, machine: str, setting: Setting, asked: Asked) -> Subject:
    """Return what a finding is about, of files as they were in the beginning: they may be others by now, or gone."""
    preset, compared = setting.presets[name], asked.compared
    if compared.target is not None:
        return subject_of(preset, name, seed, machine, target=compared.target)
    return Subject(preset, name, seed, machine, deployed(preset, compared.artifacts), asked.artifacts)


def _failure(found: Found) -> Failure:
    failure = found.failure
    difference = Difference(failure.where, failure.specification, failure.other)
    divergence = Divergence(len(found.shrunk) - 1, found.shrunk[-1], difference)
    return Failure(len(found.original), found.original, found.shrunk, divergence)


def print_report(out: Console, result: CampaignResult, asked: Asked) -> None:
    """Print what a campaign has come to."""
    totals, files = result.totals, places(result, asked)
    out.print(_counts(totals, refusals_alike(asked.compared.target)))
    left_out = totals.tally.left_out + totals.not_compared
    if left_out:
        out.print(_left_out(totals))
    out.print(_seen(result))
    for found in result.found:
        _print_found(out, found, files, asked)
    made = f"{totals.tally.calls:,} {plural('call', totals.tally.calls)}"
    rate = totals.tally.calls / max(result.ended.seconds, 1e-9)
    took = f"({result.ended.seconds:.0f} s, {rate:,.0f} calls/s, {result.scheduler})"
    if result.ended.interrupted is not None:
        out.print(f"INTERRUPTED after {made} {took}", soft_wrap=True)
        out.print(f"What is done is kept; go on with: {asked.again}", soft_wrap=True)
    elif result.found:
        different = f"different failures: {len(result.found)}"
        fail = f"{len(totals.failing):,} of {totals.units:,} {plural('program', totals.units)} fail, {different}"
        out.print(f"DOES NOT CONFORM: {fail} {took}", soft_wrap=True)
    elif not result.holds:
        out.print(f"DOES NOT CONFORM: nothing was compared {took}", soft_wrap=True)
    else:
        summary = f"{made} answered alike, {totals.tally.roots:,} storage {plural('root', totals.tally.roots)} equal"
        out.print(f"CONFORMS: {summary} {took}", soft_wrap=True)


def _counts(totals: Totals, alike: str) -> Table:
    table = Table("compared", "count", title="What was compared", title_justify="left")
    table.columns[1].justify = "right"
    tally = totals.tally
    rows = {
        "programs of calls": totals.units,
        "calls answered alike": tally.calls,
        "  accepted": sum(tally.accepted.values()),
        f"  refused, {alike}": sum(tally.refused.values()),
        "logs, in order": tally.logs,
        "storage words written": tally.words,
        "storage roots": tally.roots,
        "views": tally.views,
        "calls repeated, to branch off from earlier programs": totals.repeated,
        "calls carried out in py-evm as well": totals.again,
    }
    for name, count in rows.items():
        if count or name in {"calls answered alike", "storage roots"}:
            table.add_row(name, f"{count:,}")
    return table


def _left_out(totals: Totals) -> Table:
    table = Table("left out", "count", title="What was left out", title_justify="left")
    table.columns[1].justify = "right"
    for function, count in totals.tally.left_out.most_common():
        table.add_row(f"calls of {function}", f"{count:,}")
    for what, count in totals.not_compared.most_common():
        table.add_row(what, f"{count:,}")
    return table


def _seen(result: CampaignResult) -> Table:
    table = Table("seen", "count", "of", title="Reach", title_justify="left")
    table.columns[1].justify = table.columns[2].justify = "right"
    totals = result.totals
    functions = sum(len(contract.by_name) for contract in CONTRACTS.values())
    accepted = sum(not name.endswith("?") for name in totals.tally.accepted)
    table.add_row("functions accepted", f"{accepted:,}", f"{functions:,}")
    table.add_row("reasons for refusals", f"{len(totals.reasons):,}", "")
    table.add_row("pairs of function and reason", f"{len(totals.tally.refused):,}", "")
    for code, ways in result.ways.items():
        gone = totals.branches.get(code, 0)
        table.add_row(f"ways of conditional jumps in the code of {code}", f"{gone:,}", f"{ways:,}")
    return table


def _print_found(out: Console, found: Found, files: Files, asked: Asked) -> None:
    failure, unit = found.failure, found.unit
    out.print(f"DIVERGENCE in {failure.function}, program {unit.number} from preset {unit.preset}, on {unit.machine}")
    if found.shrunk:
        original = len(found.original)
        out.print(f"The program of {original} {plural('call', original)} was shrunk to {len(found.shrunk)}:")
        for number, call in enumerate(found.shrunk):
            out.print(f"  {number}: {describe(call)}", soft_wrap=True)
    else:
        out.print("It will be shrunk when the campaign goes on.")
    name = asked.compared.name if asked.compared.is_target else unit.machine
    out.print(f"First difference: {failure.where}")
    out.print(f"  specification: {failure.specification}", soft_wrap=True)
    out.print(f"  {f'{name}:':14} {failure.other}", soft_wrap=True)
    if found.kind in files:
        machines = f"--machine specification --machine {name}{asked.compared.option}"
        scenario = files[found.kind]
        out.print(f"Replay with: diem run {shlex.quote(str(scenario))} {machines}", soft_wrap=True)
        if can_be_in_solidity(failure.where):
            out.print(f"In Solidity: cd {shlex.quote(str(scenario.parent))} && forge test", soft_wrap=True)


def as_json(result: CampaignResult, files: Files) -> dict[str, Any]:
    """Return the report for machines."""
    totals, ended = result.totals, result.ended
    tally = totals.tally
    refused: dict[str, dict[str, int]] = {}
    for (function, reason), count in sorted(tally.refused.items()):
        refused.setdefault(function, {})[reason] = count
    return {
        "conforms": result.holds,
        "interrupted": ended.interrupted is not None,
        "campaign": dict(result.header),
        "scheduler": result.scheduler,
        "seconds": round(ended.seconds, 3),
        "compared": {
            "programs": totals.units,
            "calls": tally.calls,
            "accepted": sum(tally.accepted.values()),
            "refused": sum(tally.refused.values()),
            "logs": tally.logs,
            "words": tally.words,
            "roots": tally.roots,
            "views": tally.views,
            "repeated": totals.repeated,
            "in_py_evm_as_well": totals.again,
        },
        "left_out": {"calls": dict(tally.left_out), "of_receipts": dict(totals.not_compared)},
        "accepted_by_function": dict(sorted(tally.accepted.items())),
        "refused_by_function": refused,
        "ways_of_jumps": {code: {"seen": totals.branches.get(code, 0), "of": of} for code, of in result.ways.items()},
        "newly_seen": [point._asdict() for point in totals.series],
        "worker_seconds": {purpose: round(seconds, 3) for purpose, seconds in totals.seconds.items()},
        "failing_programs": len(totals.failing),
        "failures": [_found_json(found, files) for found in result.found],
    }


def _found_json(found: Found, files: Files) -> dict[str, Any]:
    failure = found.failure
    return {
        "function": failure.function,
        "where": failure.where,
        "specification": failure.specification,
        "other": failure.other,
        "preset": found.unit.preset,
        "machine": found.unit.machine,
        "program_number": found.unit.number,
        "original_length": len(found.original),
        "program": [describe(call) for call in found.shrunk],
        "replay": str(files[found.kind]) if found.kind in files else None,
    }
