"""`diem node snapshot out`: the state at the head into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import HOLDS
from conformance.cli.node.common import Data, Json, opened, progress_bar, writing
from conformance.cli.output import print_json
from ledger.node.snapshot import write_snapshot


def command(
    file: Annotated[Path, typer.Argument(help="The file to be made.")], data: Data, as_json: Json = False
) -> int:
    """Write the state at the head into a file, with which another node can begin.

    Example: diem node snapshot out --data ledger head.snapshot
    """
    with opened(data) as (chain, store), writing(file) as out, progress_bar("entries") as progress:
        written = write_snapshot(chain, store, out, progress)
    head = chain.head
    if as_json:
        counts = {"accounts": str(written.accounts), "words": str(written.words)}
        print_json({"file": str(file), **counts, "head": {"number": str(head.number), "hash": f"0x{head.hash.hex()}"}})
    else:
        counted = f"{written.accounts} accounts and {written.words} words"
        print(f"{counted} at block {head.number} 0x{head.hash.hex()}, in {file}")
    return HOLDS
