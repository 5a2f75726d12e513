"""`diem vectors consume`: vectors against a program, a node or one of our machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from conformance.artifact import load_artifacts
from conformance.cli.app import FAILS, HOLDS
from conformance.cli.output import InputError, check_writable, console, print_json, write_file
from conformance.vectors.consume import consume
from conformance.vectors.executors import EXECUTORS, PyEvmExecutor
from conformance.vectors.library import CORE, open_library
from conformance.vectors.reasons import read_reasons
from conformance.vectors.report import Report, as_json, as_junit, lines, table
from conformance.vectors.targets.machine import MachineTarget
from conformance.vectors.targets.program import ProgramTarget
from conformance.vectors.targets.target import Target

MACHINES = ", ".join(EXECUTORS)


def command(
    vectors: Annotated[
        Path, typer.Argument(help="A folder or .tar.gz of vectors.", show_default="the core set, which comes with this")
    ] = CORE,
    program: Annotated[
        str | None,
        typer.Option(metavar="COMMAND", help="The command line of a program that answers, one JSON object a line."),
    ] = None,
    machine: Annotated[str | None, typer.Option(help=f"One of our own machines: {MACHINES}.")] = None,
    rpc: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A node with anvil's methods, started with --timestamp 0; its state is lost."),
    ] = None,
    artifacts: Annotated[
        Path | None, typer.Option(help="A folder of artifacts that py-evm runs in place of ours.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="PREFIX", help="Vectors whose names begin so; may be repeated.")
    ] = None,
    errors: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A TOML file: the client's names for reasons, and ours.")
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=0.05, max=3600, help="Seconds for an answer, and for the greeting.")
    ] = 10,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JUnit report as well.")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json-file", metavar="FILE", help="Write the JSON report as well.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, with all integers as strings.")] = False,
) -> int:
    """Put vectors to a program, and say which it passes, which it fails and where, and what it was not asked.

    Exit status: 0 something was compared and nothing failed, 1 it was not so, 2 bad input.

    Example: diem vectors consume --program "python my_client.py" --only component/quote

    What the program reads and writes is described in docs/vectors/PROTOCOL.md.
    """
    if sum(given is not None for given in (program, machine, rpc)) != 1:
        raise InputError("expected one of --program, --machine and --rpc")
    if artifacts is not None and machine != PyEvmExecutor.name:
        raise InputError("--artifacts: expected --machine py-evm; only it runs bytecode")
    if errors is not None and program is None:
        raise InputError("--errors: expected --program; bytecode has our names for reasons")
    for path in (junit, json_file):
        if path is not None:
            check_writable(path)
    library = open_library(vectors)
    started = monotonic()
    target = _target(program, machine, rpc, artifacts, timeout, errors)
    try:
        entries = list(library.entries(tuple(only or ())))
        if not entries:
            raise InputError(f"--only: expected the beginning of a vector's name, found {', '.join(only or ())!r}")
        with _bar(len(entries), quiet=json) as progress:
            outcomes = consume(target, entries, progress)
    finally:
        target.close()
    compared = tuple(sorted(target.judge.parts))
    report = Report(library.version, library.root, target.name, compared, outcomes, monotonic() - started)
    if junit is not None:
        write_file(str(junit), as_junit(report))
    if json_file is not None:
        write_file(str(json_file), _encoded(report))
    if json:
        print_json(as_json(report))
    else:
        _print(console(), report)
    return HOLDS if report.holds else FAILS


def _target(
    program: str | None,
    machine: str | None,
    rpc: str | None,
    artifacts: Path | None,
    timeout: float,
    errors: Path | None,
) -> Target:
    if program is not None:
        return ProgramTarget(program, timeout, read_reasons(errors) if errors is not None else None)
    if rpc is not None:
        from conformance.vectors.node import running_node

        return MachineTarget(running_node(rpc))
    if machine not in EXECUTORS:
        raise InputError(f"machine {machine!r}: expected one of {MACHINES}")
    if artifacts is not None:
        return MachineTarget(PyEvmExecutor(load_artifacts(artifacts)))
    return MachineTarget(EXECUTORS[machine]())


@contextmanager
def _bar(total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many vectors are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    terminal = Console(stderr=True)
    with Progress(*columns, console=terminal, transient=True, disable=quiet or not terminal.is_terminal) as bar:
        task = bar.add_task("vectors", total=total)
        yield lambda done: bar.update(task, completed=done)


def _encoded(report: Report) -> bytes:
    import json

    return f"{json.dumps(as_json(report), indent=2, ensure_ascii=False)}\n".encode()


def _print(out: Console, report: Report) -> None:
    out.print(f"vectors {report.vectors}, root {report.root}", soft_wrap=True)
    out.print(f"client {report.target}, which answers {', '.join(report.parts)}", soft_wrap=True)
    out.print(table(report))
    for line in lines(report):
        out.print(line, soft_wrap=True)
