"""``diem trust saboteurs``: whether the comparison catches machines that lie, and how soon."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from conformance.cli.app import FAILS, HOLDS
from conformance.cli.output import check_writable, console, print_json
from conformance.trust.saboteurs import LIARS
from conformance.trust.saboteurs.scores import document
from conformance.trust.saboteurs.trial import CALLS, PRESET, SEED, Verdict, verdicts
from conformance.trust.scores_file import committed, differences, path_of, write_scores

PART = "saboteurs"


def command(
    write: Annotated[bool, typer.Option("--write", help="Renew the committed scores.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Put machines that lie, each in its own way, to the comparison, which has to catch all of them.

    One refuses everything, one stores a word that no view shows, one pays the fee to the wrong account, one is right
    until the 500th call. The honest machine has to pass. It fails where one does not fare so, or otherwise than in the
    committed scores.

    Example: diem trust saboteurs
    """
    if write:
        check_writable(path_of(PART))
    out = console()
    found = _tried(quiet=json or not out.is_terminal)
    scores = document(found)
    if write:
        write_scores(PART, scores)
    apart = list(differences(scores, committed(PART)))
    holds = not apart and all(verdict.as_it_has_to_be for verdict in found)
    if json:
        print_json({"holds": holds, **scores, "differences": apart})
    else:
        _print(out, found, apart, holds=holds)
    return HOLDS if holds else FAILS


def _tried(*, quiet: bool) -> list[Verdict]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
        task = bar.add_task("", total=len(LIARS) + 1)
        found = []
        for verdict in verdicts(lambda name: bar.update(task, description=name)):
            found.append(verdict)
            bar.advance(task)
        return found


def _print(out: Console, found: list[Verdict], apart: list[str], *, holds: bool) -> None:
    out.print(_table(found))
    for difference in apart:
        out.print(f"DIFFERS from the committed scores: {difference}", soft_wrap=True)
    caught = sum(verdict.caught for verdict in found)
    passed = "the honest one passes" if not found[-1].caught else "THE HONEST ONE IS CAUGHT"
    verdict = "ALL AS STATED" if holds else "NOT AS STATED"
    out.print(f"{verdict}: {caught} of {len(found) - 1} machines that lie are caught, {passed}")


def _table(found: list[Verdict]) -> Table:
    title = f"Machines that lie, preset {PRESET}, seed {SEED}, up to {CALLS:,} calls"
    table = Table(
        "machine", "what it does", "caught after", "by comparing", "first difference", title=title, title_justify="left"
    )
    for column in table.columns:
        column.overflow = "fold"
    table.columns[2].justify = "right"
    for row in found:
        table.add_row(row.machine, row.does, *_cells(row))
    return table


def _cells(row: Verdict) -> tuple[Any, ...]:
    if row.caught:
        return f"{row.calls:,} {'call' if row.calls == 1 else 'calls'}", row.level, row.where
    return ("passed", "", "") if row.as_it_has_to_be else (f"NOT in {row.calls:,} calls", "", "")
