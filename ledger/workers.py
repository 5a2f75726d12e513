"""Processes that compute for one that leads them: Ctrl-C is for the leader alone, and they end when it does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Literal, TypeVar, TypeVarTuple

Start = Literal["fork", "forkserver", "spawn"]
"""How a process begins: as a copy of the leader, as one of a server that has imported what takes long, or empty."""

Arguments = TypeVarTuple("Arguments")
R = TypeVar("R")


class WorkerDied(Exception):
    """A process that computes was ended from outside, and with it what it was at."""


def new_pool(
    processes: int, start: Start, begin: Callable[[*Arguments], object], *arguments: *Arguments
) -> ProcessPoolExecutor:
    """Return a pool whose processes first call ``begin``; give it work with ``submit``, and end it with ``kill``."""
    return ProcessPoolExecutor(processes, get_context(start), _begin, (begin, arguments))


@contextmanager
def pool_of(processes: int, start: Start = "fork") -> Iterator[ProcessPoolExecutor]:
    """Yield a pool whose processes end with the block, whatever they are at by then.

    Raises
    ------
    WorkerDied : in place of concurrent.futures' error.
    """
    pool = new_pool(processes, start, _nothing)
    try:
        yield pool
    except BrokenExecutor:
        raise WorkerDied("a process that computes was ended from outside, by a lack of memory perhaps") from None
    finally:
        kill(pool)


def submit(pool: ProcessPoolExecutor, function: Callable[[*Arguments], R], *arguments: *Arguments) -> Future[R]:
    """Let a process of the pool call the function.

    Processes begin here, with SIGINT blocked from their first instruction on: what a terminal sends to all of them
    could otherwise end one while it still imports, with a traceback, or while it holds a lock that the others need.
    SIGTERM is blocked until they have put off the leader's handler, which would make them talk, too.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        return pool.submit(function, *arguments)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def kill(pool: ProcessPoolExecutor) -> None:
    """End a pool's processes at once."""
    for process in list((pool._processes or {}).values()):
        process.kill()
    pool.shutdown(wait=True, cancel_futures=True)


def _begin(begin: Callable[..., object], arguments: tuple[object, ...]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    Thread(target=_end_with_parent, daemon=True).start()
    begin(*arguments)


def _nothing() -> None:
    pass


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
