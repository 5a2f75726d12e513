"""Campaigns in small in processes of their own, to be stopped from outside."""

from __future__ import annotations

import sys
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

SMALL: Final = """
from conformance.campaign import planning
planning.CALLS_PER_UNIT, planning.UNITS_PER_ROUND = 20, 4
from conformance.cli import main
main()
"""


def small(*arguments: object, before: str = "") -> list[str]:
    return [sys.executable, "-c", before + SMALL, "campaign", *map(str, arguments)]


def wait_for_lines(running: subprocess.Popen[str], journal: Path, lines: int) -> None:
    deadline = monotonic() + 240
    while not journal.exists() or journal.read_bytes().count(b"\n") < lines:
        assert running.poll() is None, running.communicate()
        assert monotonic() < deadline
        sleep(0.02)
