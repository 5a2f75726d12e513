"""Questions to the solver, each in a process of its own.

What the solver answers may depend on what the same process asked it before. Here no answer depends on which others were
wanted, and all cores work.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from typing import Any

from conformance.trust.proofs.checking import Task, ask


def in_processes(tasks: list[Task], advance: Callable[[], None]) -> Iterator[Any]:
    """Yield the answers in the order of the tasks; ``advance`` is called at each of them."""
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload([__name__])
    with context.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for answer in pool.imap(ask, tasks):
            advance()
            yield answer
