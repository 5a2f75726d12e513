"""`diem node snapshot in`: a data folder that begins with a snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import HOLDS
from conformance.cli.node.common import Data, Json, progress_bar, read_genesis, reading
from conformance.cli.output import print_json
from ledger.node.folder import DataFolder
from ledger.node.snapshot import SnapshotError, read_preamble, restore


def command(
    file: Annotated[Path, typer.Argument(help="A file of diem node snapshot out.")],
    data: Data,
    genesis: Annotated[
        Path, typer.Option(metavar="FILE", help="The genesis of the chain, such as genesis.json of its node.")
    ],
    as_json: Json = False,
) -> int:
    """Make a data folder whose chain begins with a snapshot, if its state has the state root of its head.

    The genesis says who seals the blocks, so it has to come from somebody who is trusted; the snapshot may be
    anybody's.

    Example: diem node snapshot in --data copy --genesis genesis.json head.snapshot
    """
    folder = DataFolder(data)
    with reading(file) as content, progress_bar("entries") as progress:
        try:
            preamble = read_preamble(content, read_genesis(genesis))
            folder.fill(preamble.genesis, lambda store: restore(preamble, content, store, progress))
        except SnapshotError as error:
            raise SnapshotError(f"{file}: {error}; nothing of it is adopted") from None
    header = preamble.head.header
    if as_json:
        counts = {"accounts": str(preamble.accounts), "words": str(preamble.words)}
        head = {"number": str(header.number), "hash": f"0x{header.hash.hex()}"}
        print_json({"data": str(data), "genesis": f"0x{preamble.genesis.hash.hex()}", **counts, "head": head})
    else:
        print(f"genesis     0x{preamble.genesis.hash.hex()}")
        print(f"head        {header.number} 0x{header.hash.hex()}")
        print(
            f"state root  0x{header.state_root.hex()}: HOLDS, of {preamble.accounts} accounts, {preamble.words} words"
        )
    return HOLDS
