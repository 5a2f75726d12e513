"""``diem conform``: the specification in lockstep with the bytecode."""

from __future__ import annotations

import secrets
import shlex
from collections import Counter
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from conformance.cli.compared import Compared
from conformance.cli.output import check_writable, console, plural, print_json, write_file
from conformance.cli.outputs import Outputs
from conformance.cli.reported import Reporting
from conformance.comparison import Difference
from conformance.conform import Conformance, Failure, Result
from conformance.deployment import DeploymentError
from conformance.facts import NotDeployed, Observation, observe_facts
from conformance.findings import Finding, failure_at_genesis, subject_of, write_finding
from conformance.findings.register import prepare
from conformance.lockstep import Tally, function_name
from conformance.machines import Machine
from conformance.machines.py_evm import PyEvmMachine
from conformance.machines.specification import SpecificationMachine
from conformance.programs.as_scenario import as_scenario, describe
from conformance.report.writing import PAGE
from conformance.target.document import TargetError
from spec.machine import CONTRACTS
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
    genesis = load_preset(preset)
    compared = Compared(artifacts, target, machine)
    seed = secrets.randbelow(2**32) if seed is None else seed
    again = shlex.join(
        [
            "diem",
            "conform",
            "--calls",
            str(calls),
            "--seed",
            str(seed),
            "--preset",
            preset,
            *compared.options,
            *_evm(machine),
        ]
    )
    reporting = Reporting(report, again, compared, genesis, seed)
    replay = save or (report or Path()) / f"divergence-{genesis.name}-{seed}.yaml"
    folder = findings or (report / "findings" if report is not None else None)
    check_writable(replay)
    if findings is not None:
        prepare(findings)
    with reporting.phase("deployment"):
        other = compared.machine(genesis)
    started = monotonic()
    out = console()
    if not json:
        out.print(f"preset {genesis.name}: {genesis.description}")
        if compared.description:
            out.print(compared.description, soft_wrap=True)
        out.print(f"seed {seed}; repeat with: {again}", soft_wrap=True)
    outputs = Outputs("diem conform")

    def entered(failure: Failure | None) -> Finding | None:
        """Enter a failure in the folder of findings, if there are both, and it can be done."""
        finding = None
        if failure is not None and folder is not None:
            with outputs.attempt():
                subject = subject_of(genesis, preset, seed, compared.name, artifacts, compared.target)
                finding = write_finding(folder, failure, subject)
        return finding

    apart = compared.genesis_difference(genesis, other)
    if apart is not None:
        finding = entered(failure_at_genesis(apart, genesis))
        with outputs.attempt():
            reporting.failed_at_genesis(apart, finding)
        _apart_at_genesis(out, apart, genesis, compared, finding, json=json)
        _say_where(out, report, json=json)
        return outputs.status(holds=False)
    with reporting.phase("calls"):
        result = _run(out, compared.conformance(genesis, other), calls, seed, reporting, quiet=json)
    with reporting.phase("published facts"):
        facts = list(observe_facts(lambda of: [SpecificationMachine(of), _deployed(compared, of)]))
    holds = result.failure is None and all(fact.holds for fact in facts)
    unlooked = compared.not_compared(other)
    with outputs.attempt():
        _save_replay(result.failure, preset, genesis, seed, replay)
    finding = entered(result.failure)
    with outputs.attempt():
        reporting.finished(
            result.failure,
            facts,
            unlooked,
            _summary(result.tally, facts),
            (_replay_command(replay, compared), replay),
            finding,
        )
    if json:
        answer = _as_json(compared, genesis, seed, calls, result, unlooked, facts, replay, holds=holds)
        print_json(answer | ({"finding": finding.as_json()} if finding is not None else {}))
    else:
        _print_report(out, compared, result, unlooked, facts, replay, monotonic() - started)
        if finding is not None:
            out.print(finding.summary, soft_wrap=True)
    _say_where(out, report, json=json)
    return outputs.status(holds=holds)


def _evm(machine: str) -> list[str]:
    """Return the options by which a command has this EVM."""
    return ["--machine", machine] if machine != PyEvmMachine.name else []


def _deployed(compared: Compared, preset: Preset) -> Machine:
    """Return a machine to look at facts on; NotDeployed if the contracts do not come to this preset's state."""
    try:
        return compared.machine(preset)
    except (DeploymentError, TargetError) as error:
        raise NotDeployed(compared.name, error) from error


def _say_where(out: Console, report: Path | None, *, json: bool) -> None:
    """Say where the report is, if it was written, to people."""
    if report is not None and (report / PAGE).is_file() and not json:
        out.print(f"Report: {report / PAGE}", soft_wrap=True)


