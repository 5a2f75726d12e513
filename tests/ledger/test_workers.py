"""Processes that compute for one that leads them: Ctrl-C is for the leader, and none outlives it."""

from __future__ import annotations

import os
import signal
import time
from multiprocessing import active_children
from operator import pow as power
from typing import get_args

import pytest

from ledger import workers
from ledger.workers import Start, WorkerDied, kill, new_pool, pool_of, submit

_begun: tuple[int, ...]


def blocked() -> set[int]:
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def begun_with(*arguments: int) -> None:
    global _begun  # noqa: PLW0603 (a pool gives its functions no other place)
    _begun = arguments


def the_beginning() -> tuple[int, ...]:
    return _begun


def ended_from_outside() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("start", get_args(Start))
def test_processes_compute_deaf_to_ctrl_c_from_their_beginning(start: Start) -> None:
    before = blocked()
    with pool_of(2, start) as pool:
        assert submit(pool, power, 2, 10).result() == 1024
        assert signal.SIGINT in submit(pool, blocked).result()
    assert blocked() == before
    assert active_children() == []


def test_processes_begin_with_what_they_are_told() -> None:
    pool = new_pool(1, "fork", begun_with, 1, 2)
    try:
        assert submit(pool, the_beginning).result() == (1, 2)
    finally:
        kill(pool)


def test_processes_are_ended_whatever_they_are_at() -> None:
    with pool_of(2) as pool:
        futures = [submit(pool, time.sleep, 600) for _ in range(3)]
    assert all(future.done() for future in futures)
    assert active_children() == []


def test_a_process_that_is_ended_from_outside_is_told() -> None:
    with pytest.raises(WorkerDied, match=r"^a process that computes was ended from outside, "), pool_of(1) as pool:
        submit(pool, ended_from_outside).result()
    assert active_children() == []


def test_an_error_of_a_function_is_its_own() -> None:
    with pytest.raises(ZeroDivisionError), pool_of(1) as pool:
        submit(pool, power, 0, -1).result()


def test_a_process_ends_with_the_one_that_leads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[object] = []

    class Parent:
        def join(self) -> None:
            ended.append("parent")

    monkeypatch.setattr(workers, "parent_process", Parent)
    monkeypatch.setattr(os, "_exit", ended.append)
    workers._begin(ended.append, ("begun",))
    deadline = time.monotonic() + 20
    while len(ended) < 3 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert set(ended) == {"begun", "parent", 1}
    monkeypatch.setattr(workers, "parent_process", lambda: None)
    workers._end_with_parent()
    assert len(ended) == 3
