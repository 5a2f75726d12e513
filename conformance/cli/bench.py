"""``diem bench``: what things cost, side by side with a peer."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from conformance.bench import BENCHMARKS, Row
from conformance.cli.app import FAILS, HOLDS
from conformance.cli.output import console, print_json


def command(json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> int:
    """Measure us against a peer, on the same calls and in one run; fail where a promised ratio is missed.

    Rates are per second of processor time, the median of several rounds taken by turns.

    Example: diem bench --json
    """
    rows = [row for benchmark in BENCHMARKS for row in benchmark()]
    if json:
        print_json({"rows": [_as_json(row) for row in rows]})
    else:
        _print(rows)
    return HOLDS if all(row.at_least is None or row.ratio >= row.at_least for row in rows) else FAILS


def _as_json(row: Row) -> dict[str, str | float]:
    return {
        "name": row.name,
        "unit": row.unit,
        "ours": row.ours,
        "peer": row.peer,
        "peer_name": row.peer_name,
        "ratio": row.ratio,
    }


def _print(rows: list[Row]) -> None:
    table = Table("row", "unit", "ours", "peer", "", "ratio", "promised")
    for column in (2, 3, 5, 6):
        table.columns[column].justify = "right"
    for row in rows:
        promised = "" if row.at_least is None else f"at least {row.at_least:g}"
        table.add_row(
            row.name, row.unit, f"{row.ours:,.0f}", f"{row.peer:,.0f}", row.peer_name, f"{row.ratio:.2f}", promised
        )
    console().print(table)
