"""`diem node snapshot in`: a data folder that begins with a snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import HOLDS
from conformance.cli.node.common import Data, Json, progress_bar, reading
from conformance.cli.output import InputError, print_json
from ledger.node.folder import DataFolder
from ledger.node.snapshot import SnapshotError, read_preamble, restore


def command(
    file: Annotated[Path, typer.Argument(help="A file of diem node snapshot out.")],
    data: Data,
    genesis: Annotated[
        str | None, typer.Option(metavar="HASH", help="The genesis that the snapshot has to be of; otherwise any.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Make a data folder whose chain begins with a snapshot, if its state has the state root of its head.

    Whom to trust is named by the hash of the genesis: it says who seals the blocks.

    Example: diem node snapshot in --data copy head.snapshot
    """
    folder = DataFolder(data)
    with reading(file) as content, progress_bar("entries") as progress:
        try:
            preamble = read_preamble(content)
            found = f"0x{preamble.genesis.hash.hex()}"
            if genesis is not None and genesis.lower() != found:
                raise InputError(f"{file}: of the genesis {found}, expected {genesis}")
            folder.fill(lambda store: restore(preamble, content, store, progress))
        except SnapshotError as error:
            raise SnapshotError(f"{file}: {error}; nothing of it is adopted") from None
    folder.write_genesis(preamble.genesis)
    header = preamble.head.header
    if as_json:
        counts = {"accounts": str(preamble.accounts), "words": str(preamble.words)}
        head = {"number": str(header.number), "hash": f"0x{header.hash.hex()}"}
        print_json({"data": str(data), "genesis": found, **counts, "head": head})
    else:
        print(f"genesis     {found}")
        print(f"head        {header.number} 0x{header.hash.hex()}")
        print(
            f"state root  0x{header.state_root.hex()}: HOLDS, of {preamble.accounts} accounts, {preamble.words} words"
        )
    return HOLDS
