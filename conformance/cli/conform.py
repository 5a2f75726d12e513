"""``diem conform``: the specification in lockstep with the bytecode."""

from __future__ import annotations

import secrets
import shlex
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from conformance.cli import status_after
from conformance.cli.app import HOLDS
from conformance.cli.compared import Compared
from conformance.cli.conform_outcome import Outcome
from conformance.cli.conform_report import (
    apart_as_json,
    as_json,
    print_apart_at_genesis,
    print_report,
    replay_command,
)
from conformance.cli.output import check_writable, console, print_json, write_file
from conformance.cli.outputs import Outputs
from conformance.cli.reported import Reporting
from conformance.comparison import Difference
from conformance.conform import Conformance, Failure, Interrupted
from conformance.deployment import DeploymentError
from conformance.facts import NotDeployed, Observation, observe_facts
from conformance.findings import Finding, failure_at_genesis, subject_of, write_finding
from conformance.findings.register import prepare
from conformance.machines import Machine
from conformance.machines.py_evm import PyEvmMachine
from conformance.machines.specification import SpecificationMachine
from conformance.programs.as_scenario import as_scenario
from conformance.report.writing import PAGE
from conformance.target.document import TargetError
from spec.parameters import Preset, load_preset

DEFAULT_CALLS: Final = 3000
DEFAULT_PRESET: Final = "snapshot-2026-09-19"