def _apart_at_genesis(
    out: Console, apart: Difference, genesis: Preset, compared: Compared, finding: Finding | None, *, json: bool
) -> None:
    """Say that there is nothing to be run, for the contracts are not even deployed to the state of the preset."""
    if json:
        sides = {"specification": apart.left, compared.name: apart.right}
        answer = {
            "conforms": False,
            "preset": genesis.name,
            "divergence": {"found_after": 0, "where": apart.where, **sides},
        }
        print_json(answer | ({"finding": finding.as_json()} if finding is not None else {}))
        return
    out.print("DIVERGENCE at genesis, before any call")
    _print_difference(out, apart, compared.name)
    out.print("DOES NOT CONFORM")
    if finding is not None:
        out.print(finding.summary, soft_wrap=True)


def _run(out: Console, conformance: Conformance, calls: int, seed: int, reporting: Reporting, *, quiet: bool) -> Result:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet or not out.is_terminal) as bar:
        task = bar.add_task("calls compared", total=calls)

        def progress(done: int) -> None:
            bar.update(task, completed=done)
            reporting.progress(done)

        return conformance.run(calls, seed, progress, reporting.tally)


def _save_replay(failure: Failure | None, preset: str, genesis: Preset, seed: int, path: Path) -> None:
    """Write the shrunk program, if there is one, as a scenario."""
    if failure is None:
        return
    name = str(Path(preset).resolve()) if preset.endswith(".toml") else preset
    title = f"divergence at {failure.divergence.difference.where}, found with seed {seed}"
    write_file(str(path), as_scenario(title, name, genesis, failure.shrunk).encode())


def _print_report(
    out: Console,
    compared: Compared,
    result: Result,
    unlooked: Counter[str],
    facts: list[Observation],
    replay: Path,
    seconds: float,
) -> None:
    tally = result.tally
    out.print(_compared(tally))
    if tally.left_out or unlooked:
        out.print(_left_out(tally, unlooked))
    out.print(_refusals(tally))
    out.print(_functions(tally))
    out.print(_facts(facts))
    wrong = [fact for fact in facts if not fact.holds]
    if result.failure is not None:
        _print_failure(out, result.failure, replay, compared)
    for why, count in Counter(fact.undeployed for fact in wrong if fact.undeployed).items():
        out.print(f"{count} FACTS DO NOT HOLD: {compared.name} has no contracts to look at: {why}", soft_wrap=True)
    for observation in (fact for fact in wrong if not fact.undeployed):
        shown = ", ".join(f"{machine} shows {value}" for machine, value in observation.observed.items())
        published = f"{observation.fact.statement}: {observation.fact.published} published"
        out.print(f"FACT DOES NOT HOLD: {published}, {shown}", soft_wrap=True)
    if result.failure is None and not wrong:
        out.print(f"CONFORMS: {_summary(tally, facts)} ({seconds:.0f} s)", soft_wrap=True)
    else:
        out.print(f"DOES NOT CONFORM ({seconds:.0f} s)")


def _summary(tally: Tally, facts: list[Observation]) -> str:
    on_both = sum(not fact.left_out for fact in facts)
    parts = [f"{tally.calls} calls answered alike"]
    if tally.roots or not tally.views:
        parts.append(f"{tally.roots} storage roots equal")
    if tally.views:
        parts.append(f"{tally.views} views alike")
    parts.append(f"{on_both} published facts hold on both machines")
    if tally.left_out:
        parts.append(f"{sum(tally.left_out.values())} calls left out")
    return ", ".join(parts)


def _compared(tally: Tally) -> Table:
    table = Table("compared", "count", title="What was compared", title_justify="left")
    table.columns[1].justify = "right"
    accepted, refused = sum(tally.accepted.values()), sum(tally.refused.values())
    for name, count in (
        ("calls answered alike", tally.calls),
        ("  accepted", accepted),
        ("  refused, with the same revert data", refused),
        ("logs, in order", tally.logs),
        ("storage words written", tally.words),
        ("storage roots", tally.roots),
    ):
        table.add_row(name, f"{count:,}")
    if tally.views:
        table.add_row("views", f"{tally.views:,}")
    return table


def _left_out(tally: Tally, unlooked: Counter[str]) -> Table:
    table = Table("left out", "count", title="What was left out", title_justify="left")
    table.columns[1].justify = "right"
    for function, count in tally.left_out.most_common():
        table.add_row(f"calls of {function}", f"{count:,}")
    for what, count in unlooked.most_common():
        table.add_row(what, f"{count:,}")
    return table


