"""``diem bench``: what things cost, side by side with a peer."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from conformance.bench import BENCHMARKS, Finding, LeftOut, Note, Row
from conformance.cli.app import BAD_INPUT, FAILS, HOLDS
from conformance.cli.output import InputError, console, print_json


def command(
    only: Annotated[list[str] | None, typer.Option(help="Measure these rows only (repeatable).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Measure us against a peer, on the same work and in one run; fail where a promised ratio is missed.

    A rate is per second, the median of several rounds taken by turns: of processor time, or where the unit says so, of
    time by the clock, because more than one process works.

    A row that cannot be measured here is left out, and it is said why; if it was named, the exit status is 2.

    Example: diem bench --only ledger.import --json
    """
    found = [finding for name in _chosen(only) for finding in BENCHMARKS[name]()]
    if json:
        print_json(_as_json(found))
    else:
        _print(found)
    if not all(row.holds for row in _rows(found)):
        return FAILS
    return BAD_INPUT if only and _left_out(found) else HOLDS


def _chosen(only: list[str] | None) -> list[str]:
    for name in only or ():
        if name not in BENCHMARKS:
            raise InputError(f"row {name!r}: expected one of {', '.join(BENCHMARKS)}")
    return [name for name in BENCHMARKS if not only or name in only]


def _rows(found: list[Finding]) -> list[Row]:
    return [finding for finding in found if isinstance(finding, Row)]


def _left_out(found: list[Finding]) -> list[LeftOut]:
    return [finding for finding in found if isinstance(finding, LeftOut)]


def _as_json(found: list[Finding]) -> dict[str, list[dict[str, object]]]:
    rows = [row._asdict() | {"holds": row.holds} for row in _rows(found)]
    return {
        "rows": rows,
        "notes": [finding._asdict() for finding in found if isinstance(finding, Note)],
        "left_out": [finding._asdict() for finding in _left_out(found)],
    }


def _print(found: list[Finding]) -> None:
    table = Table("row", "unit", "ours", "peer", "", "ratio", "promised")
    for column in (2, 3, 5, 6):
        table.columns[column].justify = "right"
    for row in _rows(found):
        table.add_row(
            row.name, row.unit, f"{row.ours:,.0f}", f"{row.peer:,.0f}", row.peer_name, f"{row.ratio:.2f}", row.promise
        )
    if table.rows:
        console().print(table)
    for finding in found:
        if isinstance(finding, Note):
            console().print(f"{finding.name}: {finding.what}: {finding.amount:,.0f} {finding.unit}")
        elif isinstance(finding, LeftOut):
            console().print(f"{finding.name}: left out: {finding.reason}")
