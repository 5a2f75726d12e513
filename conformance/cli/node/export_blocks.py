"""`diem node export`: the blocks of a chain in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import HOLDS
from conformance.cli.node.common import Data, Json, opened, progress_bar, writing
from conformance.cli.output import print_json
from ledger.node.block_file import export_blocks


def command(
    file: Annotated[Path, typer.Argument(help="The file to be made.")], data: Data, as_json: Json = False
) -> int:
    """Write all blocks up to the head into a file, for diem node import.

    Example: diem node export --data ledger blocks.rlp
    """
    with opened(data) as (chain, _), writing(file) as out, progress_bar("blocks") as progress:
        blocks = export_blocks(chain, out, progress)
    if as_json:
        print_json({"file": str(file), "blocks": str(blocks), "head": f"0x{chain.head.hash.hex()}"})
    else:
        print(f"{blocks} blocks up to 0x{chain.head.hash.hex()}, in {file}")
    return HOLDS
