"""``diem conform``: the specification in lockstep with the bytecode."""

from __future__ import annotations

import secrets
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from conformance.artifact import load_artifacts
from conformance.cli.app import FAILS, HOLDS
from conformance.cli.output import check_writable, console, print_json, write_file
from conformance.conform import Conformance, Failure, Result
from conformance.facts import Observation, observe_facts
from conformance.lockstep import Tally, function_name
from conformance.machines.py_evm import PyEvmMachine
from conformance.machines.specification import SpecificationMachine
from conformance.programs.as_scenario import as_scenario, describe
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
    save: Annotated[Path | None, typer.Option(help="Where to write the scenario that replays a failure.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Compare the specification with the compiled contracts in py-evm, call by call.

    Status, output, logs and every storage word written are compared after each call, the storage roots of all contracts
    after each program of calls; then the published facts are looked at on both.

    Example: diem conform --calls 5000 --seed 7 --preset launch
    """
    genesis = load_preset(preset)
    compiled = load_artifacts(artifacts)
    seed = secrets.randbelow(2**32) if seed is None else seed
    replay = save or Path(f"divergence-{genesis.name}-{seed}.yaml")
    check_writable(replay)
    started = monotonic()
    out = console()
    if not json:
        out.print(f"preset {genesis.name}: {genesis.description}")
        again = f"diem conform --calls {calls} --seed {seed} --preset {preset}{_using(artifacts)}"
        out.print(f"seed {seed}; repeat with: {again}", soft_wrap=True)
    result = _run(out, Conformance(genesis, PyEvmMachine(genesis, compiled)), calls, seed, quiet=json)
    facts = list(observe_facts(lambda of: [SpecificationMachine(of), PyEvmMachine(of, compiled)]))
    _save_replay(result.failure, preset, genesis, seed, replay)
    holds = result.failure is None and all(fact.holds for fact in facts)
    if json:
        print_json(_as_json(genesis, seed, calls, result, facts, replay, holds=holds))
    else:
        _print_report(out, result, facts, replay, artifacts, monotonic() - started)
    return HOLDS if holds else FAILS


def _run(out: Console, conformance: Conformance, calls: int, seed: int, *, quiet: bool) -> Result:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet or not out.is_terminal) as bar:
        task = bar.add_task("calls compared", total=calls)
        return conformance.run(calls, seed, lambda done: bar.update(task, completed=done))


def _save_replay(failure: Failure | None, preset: str, genesis: Preset, seed: int, path: Path) -> None:
    """Write the shrunk program, if there is one, as a scenario."""
    if failure is None:
        return
    name = str(Path(preset).resolve()) if preset.endswith(".toml") else preset
    title = f"divergence at {failure.divergence.difference.where}, found with seed {seed}"
    write_file(str(path), as_scenario(title, name, genesis, failure.shrunk).encode())


def _print_report(
    out: Console, result: Result, facts: list[Observation], replay: Path, artifacts: Path | None, seconds: float
) -> None:
    tally = result.tally
    out.print(_compared(tally))
    out.print(_refusals(tally))
    out.print(_functions(tally))
    out.print(_facts(facts))
    wrong = [fact for fact in facts if not fact.holds]
    if result.failure is not None:
        _print_failure(out, result.failure, replay, artifacts)
    for observation in wrong:
        shown = ", ".join(f"{machine} shows {value}" for machine, value in observation.observed.items())
        published = f"{observation.fact.statement}: {observation.fact.published} published"
        out.print(f"FACT DOES NOT HOLD: {published}, {shown}", soft_wrap=True)
    if result.failure is None and not wrong:
        out.print(
            f"CONFORMS: {tally.calls} calls answered alike, {tally.roots} storage roots equal, "
            f"{len(facts)} published facts hold on both machines ({seconds:.0f} s)"
        )
    else:
        out.print(f"DOES NOT CONFORM ({seconds:.0f} s)")


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
    machines = list(facts[0].observed)
    table = Table(
        "", "published fact", "value", "grade", "source", title="Published facts, on " + " and ".join(machines)
    )
    table.title_justify = "left"
    for observation in facts:
        fact = observation.fact
        table.add_row("ok" if observation.holds else "NO", fact.statement, fact.published, fact.grade, fact.source)
    return table


def _print_failure(out: Console, failure: Failure, replay: Path, artifacts: Path | None) -> None:
    difference = failure.divergence.difference
    out.print(f"DIVERGENCE after {failure.found_after} calls, in {function_name(failure.divergence.call)}")
    out.print(f"The program of {len(failure.original)} calls was shrunk to {len(failure.shrunk)}:")
    for number, call in enumerate(failure.shrunk):
        out.print(f"  {number}: {describe(call)}", soft_wrap=True)
    out.print(f"First difference: {difference.where}")
    out.print(f"  specification: {difference.left}", soft_wrap=True)
    out.print(f"  py-evm:        {difference.right}", soft_wrap=True)
    again = f"diem run {replay} --machine specification --machine py-evm{_using(artifacts)}"
    out.print(f"Replay with: {again}", soft_wrap=True)


def _using(artifacts: Path | None) -> str:
    return f" --artifacts {artifacts}" if artifacts else ""


def _as_json(
    genesis: Preset,
    seed: int,
    calls: int,
    result: Result,
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
        },
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
            "py-evm": failure.divergence.difference.right,
            "replay": str(replay),
        },
    }
