"""`diem node import`: the blocks of a file into a chain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import HOLDS
from conformance.cli.node.common import Data, Json, opened, progress_bar, reading
from conformance.cli.output import print_json
from ledger.node.block_file import BlockFileError, import_blocks


def command(
    file: Annotated[Path, typer.Argument(help="A file of diem node export.")], data: Data, as_json: Json = False
) -> int:
    """Carry out the blocks of a file, check all of them, and take them over: all, or none if one is not right.

    Example: diem node import --data copy blocks.rlp
    """
    with opened(data) as (chain, _), reading(file) as content, progress_bar("blocks") as progress:
        try:
            imported = import_blocks(chain, content, progress)
        except BlockFileError as error:
            raise BlockFileError(f"{file}: {error}; nothing of it is adopted") from None
    head = chain.head
    if as_json:
        counts = {name: str(value) for name, value in imported._asdict().items()}
        print_json({"file": str(file), **counts, "head": {"number": str(head.number), "hash": f"0x{head.hash.hex()}"}})
    else:
        skipped = f", {imported.before} from before the chain's snapshot" if imported.before else ""
        print(f"{imported.blocks} blocks, {imported.new} of them new{skipped}; head {head.number} 0x{head.hash.hex()}")
    return HOLDS
