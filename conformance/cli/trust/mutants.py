"""``diem trust mutants``: which planted faults the suite catches, and by which comparison."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from conformance.cli.app import BAD_INPUT, FAILS, HOLDS
from conformance.cli.output import InputError, check_writable, console, print_json
from conformance.trust.mutants.scores import PART, document, of_sides, with_others
from conformance.trust.mutants.scoring import NAMES
from conformance.trust.mutants.sides import SIDES, SideMissing, load_side
from conformance.trust.mutants.sides import Progress as Tell
from conformance.trust.scores_file import committed, differences, path_of, write_scores

if TYPE_CHECKING:
    from conformance.trust.mutants.running import Result
    from conformance.trust.mutants.sides import Side

SHOWN = 20
"""How many of the mutants that nobody can explain are printed."""


def command(
    side: Annotated[
        list[str] | None, typer.Option(metavar="SIDE", help=f"Only this one of {', '.join(SIDES)}; may be repeated.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="How many processes; one a core if not given.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Renew the committed scores, of the sides looked at.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Plant faults, one at a time, in bytecode, Solidity and specification, and see which the suite catches.

    The suite is recorded from the specification: vectors, published facts, random programs and directed ones. The
    scores say how many mutants are killed if only the status of calls is compared, then output too, logs, views, and
    all of storage. It fails where a mutant is neither killed nor listed with the reason why it cannot be told apart,
    where the list is wrong, or where the scores are not the committed ones. A side that cannot be looked at here is
    left out, and it is said why; if it was named, the exit status is 2.

    Example: diem trust mutants --side bytecode
    """
    sides = tuple(dict.fromkeys(side or SIDES))
    for name in sides:
        if name not in SIDES:
            raise InputError(f"--side: expected one of {', '.join(SIDES)}; found {name!r}")
    if write:
        check_writable(path_of(PART))
    out = console()
    found, missing, results = _run(sides, workers or os.cpu_count() or 1, quiet=json or not out.is_terminal)
    if write and results:
        write_scores(PART, with_others(found, committed(PART)))
    apart = list(differences(found, of_sides(committed(PART), results)))
    holds = bool(results) and all(result.holds for _, result in results.values()) and not apart
    if json:
        print_json({"holds": holds, **found, "sides_left_out": missing, "differences": apart})
    else:
        _print(out, found, missing, results, apart)
        out.print(_verdict(results, missing, holds=holds))
    if results and not holds:
        return FAILS
    return BAD_INPUT if side and missing else HOLDS


def _verdict(results: Collection[str], missing: Collection[str], *, holds: bool) -> str:
    """Return the last line, which claims nothing of a side that was left out."""
    if not results:
        return "NOT LOOKED AT"
    if not holds:
        return "NOT AS STATED"
    return f"AS STATED: the mutants of the {' and the '.join(results)}" if missing else "ALL AS STATED"


def _run(
    sides: tuple[str, ...], workers: int, *, quiet: bool
) -> tuple[dict[str, Any], dict[str, str], dict[str, tuple[Side, Result]]]:
    """Return the scores, which sides had to be left out and why, and the sides with their results."""
    try:
        import conformance.machines.pyrevm  # noqa: F401
    except ImportError as error:
        raise InputError(f"mutants run in pyrevm: {error}") from None
    from conformance.trust.mutants.running import run
    from conformance.trust.mutants.suite import suite

    programs = suite()
    results: dict[str, tuple[Side, Result]] = {}
    missing: dict[str, str] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
        for name in sides:
            tell = _teller(bar, name)
            try:
                made = load_side(name, programs, workers, tell)
            except SideMissing as error:
                missing[name] = str(error)
                continue
            results[name] = made, run(made, programs, workers, tell)
    return document(programs, results), missing, results


def _teller(bar: Progress, side: str) -> Tell:
    tasks: dict[str, Any] = {}

    def tell(doing: str, done: int, total: int) -> None:
        if doing not in tasks:
            tasks[doing] = bar.add_task(f"{side}: {doing}", total=total)
        bar.update(tasks[doing], completed=done)

    return tell


def _print(
    out: Console,
    found: dict[str, Any],
    missing: dict[str, str],
    results: Mapping[str, tuple[Side, Result]],
    apart: list[str],
) -> None:
    suite = found["suite"]
    out.print(f"suite: {suite['programs']:,} programs, {suite['calls']:,} calls, {suite['views']:,} views after them")
    if results:
        out.print(_table("Killed, if only this and what stands to its left is compared", "side", found["sides"]))
        out.print(_table("By kind", "kind", found["kinds"]))
        out.print(_table("By contract", "contract", found["by_contract"]))
        out.print(_survivors(found["survivors"]))
    for name, (side, result) in results.items():
        for what, count in side.left_out.items():
            out.print(f"{name}: {count:,} {what}", soft_wrap=True)
        for line in result.stale:
            out.print(f"{name}: {line}", soft_wrap=True)
        for verdict in result.unexplained[:SHOWN]:
            out.print(f"UNEXPLAINED: {verdict.mutant.describe()}", soft_wrap=True)
        if len(result.unexplained) > SHOWN:
            out.print(f"UNEXPLAINED: {len(result.unexplained) - SHOWN} more")
    for why in missing.values():
        out.print(f"LEFT OUT: {why}", soft_wrap=True)
    for difference in apart:
        out.print(f"DIFFERS from the committed scores: {difference}", soft_wrap=True)


def _table(title: str, name: str, rows: list[dict[str, Any]]) -> Table:
    columns = dict.fromkeys(("side", name))
    table = Table(*columns, "mutants", *NAMES, "listed", "unexplained", title=title, title_justify="left")
    for column in table.columns[len(columns) :]:
        column.justify = "right"
    for row in rows:
        counts = (row["mutants"], *row["killed"].values(), row["indistinguishable"], row["unexplained"])
        table.add_row(*(row[column] for column in columns), *(f"{count:,}" for count in counts))
    return table


def _survivors(rows: list[dict[str, Any]]) -> Table:
    table = Table("side", "contract", "mutants", "category", "why", title="Not killed", title_justify="left")
    table.columns[2].justify = "right"
    for row in rows:
        table.add_row(row["side"], row["contract"], f"{len(row['places']):,}", row["category"], row["why"])
    return table
