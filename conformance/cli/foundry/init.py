"""``diem foundry init``: the contracts in a project of Foundry."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.output import console, print_json
from conformance.foundry.kit import LIBRARY, contract_name, write_kit
from spec.parameters import load_preset


def command(
    folder: Annotated[Path, typer.Argument(help="The project; made if there is none.")],
    preset: Annotated[str, typer.Option(help="The state: a preset's name, or a file *.toml.")] = "snapshot-2026-09-19",
    example: Annotated[bool, typer.Option("--example", help="Write the worked example too, and its preset.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Put VVV, sVVV, DIEM and DailyCredits into a project of Foundry: interfaces, and a fixture for forge test.

    The library goes to lib/diem. In a test: import "diem/Snapshot20260919.sol", inherit from that contract, and call
    startVenice() in setUp. Another preset may be added by another call.

    Example: diem foundry init my-desk --example
    """
    parameters = load_preset(preset)
    written = write_kit(folder, parameters, example=example)
    name = contract_name(parameters)
    if json:
        print_json({"contract": name, "preset": parameters.name, "files": [str(path) for path in written]})
        return
    out = console()
    where = shlex.quote(str(folder))
    out.print(f"{folder}: {len(written)} files, the library in {folder / LIBRARY}", soft_wrap=True)
    out.print(f'import {{{name}}} from "diem/{name}.sol"; then run  cd {where} && forge test', soft_wrap=True)
