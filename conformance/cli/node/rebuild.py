"""`diem node rebuild`: a store made anew from what can be read of a damaged one."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import FAILS, HOLDS
from conformance.cli.node.common import Data, Json, progress_bar, read_genesis, reading
from conformance.cli.output import InputError, print_json
from ledger.chain.rebuild import Rebuilt, rebuild
from ledger.genesis import Genesis
from ledger.node.block_file import raw_blocks
from ledger.node.folder import DataFolder
from ledger.node.snapshot import read_preamble, restore
from ledger.store import Store


def command(
    data: Data,
    blocks: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file of diem node export, for blocks that are lost.")
    ] = None,
    snapshot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The snapshot with which the node began, if it did.")
    ] = None,
    genesis: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The genesis (default: genesis.json in --data).")
    ] = None,
    as_json: Json = False,
) -> int:
    """Make a damaged store anew: carry out again all its blocks that can still be read, and keep it beside the new one.

    Exit status: 0 the new chain ends where the old one did, or later; 1 it ends before that, or where the old one ended
    cannot be read, or a further block was refused.

    Example: diem node rebuild --data ledger
    """
    folder = DataFolder(data)
    file = genesis or (folder.genesis if folder.genesis.exists() else None)
    first = None if file is None else read_genesis(file)
    with ExitStack() as stack:
        further = raw_blocks(stack.enter_context(reading(blocks))) if blocks is not None else ()
        progress = stack.enter_context(progress_bar("blocks"))
        rebuilt = rebuild(
            folder.store,
            further,
            genesis=first,
            begin=lambda store: _begin(store, snapshot, first),
            progress=lambda done: progress(done, 0),
        )
    fault = _fault(rebuilt)
    if as_json:
        print_json(_as_json(rebuilt, fault))
    else:
        print(f"head       {rebuilt.head.number} 0x{rebuilt.head.hash.hex()}")
        print(f"set aside  {rebuilt.set_aside}: the damaged store{'' if fault else ', to be deleted'}")
        if rebuilt.left_out:
            print(f"left out   {rebuilt.left_out} blocks that no other block leads to")
        if fault:
            print(f"diem node rebuild: {data}: {fault}", file=sys.stderr)
    return FAILS if fault else HOLDS


def _begin(store: Store, snapshot: Path | None, genesis: Genesis | None) -> None:
    if snapshot is None:
        return
    if genesis is None:
        raise InputError("--snapshot: expected --genesis as well")
    with reading(snapshot) as file:
        restore(read_preamble(file, genesis), file, store)


def _fault(rebuilt: Rebuilt) -> str | None:
    if rebuilt.refusal is not None:
        return rebuilt.refusal
    if rebuilt.damaged_head is None:
        return f"where the damaged chain ended cannot be read; the new one ends at block {rebuilt.head.number}"
    if rebuilt.head.number < rebuilt.damaged_head:
        return f"the chain ends at block {rebuilt.head.number}, and ended at {rebuilt.damaged_head} before"
    return None


def _as_json(rebuilt: Rebuilt, fault: str | None) -> dict[str, object]:
    return {
        "holds": fault is None,
        "reason": fault,
        "head": {"number": str(rebuilt.head.number), "hash": f"0x{rebuilt.head.hash.hex()}"},
        "damaged_head": None if rebuilt.damaged_head is None else str(rebuilt.damaged_head),
        "left_out": str(rebuilt.left_out),
        "set_aside": str(rebuilt.set_aside),
    }
