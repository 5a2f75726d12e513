"""Questions to the solver, each in a process of its own.

What the solver answers may depend on what the same process asked it before. Here no answer depends on which others were
wanted, and all cores work.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from multiprocessing import get_context
from typing import Any

from conformance.trust.proofs.checking import Task, ask
from ledger.workers import pool_of, submit


def in_processes(tasks: list[Task], advance: Callable[[], None]) -> Iterator[Any]:
    """Yield the answers in the order of the tasks; ``advance`` is called at each answer.

    Raises
    ------
    WorkerDied
    """
    get_context("forkserver").set_forkserver_preload([__name__])
    waiting, answers = deque(enumerate(tasks)), dict[int, Any]()
    running: dict[Future[Any], tuple[int, ExitStack]] = {}
    with ExitStack() as whole:
        for number in range(len(tasks)):
            while number not in answers:
                while waiting and len(running) < (os.cpu_count() or 1):
                    asked, task = waiting.popleft()
                    process = whole.enter_context(ExitStack())
                    pool = process.enter_context(pool_of(1, "forkserver"))
                    running[submit(pool, ask, task)] = asked, process
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    asked, process = running.pop(future)
                    answers[asked] = future.result()
                    process.close()
                    advance()
            yield answers.pop(number)
