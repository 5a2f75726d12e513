"""Campaigns in small in processes of their own, to be stopped from outside."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SMALL: Final = """
from conformance.campaign import planning
planning.CALLS_PER_UNIT, planning.UNITS_PER_ROUND = 20, 4
from conformance.cli import main
main()
"""


def small(*arguments: object, before: str = "") -> list[str]:
    return [sys.executable, "-c", before + SMALL, "campaign", *map(str, arguments)]


@contextmanager
def piped(command: Sequence[str], cwd: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run a program as long as the context lasts, and not longer: Popen itself would wait for its end, for ever."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=cwd, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def wait_for_lines(running: subprocess.Popen[str], journal: Path, lines: int) -> None:
    deadline = monotonic() + 240
    while not journal.exists() or journal.read_bytes().count(b"\n") < lines:
        assert running.poll() is None, running.communicate()
        assert monotonic() < deadline
        sleep(0.02)
