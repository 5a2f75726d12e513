"""Shrinking: the shortest program we can find, in a given time, on which the machines still disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import Final

from spec.messages import Call

Program = tuple[Call, ...]

SECONDS: Final = 60.0
"""How long shrinking may take, unless told otherwise."""


def shrink(program: Program, fails: Callable[[Program], bool], seconds: float = SECONDS) -> Program:
    """Return a program made from ``program`` by leaving out calls, on which ``fails`` still holds.

    ``program`` itself has to fail. Calls are left out in blocks, from half of the program down to single calls, the
    earliest first, until no single call can be left out or ``seconds`` have passed (delta debugging).
    """
    deadline = monotonic() + seconds
    block = max(len(program) // 2, 1)
    while monotonic() < deadline:
        smaller = _first(fails, _without_blocks(program, block), deadline)
        if smaller is not None:
            program = smaller
            block = min(block, max(len(program) // 2, 1))
        elif block == 1:
            break
        else:
            block //= 2
    return program


def _without_blocks(program: Program, block: int) -> Iterator[Program]:
    """Yield the program without each block of calls; the last call, at which it fails, always stays."""
    for start in range(0, len(program) - 1, block):
        end = min(start + block, len(program) - 1)
        yield program[:start] + program[end:]


def _first(fails: Callable[[Program], bool], candidates: Iterator[Program], deadline: float) -> Program | None:
    for candidate in candidates:
        if monotonic() > deadline:
            return None
        if fails(candidate):
            return candidate
    return None