def _refusals(tally: Tally) -> Table:
    table = Table("reason", "calls", "reason", "calls", "reason", "calls", title="Refusals", title_justify="left")
    cells = [(reason, f"{count:,}") for reason, count in tally.refused_by_reason.most_common()]
    rows = -(-len(cells) // 3)
    cells += [("", "")] * (3 * rows - len(cells))
    for row in range(rows):
        table.add_row(*[text for column in range(3) for text in cells[row + column * rows]])
    return table


def _functions(tally: Tally) -> Table:
    table = Table(
        "contract", "functions accepted", "of", "not accepted in this run", title="Reach", title_justify="left"
    )
    for contract in CONTRACTS.values():
        missing = [name for name in contract.by_name if not tally.accepted[f"{contract.name}.{name}"]]
        accepted = len(contract.by_name) - len(missing)
        table.add_row(contract.name, str(accepted), str(len(contract.by_name)), ", ".join(missing) or "-")
    return table


def _facts(facts: list[Observation]) -> Table:
    machines = list(dict.fromkeys(name for fact in facts for name in (*fact.observed, *fact.left_out)))
    table = Table(
        "", "published fact", "value", "grade", "source", title="Published facts, on " + " and ".join(machines)
    )
    table.title_justify = "left"
    for observation in facts:
        fact = observation.fact
        sign = "--" if observation.left_out else "ok" if observation.holds else "NO"
        table.add_row(sign, fact.statement, fact.published, fact.grade, fact.source)
    return table


def _print_failure(out: Console, failure: Failure, replay: Path, compared: Compared) -> None:
    difference = failure.divergence.difference
    made, original = failure.found_after, len(failure.original)
    out.print(f"DIVERGENCE after {made} {plural('call', made)}, in {function_name(failure.divergence.call)}")
    out.print(f"The program of {original} {plural('call', original)} was shrunk to {len(failure.shrunk)}:")
    for number, call in enumerate(failure.shrunk):
        out.print(f"  {number}: {describe(call)}", soft_wrap=True)
    _print_difference(out, difference, compared.name)
    out.print(f"Replay with: {_replay_command(replay, compared)}", soft_wrap=True)


def _replay_command(replay: Path, compared: Compared) -> str:
    machines = ["--machine", "specification", "--machine", compared.name]
    return shlex.join(["diem", "run", str(replay), *machines, *compared.options])


def _print_difference(out: Console, difference: Difference, other: str) -> None:
    out.print(f"First difference: {difference.where}")
    out.print(f"  specification: {difference.left}", soft_wrap=True)
    out.print(f"  {f'{other}:':14} {difference.right}", soft_wrap=True)


def _as_json(
    compared: Compared,
    genesis: Preset,
    seed: int,
    calls: int,
    result: Result,
    unlooked: Counter[str],
    facts: list[Observation],
    replay: Path,
    *,
    holds: bool,
) -> dict[str, Any]:
    tally, failure = result.tally, result.failure
    return {
        "conforms": holds,
        "preset": genesis.name,
        "seed": str(seed),
        "calls_asked": calls,
        "compared": {
            "calls": tally.calls,
            "accepted": sum(tally.accepted.values()),
            "refused": sum(tally.refused.values()),
            "logs": tally.logs,
            "words": tally.words,
            "roots": tally.roots,
            **({"views": tally.views} if compared.is_target else {}),
        },
        **(_left_out_json(tally, unlooked, facts) if compared.is_target else {}),
        "accepted_by_function": dict(sorted(tally.accepted.items())),
        "refused_by_reason": dict(tally.refused_by_reason.most_common()),
        "facts": [
            {
                "statement": observation.fact.statement,
                "published": observation.fact.published,
                "grade": observation.fact.grade,
                "source": observation.fact.source,
                "observed": dict(observation.observed),
                "holds": observation.holds,
            }
            for observation in facts
        ],
        "divergence": None
        if failure is None
        else {
            "found_after": failure.found_after,
            "original_length": len(failure.original),
            "program": [describe(call) for call in failure.shrunk],
            "where": failure.divergence.difference.where,
            "specification": failure.divergence.difference.left,
            compared.name: failure.divergence.difference.right,
            "replay": str(replay),
        },
    }


def _left_out_json(tally: Tally, unlooked: Counter[str], facts: list[Observation]) -> dict[str, Any]:
    return {
        "left_out": {
            "calls": dict(tally.left_out.most_common()),
            "of_receipts": dict(unlooked.most_common()),
            "facts": [observation.fact.statement for observation in facts if observation.left_out],
        }
    }
