"""``diem findings list``: the divergences of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from conformance.cli.output import console, print_json
from conformance.findings.register import FILE, existing


def command(
    folder: Annotated[Path, typer.Argument(help="A folder that diem conform --findings has written.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the divergences of a folder, with both answers and the verdicts.

    Example: diem findings list findings
    """
    entries = existing(folder / FILE).entries.values()
    if json:
        print_json({"divergences": [entry.model_dump(mode="json") for entry in entries]})
        return
    table = Table("divergence", "first difference", "specification", "bytecode", "found", "verdict")
    for column in table.columns:
        column.overflow = "fold"  # two outputs often differ in their last digits only
    out = console()
    # In one piece where there is room, to be copied: diem findings verdict asks for it.
    table.columns[0].no_wrap = 2 * max((len(entry.id) for entry in entries), default=0) < out.width
    for entry in entries:
        verdict = f"{entry.verdict}{f': {entry.why}' if entry.why else ''}"
        table.add_row(entry.id, entry.where, entry.specification, entry.bytecode, str(entry.times_found), verdict)
    out.print(table)
