"""Processes that compute for one that leads them, and end when it does."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import parent_process
from threading import Thread


def begin() -> None:
    """Prepare a process: Ctrl-C is for the one that leads, and no process outlives it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


@contextmanager
def pool_of(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Return a pool whose processes end with the block, whatever they are at by then."""
    pool = ProcessPoolExecutor(processes, initializer=begin)
    try:
        yield pool
    finally:
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=True, cancel_futures=True)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
