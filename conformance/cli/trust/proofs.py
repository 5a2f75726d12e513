"""`diem trust proofs`: what of the curve and the locks is proved for all inputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from conformance.cli.app import FAILS, HOLDS
from conformance.cli.output import InputError, check_writable, console, print_json
from conformance.trust.scores_file import committed, path_of, write_scores

if TYPE_CHECKING:
    from conformance.trust.proofs.checking import Results

COLUMNS: Final = {
    "theorems": ("name", "card", "statement", "bounds", "verdict", "claims", "seconds"),
    "lemmas": ("name", "statement", "verdict", "claims", "seconds"),
    "faults": ("name", "change", "verdict", "confirmed", "counterexample", "lemma", "lemma_verdict"),
    "limits": ("name", "statement", "verdict", "confirmed", "counterexample"),
}
TITLES: Final = {
    "theorems": "Proved for all inputs within the bounds",
    "lemmas": "Lemmas",
    "faults": "Faults planted in the specification, which have to be found",
    "limits": "What does not hold of the specification as it stands, with an example",
}


def command(
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this theorem, fault or limit; may be repeated.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Renew the committed scores.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Prove anew what is stated of the curve and the locks, of the specification's own source, with the solver z3.

    Refuted anew, by counterexamples which are then run: faults planted in the source, and what does not hold. It fails
    where a theorem is not proved, one of the others is not refuted, or the verdicts are not the committed ones.

    Example: diem trust proofs --only curve --only quote-up
    """
    results, found, expected, apart = _compute(only, write=write, quiet=json)
    holds = results.hold and not apart
    if json:
        print_json({"holds": holds, **found, "differences": apart})
    else:
        _print(console(), found, expected, apart, holds=holds)
    return HOLDS if holds else FAILS


def _compute(only: list[str] | None, *, write: bool, quiet: bool) -> tuple[Results, Any, Any, list[str]]:
    """Return the results, the scores that they come to, the committed ones, and where the two differ."""
    try:
        from conformance.trust.proofs import checking
        from conformance.trust.proofs.processes import in_processes
        from conformance.trust.proofs.scores import PART, apart, document
    except ModuleNotFoundError as error:
        if error.name != "z3":
            raise
        raise InputError("expected the solver z3 to be installed: pip install 'vvv-diem-ledger[proofs]'") from None
    for name in only or ():
        if name not in checking.KEYS:
            raise InputError(f"--only: expected one of {', '.join(checking.KEYS)}; found {name!r}")
    if write and only:
        raise InputError("--write: expected no --only with it, for the scores are written as a whole")
    if write:
        check_writable(path_of(PART))
    keys = tuple(only or checking.KEYS)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), disable=quiet or not console().is_terminal) as bar:
        task = bar.add_task("asking the solver", total=None)

        def answers(tasks: list[Any]) -> Iterable[Any]:
            bar.update(task, total=len(tasks))
            return in_processes(tasks, lambda: bar.advance(task))

        results = checking.check(keys, answers)
    found = document(results)
    if write:
        write_scores(PART, found)
    expected = committed(PART)
    return results, found, expected, list(apart(found, expected, all_of_them=not only))


def _print(out: Console, found: dict[str, Any], expected: dict[str, Any], apart: list[str], *, holds: bool) -> None:
    for name, columns in COLUMNS.items():
        if found[name]:
            out.print(_table(TITLES[name], columns, found[name]))
    out.print(f"{found['solver']}; the committed scores are of {expected.get('solver', 'no solver')}")
    for difference in apart:
        out.print(f"DIFFERS from the committed scores: {difference}", soft_wrap=True)
    out.print("ALL AS STATED" if holds else "NOT AS STATED", style="bold")


def _table(title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> Table:
    table = Table(*(column.replace("_", " ") for column in columns), title=title, title_justify="left", show_lines=True)
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    return table


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return "" if value is None else str(value)
