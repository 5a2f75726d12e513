"""``diem findings state``: the tests of a folder on other contracts."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.compared import Compared
from conformance.cli.output import console, print_json
from conformance.findings.register import FILE, existing
from conformance.findings.subject import subject_of
from conformance.findings.writing import write_state
from spec.parameters import load_preset


def command(
    folder: Annotated[Path, typer.Argument(help="A folder that diem conform --findings has written.")],
    preset: Annotated[str, typer.Option(help="The preset of the findings: its name, or a file *.toml.")],
    artifacts: Annotated[Path | None, typer.Option(help="A folder of artifacts.")] = None,
    target: Annotated[Path | None, typer.Option(help="A file *.toml that describes contracts of your own.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write the state of other contracts, such as mended ones, on which forge can run the tests of a folder.

    Example: diem findings state findings --preset launch --artifacts mended
    """
    entries = existing(folder / FILE).entries.values()
    compared = Compared(artifacts, target)
    genesis = load_preset(preset)
    path = write_state(folder, subject_of(genesis, preset, "", compared.name, artifacts, compared.target))
    if json:
        print_json({"folder": str(folder), "state": path})
        return
    mine = [entry.id for entry in entries if entry.preset == genesis.name]
    # The others start from the states of their own presets.
    only = f" --match-contract {shlex.quote('|'.join(mine))}" if len(mine) < len(entries) else ""
    out = console()
    if mine:
        out.print(f"run  cd {shlex.quote(str(folder))} && STATE={path} forge test{only}", soft_wrap=True)
    else:
        out.print(f"{path}: no finding of {folder} is of preset {genesis.name}", soft_wrap=True)
