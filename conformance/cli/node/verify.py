"""`diem node verify`: whether a store says what its blocks say."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import FAILS, HOLDS
from conformance.cli.node.common import Data, Json, opened, progress_bar, reading
from conformance.cli.output import print_json
from ledger.node.verification import VerificationError, verify
from ledger.store import StoreDamaged


def command(
    data: Data,
    snapshot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The snapshot with which the node began, if it did.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Carry out every block anew from the genesis, in memory, and compare what comes of it with the store's.

    Exit status: 0 everything is as the blocks say, and all of the store can be read; 1 it is not so.

    Example: diem node verify --data ledger
    """
    try:
        with ExitStack() as stack:
            chain, store = stack.enter_context(opened(data))
            begun = stack.enter_context(reading(snapshot)) if snapshot is not None else None
            progress = stack.enter_context(progress_bar("blocks"))
            verified = verify(chain, store, begun, progress)
    except (VerificationError, StoreDamaged) as error:
        if as_json:
            print_json({"holds": False, "reason": str(error)})
        else:
            print(f"diem node verify: {data}: {error}", file=sys.stderr)
        return FAILS
    head = chain.head
    if as_json:
        counts = {name: str(value) for name, value in verified._asdict().items()}
        shown = {"number": str(head.number), "hash": f"0x{head.hash.hex()}", "state_root": f"0x{head.state_root.hex()}"}
        print_json({"holds": True, **counts, "head": shown})
    else:
        print(
            f"carried out {verified.blocks} blocks from block {verified.first} on, {verified.transactions} transactions"
        )
        compared = "every block, its receipts, trie nodes and undo record"
        print(f"compared    {compared}, and {verified.entries} entries of the store")
        print(f"head        {head.number} 0x{head.hash.hex()}")
        print(f"state root  0x{head.state_root.hex()}: HOLDS")
    return HOLDS