def command(
    calls: Annotated[int, typer.Option(min=1, max=10**9, help="How many calls to make.")] = DEFAULT_CALLS,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Repeat the run of this seed; a new one is drawn otherwise.")
    ] = None,
    preset: Annotated[str, typer.Option(help="The genesis: a preset's name, or a file *.toml.")] = DEFAULT_PRESET,
    artifacts: Annotated[
        Path | None, typer.Option(help="A folder of artifacts to use in place of those of their names.")
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option(help="A file *.toml that describes contracts of your own, to compare in place of ours."),
    ] = None,
    machine: Annotated[
        str, typer.Option(help="The EVM that carries out the contracts: py-evm, or pyrevm, which is much faster.")
    ] = PyEvmMachine.name,
    save: Annotated[Path | None, typer.Option(help="Where to write the scenario that replays a failure.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="A folder for a report: a page that needs no network, and the same as JSON.")
    ] = None,
    findings: Annotated[
        Path | None, typer.Option(help="A folder to enter a failure in, with a pytest file and a Foundry test.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Compare the specification with the compiled contracts in an EVM, call by call.

    Status, output, logs and every storage word written are compared after each call, the storage roots of all contracts
    after each program of calls; then the published facts are looked at on both. pyrevm is slow to tell what a call
    wrote: there the words that the specification wrote are compared after each call, and all words after each program.

    Example: diem conform --calls 5000 --seed 7 --preset launch
    """
    asked = _Asked(
        calls=calls,
        seed=secrets.randbelow(2**32) if seed is None else seed,
        preset=preset,
        genesis=load_preset(preset),
        compared=Compared(artifacts, target, machine),
        artifacts=artifacts,
        save=save,
        report=report,
        findings=findings,
    )
    reporting = Reporting(report, asked.again, asked.compared, asked.genesis, asked.seed)
    check_writable(asked.replay)
    if findings is not None:
        prepare(findings)
    with reporting.phase("deployment"):
        other = asked.compared.machine(asked.genesis)
    out = console()
    if not json:
        _print_beginning(out, asked)
    apart = asked.compared.genesis_difference(asked.genesis, other)
    if apart is not None:
        return _apart(out, asked, reporting, apart, json=json)
    return _carried_out(out, asked, reporting, other, json=json)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """The options, with what they name."""

    calls: int
    seed: int
    preset: str
    genesis: Preset
    compared: Compared
    artifacts: Path | None
    save: Path | None
    report: Path | None
    findings: Path | None

    @property
    def again(self) -> str:
        """The command that repeats the run."""
        evm = self.compared.evm
        given = ["--calls", str(self.calls), "--seed", str(self.seed), "--preset", self.preset, *self.compared.options]
        return shlex.join(["diem", "conform", *given, *(["--machine", evm] if evm != PyEvmMachine.name else [])])

    @property
    def replay(self) -> Path:
        """Where the scenario goes that replays a failure."""
        return self.save or (self.report or Path()) / f"divergence-{self.genesis.name}-{self.seed}.yaml"

    def entered(self, failure: Failure, outputs: Outputs) -> Finding | None:
        """Enter a failure in the folder of findings, if there is one, and it can be done."""
        folder = self.findings or (self.report / "findings" if self.report is not None else None)
        finding = None
        if folder is not None:
            with outputs.attempt():
                name, target = self.compared.name, self.compared.target
                subject = subject_of(self.genesis, self.preset, self.seed, name, self.artifacts, target)
                finding = write_finding(folder, failure, subject)
        return finding


def _print_beginning(out: Console, asked: _Asked) -> None:
    out.print(f"preset {asked.genesis.name}: {asked.genesis.description}")
    if asked.compared.description:
        out.print(asked.compared.description, soft_wrap=True)
    out.print(f"seed {asked.seed}; repeat with: {asked.again}", soft_wrap=True)


def _apart(out: Console, asked: _Asked, reporting: Reporting, apart: Difference, *, json: bool) -> int:
    """Tell of contracts that do not start in the state of the preset, and return the exit status."""
    outputs = Outputs("diem conform")
    if not json:
        print_apart_at_genesis(out, apart, asked.compared)
    finding = asked.entered(failure_at_genesis(apart, asked.genesis), outputs)
    if json:
        print_json(_with_finding(apart_as_json(apart, asked.genesis, asked.compared), finding))
    elif finding is not None:
        out.print(finding.summary, soft_wrap=True)
    with outputs.attempt():
        reporting.failed_at_genesis(apart, finding)
        _say_where(out, asked.report, json=json)
    return outputs.status(holds=False)


def _carried_out(out: Console, asked: _Asked, reporting: Reporting, other: Machine, *, json: bool) -> int:
    """Make the calls, look at the facts, tell what they have come to, and return the exit status.

    To people it is told before anything is written, so that nothing can keep it from them.
    """
    started = monotonic()
    outputs = Outputs("diem conform")
    compared, replay = asked.compared, asked.replay
    outcome = _outcome(out, asked, reporting, other, quiet=json)
    if not json:
        print_report(out, compared, outcome, replay, monotonic() - started)
    finding = None
    if outcome.failure is not None:
        with outputs.attempt():
            _save_replay(outcome.failure, asked)
        finding = asked.entered(outcome.failure, outputs)
    if json:
        answer = as_json(compared, asked.genesis, asked.seed, asked.calls, outcome, replay)
        print_json(_with_finding(answer, finding))
    elif finding is not None:
        out.print(finding.summary, soft_wrap=True)
    with outputs.attempt():
        reporting.finished(outcome, (replay_command(replay, compared), replay), finding)
        _say_where(out, asked.report, json=json)
    status = outputs.status(holds=not outcome.fails)
    return status_after(outcome.stop) if outcome.stop is not None and status == HOLDS else status


def _outcome(out: Console, asked: _Asked, reporting: Reporting, other: Machine, *, quiet: bool) -> Outcome:
    """Make the calls and look at the facts, until all is done, or Ctrl-C or SIGTERM comes."""
    compared, failure, stopped = asked.compared, None, None
    facts: list[Observation] = []
    try:
        with reporting.phase("calls"):
            failure = _run(out, compared.conformance(asked.genesis, other), asked, reporting, quiet=quiet)
        with reporting.phase("published facts"):
            facts.extend(observe_facts(lambda of: [SpecificationMachine(of), _deployed(compared, of)]))
    except KeyboardInterrupt as stop:
        stopped = stop
        if isinstance(stop, Interrupted):
            failure, stopped = stop.failure, stop.stop
    return Outcome(reporting.tally, failure, facts, compared.not_compared(other), stopped)


def _with_finding(answer: dict[str, Any], finding: Finding | None) -> dict[str, Any]:
    return answer | ({"finding": finding.as_json()} if finding is not None else {})


def _deployed(compared: Compared, preset: Preset) -> Machine:
    """Return a machine to look at facts on; NotDeployed if the contracts do not come to this preset's state."""
    try:
        return compared.machine(preset)
    except (DeploymentError, TargetError) as error:
        raise NotDeployed(compared.name, error) from error


def _say_where(out: Console, report: Path | None, *, json: bool) -> None:
    """Say to people where the report is that was written."""
    if report is not None and not json:
        out.print(f"Report: {report / PAGE}", soft_wrap=True)


def _run(out: Console, conformance: Conformance, asked: _Asked, reporting: Reporting, *, quiet: bool) -> Failure | None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet or not out.is_terminal) as bar:
        task = bar.add_task("calls compared", total=asked.calls)

        def progress(done: int) -> None:
            bar.update(task, completed=done)
            reporting.progress(done)

        return conformance.run(asked.calls, asked.seed, progress, reporting.tally).failure


def _save_replay(failure: Failure, asked: _Asked) -> None:
    """Write the shrunk program as a scenario."""
    preset = asked.preset
    name = str(Path(preset).resolve()) if preset.endswith(".toml") else preset
    title = f"divergence at {failure.divergence.difference.where}, found with seed {asked.seed}"
    write_file(str(asked.replay), as_scenario(title, name, asked.genesis, failure.shrunk).encode())
