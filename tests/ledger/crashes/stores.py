"""Stores on disk, small enough for a program to fill several tables."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from ledger.chain import Chain
from ledger.chain.check import check
from ledger.store import LevelStore, Store
from tests.ledger.crashes.program import WRITE_BUFFER_SIZE, Moment, Program, moment


def opened(folder: Path) -> LevelStore:
    return LevelStore(folder, create=True, write_buffer_size=WRITE_BUFFER_SIZE)


def carried_out(program: Program, store: Store, first: int = 0) -> None:
    chain = Chain(store, program.genesis)
    for step in program.steps[first:]:
        step.carry_out(chain)


def moment_of(folder: Path, program: Program) -> Moment:
    """Open a store as a process does that starts, and return what it has."""
    with closing(opened(folder)) as store:
        return moment(Chain(store, program.genesis), store)


def checked_moment_of(folder: Path, program: Program) -> Moment:
    """Open a store, read and check all of it, and return what it has."""
    with closing(opened(folder)) as store:
        chain = Chain(store, program.genesis)
        check(chain, store)
        return moment(chain, store)
