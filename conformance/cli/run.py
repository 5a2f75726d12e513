"""`diem run`: a scenario on one or several machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from conformance.artifact import load_artifacts
from conformance.cli.app import FAILS, HOLDS
from conformance.cli.output import InputError, console, print_json
from conformance.comparison import Difference
from conformance.machines import Listing
from conformance.machines.by_name import MACHINES, SPECIFICATION, TARGET, machine_names, machines_by_name
from conformance.scenario import Outcome, read_scenario, run_scenario
from conformance.scenario.document import bundled, load
from conformance.scenario.interfaces import Member, decode_log, decode_results, inputs
from conformance.scenario.names import Names
from conformance.scenario.reader import Invocation, Step
from conformance.scenario.runner import Failure, StepOutcome, show_log, show_output, show_status
from conformance.scenario.times import format_duration, format_instant
from conformance.target import TargetMachine
from conformance.target.genesis import genesis_differences
from conformance.target.observation import ByViews
from spec.messages import Log, Receipt
from spec.parameters import Preset
from spec.quantities import format_address

INDENT = 4
AT_GENESIS = "genesis"
"""The place of what is not as expected before any step."""


def command(
    scenario: Annotated[
        str | None, typer.Argument(help="A file *.yaml or *.json, or the name of a bundled one.")
    ] = None,
    machine: Annotated[
        list[str] | None,
        typer.Option(help=f"One of {', '.join(MACHINES)}, target, both (specification and py-evm); may be repeated."),
    ] = None,
    artifacts: Annotated[
        Path | None, typer.Option(help="A folder of artifacts that an EVM runs in place of those of their names.")
    ] = None,
    target: Annotated[
        Path | None, typer.Option(help="A file *.toml that describes contracts of your own, for --machine target.")
    ] = None,
    list_bundled: Annotated[bool, typer.Option("--list", help="List the scenarios that come with this.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all integers as strings.")] = False,
) -> int:
    """Run a scenario: its calls, and whether they come to what it expects. On several machines, compare them as well.

    Example: diem run life-of-one-diem --machine both

    The format is described in docs/SCENARIOS.md.
    """
    if list_bundled:
        _list(as_json)
        return HOLDS
    if scenario is None:
        raise InputError("expected a scenario, or --list")
    names = machine_names(machine or [SPECIFICATION])
    if artifacts is not None and names == (SPECIFICATION,):
        raise InputError("--artifacts: expected --machine py-evm or pyrevm as well; the specification runs no bytecode")
    if target is not None and TARGET not in names:
        raise InputError("--target: expected --machine target as well")
    story = read_scenario(scenario)
    compiled = load_artifacts(artifacts) if artifacts is not None else None
    machines = machines_by_name(names, story.preset, compiled, target)

    def at_genesis(machine: Listing) -> Difference | None:
        """Return how a machine beside another one differs from the specification; one alone is what it is."""
        return next(genesis_differences(machine, story.preset), None) if len(machines) > 1 else None

    outcome = run_scenario(story, machines, at_genesis, _observers(machines, story.preset))
    if as_json:
        print_json(_as_json(outcome))
    else:
        _print(outcome)
    return HOLDS if outcome.holds else FAILS


def _observers(machines: Sequence[Listing], preset: Preset) -> dict[str, ByViews]:
    """Return what compares the targets without known words with the specification; nothing, of a machine alone."""
    targets = [machine for machine in machines if isinstance(machine, TargetMachine) and machine.by_views]
    if len(machines) == 1:
        return {}
    return {machine.name: ByViews(machine.specification, machine, preset) for machine in targets}


def _list(as_json: bool) -> None:
    titles = {name: load(path).title for name, path in bundled().items()}
    if as_json:
        print_json(titles)
        return
    out = console()
    width = max(map(len, titles), default=0)
    for name, title in titles.items():
        out.print(f"{name:{width}}  {title}")


def _print(outcome: Outcome) -> None:
    out = console()
    story = outcome.scenario
    out.print(Text(story.title, style="bold"))
    if story.description:
        out.print(_prose(out, story.description))
    out.print(f"preset {story.preset.name}, on {', '.join(outcome.machines)}")
    for failure in outcome.at_genesis:
        _indented(out, _failed(AT_GENESIS, failure, ()), style="bold red")
    for step in outcome.steps:
        out.print()
        _print_step(out, step, story.names)
    out.print()
    style = "bold green" if outcome.holds else "bold red"
    out.print(Text(_summary(outcome), style=style), soft_wrap=not out.is_terminal)


def _print_step(out: Console, outcome: StepOutcome, names: Names) -> None:
    step = outcome.step
    when = f"{step.place}  {format_instant(step.time)}  +{format_duration(step.elapsed)}"
    line = Text(when, style="cyan")
    receipt = outcome.first.receipt
    if step.invocation is not None and receipt is not None:
        line.append(f"  {show_call(step.invocation, names)} ", style="default")
        line.append(_result(step.invocation, receipt, names), style="green" if receipt.status else "yellow")
    out.print(line, soft_wrap=not out.is_terminal)
    if step.note:
        _indented(out, _prose(out, step.note), style="dim")
    for log in receipt.logs if receipt else ():
        _indented(out, f"emits {show_log(log, names)}")
    for state in outcome.first.state:
        _indented(out, f"{state.text} = {state.value}")
    for failure, where in outcome.failures.items():
        _indented(out, failure_line(step, failure, where if len(outcome.by_machine) > 1 else ()), style="bold red")


def _result(invocation: Invocation, receipt: Receipt, names: Names) -> str:
    if not receipt.status:
        return show_status(receipt)
    output = show_output(invocation, receipt, names) if receipt.output else ""
    return f"returns {output}" if output else "ok"


def _indented(out: Console, text: str, style: str = "") -> None:
    if out.is_terminal:
        out.print(Padding(Text(text, style=style), (0, 0, 0, INDENT)))
        return
    for line in text.splitlines():  # whole lines, which can be searched
        out.print(" " * INDENT + line, soft_wrap=True)


def _prose(out: Console, text: str) -> str:
    """Return a text of the scenario: nothing in it that a terminal obeys, and on a terminal one flowing paragraph."""
    plain = "".join(character if character.isprintable() or character == "\n" else " " for character in text).strip()
    return " ".join(plain.split()) if out.is_terminal else plain


def failure_line(step: Step, failure: Failure, machines: tuple[str, ...]) -> str:
    """Return what was not as expected, and where."""
    return _failed(step.place, failure, machines)


def _failed(place: str, failure: Failure, machines: tuple[str, ...]) -> str:
    where = f" (on {', '.join(machines)})" if machines else ""
    return f"FAILED {place}: {failure.what}{where}: expected {failure.expected}, found {failure.found}"


def show_call(invocation: Invocation, names: Names) -> str:
    """Return who calls what."""
    call, contract = invocation.call, invocation.contract
    value = f" with {call.value} wei" if call.value else ""
    if invocation.function is None or invocation.arguments is None:
        return f"{invocation.sender}: {contract.name} raw 0x{call.data.hex()}{value}"
    member = inputs(contract, invocation.function)
    arguments = ", ".join(_labelled(member, i, argument, names) for i, argument in enumerate(invocation.arguments))
    return f"{invocation.sender}: {contract.name}.{invocation.function.name}({arguments}){value}"


def _labelled(member: Member, index: int, argument: Any, names: Names) -> str:
    return f"{member.parameters[index].name}: {member.show(argument, index, names)}"


def _summary(outcome: Outcome) -> str:
    checks, calls = outcome.scenario.checks, outcome.calls
    if not outcome.holds:
        places = [step.step.place for step in outcome.steps if step.failures]
        where = ", ".join([AT_GENESIS, *places] if outcome.at_genesis else places)
        return f"failed: {_count(outcome.failures, 'thing')} not as expected, in {where}"
    parts = [f"{_count(checks, 'check')} and {_count(calls, 'call')}" if checks else f"{_count(calls, 'call')}"]
    if len(outcome.machines) > 1:
        views = f", and in the views of {', '.join(outcome.by_views)}" if outcome.by_views else ""
        parts.append(f"{' and '.join(outcome.machines)} agree in every status, output, log and word written{views}")
    if not checks:
        parts.append("nothing was checked, apart from that no call was refused" if calls else "nothing was checked")
    return f"passed: {'; '.join(parts)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _as_json(outcome: Outcome) -> dict[str, Any]:
    story = outcome.scenario
    return {
        "scenario": story.file,
        "title": story.title,
        "description": story.description,
        "preset": story.preset.name,
        "machines": list(outcome.machines),
        "accounts": {name: format_address(address) for name, address in story.names.addresses.items()},
        "genesis": [failure._asdict() for failure in outcome.at_genesis],
        "steps": [_step_json(step, story.names) for step in outcome.steps],
        "calls": str(outcome.calls),
        "checks": str(story.checks),
        "failures": str(outcome.failures),
        "holds": outcome.holds,
        "summary": _summary(outcome),
    }


def _step_json(outcome: StepOutcome, names: Names) -> dict[str, Any]:
    step = outcome.step
    return {
        "step": step.place,
        "time": str(step.time),
        "time_utc": format_instant(step.time),
        "elapsed": str(step.elapsed),
        "note": step.note,
        "call": _call_json(step.invocation, names) if step.invocation else None,
        "results": {
            name: {
                "receipt": _receipt_json(step.invocation, done.receipt, names)
                if step.invocation and done.receipt
                else None,
                "state": {state.text: state.value for state in done.state},
            }
            for name, done in outcome.by_machine.items()
        },
        "failures": [
            {**failure._asdict(), "machines": list(machines)} for failure, machines in outcome.failures.items()
        ],
    }


def _call_json(invocation: Invocation, names: Names) -> dict[str, Any]:
    call, function = invocation.call, invocation.function
    return {
        "from": invocation.sender,
        "to": invocation.contract.name,
        "function": function.signature if function else None,
        "arguments": None if invocation.arguments is None else [_exact(value) for value in invocation.arguments],
        "value": str(call.value),
        "data": f"0x{call.data.hex()}",
        "shown": show_call(invocation, names),
    }


def _receipt_json(invocation: Invocation, receipt: Receipt, names: Names) -> dict[str, Any]:
    values = decode_results(invocation.function, receipt.output) if invocation.function and receipt.status else None
    return {
        "status": receipt.status,
        "reason": None if receipt.status else show_status(receipt).removeprefix("reverts "),
        "output": f"0x{receipt.output.hex()}",
        "returns": None if values is None else [_exact(value) for value in values],
        "events": [_log_json(log, names) for log in receipt.logs],
    }


def _log_json(log: Log, names: Names) -> dict[str, Any]:
    decoded = decode_log(log)
    return {
        "address": format_address(log.address),
        "topics": [f"0x{topic.hex()}" for topic in log.topics],
        "data": f"0x{log.data.hex()}",
        "event": f"{decoded.contract}.{decoded.event.name}" if decoded else None,
        "arguments": {
            parameter.name: _exact(value)
            for parameter, value in zip(decoded.event.parameters, decoded.arguments, strict=True)
        }
        if decoded
        else None,
        "shown": show_log(log, names),
    }


def _exact(value: Any) -> Any:
    """Return an ABI value for machines: integers as strings, bytes and addresses in hexadecimal."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    return [_exact(item) for item in value]
