"""Carries out the steps of a program on a store, in a process of its own for each line on standard input.

A line is the number of the first step and the folder of the store. The answers are ``started``, a process id;
``done``, the number of a step that is on disk; ``ended``, an exit status. Each process is forked from one which has
imported everything and opened nothing, so that many can be killed in a short time.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

from ledger.blocks import decode_block
from ledger.chain import Chain
from ledger.genesis import Genesis
from ledger.store import LevelStore


def main() -> None:
    genesis_file, steps_file, write_buffer_size = sys.argv[1:]
    genesis = Genesis.from_json(Path(genesis_file).read_text(encoding="utf-8"))
    steps = [line.split() for line in Path(steps_file).read_text(encoding="utf-8").splitlines()]
    for line in sys.stdin:
        first, folder = line.rstrip("\n").split(" ", 1)
        process = os.fork()
        if not process:
            with closing(LevelStore(Path(folder), create=True, write_buffer_size=int(write_buffer_size))) as store:
                _carry_out(Chain(store, genesis), steps, int(first))
            os._exit(0)
        _say(f"started {process}")
        _, status = os.waitpid(process, 0)
        _say(f"ended {os.waitstatus_to_exitcode(status)}")


def _carry_out(chain: Chain, steps: list[list[str]], first: int) -> None:
    for number, (kind, rlp) in enumerate(steps[first:], first):
        block = decode_block(bytes.fromhex(rlp))
        if kind == "adopt":
            chain.adopt(block.header.hash)
        elif kind == "validate":
            chain.validate(block)
        elif chain.head.hash != block.header.hash:
            chain.extend(block)
        _say(f"done {number}")


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main()
