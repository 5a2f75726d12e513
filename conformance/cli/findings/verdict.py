"""``diem findings verdict``: say who is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.output import InputError, console, print_json
from conformance.findings.page import write_page
from conformance.findings.register import FILE, Verdict, existing


def command(
    folder: Annotated[Path, typer.Argument(help="A folder that diem conform --findings has written.")],
    divergence: Annotated[str, typer.Argument(help="The divergence, as diem findings list names it.")],
    verdict: Annotated[Verdict, typer.Option(help="Who is wrong.")],
    why: Annotated[str, typer.Option(help="The reason; needed unless it is open.")] = "",
    pinned_test: Annotated[str, typer.Option(metavar="TEST", help="The test that holds the verdict.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Enter a verdict on a divergence: the specification is wrong, the contract is, or the rules do not say.

    Example: diem findings verdict findings staking_finalizeUnstake_status_e2e4d0 --verdict "contract wrong"
    --why "the end of the cooldown is inclusive"
    """
    path = folder / FILE
    register = existing(path)
    entry = register.entry(path, divergence)
    if verdict is not Verdict.OPEN and not why.strip():
        raise InputError("--why: expected the reason of the verdict, found none")
    judged = entry.model_copy(update={"verdict": verdict, "why": why.strip(), "pinned_test": pinned_test})
    register.entries[entry.id] = judged
    register.write(path)
    write_page(folder, register)
    if json:
        print_json(judged.model_dump(mode="json"))
        return
    console().print(f"{entry.id}: {verdict}{f': {judged.why}' if judged.why else ''}", soft_wrap=True)
