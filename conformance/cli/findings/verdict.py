"""``diem findings verdict``: say who is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.output import InputError, console, print_json
from conformance.findings.files import alone_in
from conformance.findings.page import write_page
from conformance.findings.register import FILE, Entry, Verdict, existing


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
    if verdict is not Verdict.OPEN and not why.strip():
        raise InputError("--why: expected the reason of the verdict, found none")
    existing(folder / FILE).entry(folder / FILE, divergence)
    with alone_in(folder):
        judged = _judged(folder, divergence, {"verdict": verdict, "why": why.strip(), "pinned_test": pinned_test})
    if json:
        print_json(judged.model_dump(mode="json"))
        return
    console().print(f"{judged.id}: {verdict}{f': {judged.why}' if judged.why else ''}", soft_wrap=True)


def _judged(folder: Path, divergence: str, judgement: Mapping[str, object]) -> Entry:
    """Enter it, and return what the register has of the divergence then."""
    register = existing(folder / FILE)
    judged = register.entry(folder / FILE, divergence).model_copy(update=judgement)
    register.entries[judged.id] = judged
    register.write(folder / FILE)
    write_page(folder, register)
    return judged
