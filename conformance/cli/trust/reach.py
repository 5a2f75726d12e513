"""``diem trust reach``: what of the protocol, of the specification and of the bytecode a run gets to, and how often."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from conformance.cli.app import FAILS, HOLDS
from conformance.cli.output import InputError, check_writable, console, print_json
from conformance.trust.scores_file import committed, differences, path_of, write_scores
from spec.machine import CONTRACTS

if TYPE_CHECKING:
    from conformance.trust.reach.run import Reached
    from conformance.trust.reach.verdict import Verdict

PART = "reach"


def command(
    leave_out: Annotated[
        list[str] | None,
        typer.Option(metavar="CONTRACT.FUNCTION", help="Make no calls of this function; may be repeated."),
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="How many at once; as many as there are cores.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Renew the committed scores.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Count how often a run, the same every time, gets to every place there is.

    Places are each function's acceptance, each reason for which it can refuse, malformed calls, boundaries, and both
    ways of every branch of the specification and of the bytecode. What nothing can reach is listed, with the reason. It
    fails where a place is reached less often than stated, or one listed is reached, or the counts are not the committed
    ones. With calls left out it has to fail.

    Example: diem trust reach --leave-out staking.finalizeUnstake
    """
    left_out = _functions(leave_out or [])
    if write and left_out:
        raise InputError("--write: expected no --leave-out with it, for the scores are those of a whole run")
    if write:
        check_writable(path_of(PART))
    out = console()
    reached = _run(left_out, processes or os.cpu_count() or 1, quiet=json or not out.is_terminal)
    from conformance.trust.reach.scores import document
    from conformance.trust.reach.verdict import verdict

    found = verdict(reached)
    scores = document(reached, found)
    if write:
        write_scores(PART, scores)
    apart = [] if left_out else list(differences(scores, committed(PART)))
    holds = not found.faults and not apart
    if json:
        print_json({"holds": holds, **scores, "faults": list(found.faults), "differences": apart})
    else:
        _print(out, reached, found, apart, holds=holds)
    return HOLDS if holds else FAILS


def _functions(names: list[str]) -> frozenset[str]:
    """Return the functions of these names; InputError if there is none of one of them."""
    known = {f"{contract.name}.{function}" for contract in CONTRACTS.values() for function in contract.by_name}
    for name in names:
        if name not in known:
            raise InputError(f"--leave-out: expected a function such as staking.claim, found {name!r}")
    return frozenset(names)


def _run(left_out: frozenset[str], processes: int, *, quiet: bool) -> Reached:
    try:
        import coverage  # noqa: F401
    except ModuleNotFoundError:
        raise InputError("expected coverage to be installed: pip install 'vvv-diem-ledger[dev]'") from None
    from conformance.trust.reach.run import run
    from conformance.trust.reach.units import units

    parts = units()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
        task, calls = bar.add_task("0 calls", total=len(parts)), 0

        def advance(made: int) -> None:
            nonlocal calls
            calls += made
            bar.update(task, description=f"{calls:,} calls", advance=1)

        return run(parts, processes, left_out, advance)


def _print(out: Console, reached: Reached, found: Verdict, apart: list[str], *, holds: bool) -> None:
    out.print(_boundaries(found))
    out.print(_summary(found))
    for fault in found.faults:
        out.print(fault, soft_wrap=True)
    for difference in apart:
        out.print(f"DIFFERS from the committed scores: {difference}", soft_wrap=True)
    verdict = "ALL AS STATED" if holds else "NOT AS STATED"
    out.print(
        f"{verdict}: {reached.reach.calls:,} calls in lockstep, {len(found.unreachable)} places listed as unreachable"
    )


def _summary(found: Verdict) -> Table:
    from conformance.trust.reach.scores import summary
    from conformance.trust.reach.verdict import KINDS

    table = Table("places", "there are", "reached", "unreachable", "missing", title="Reach", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for kind in KINDS:
        row = summary(found, kind)
        missing = row["places"] - row["reached"] - row["unreachable"]
        table.add_row(kind, *(f"{count:,}" for count in (row["places"], row["reached"], row["unreachable"], missing)))
    return table


def _boundaries(found: Verdict) -> Table:
    from conformance.trust.reach.verdict import BOUNDARY

    table = Table("boundary", "calls at it", "at least", title="Boundaries", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for place in found.of(BOUNDARY):
        table.add_row(place.name, f"{place.hits:,}", str(place.least))
    return table
