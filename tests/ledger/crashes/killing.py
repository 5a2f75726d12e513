"""Processes that are killed with SIGKILL while they carry out steps on a store."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.ledger.crashes.program import WRITE_BUFFER_SIZE, Program


class Importer:
    """A program that carries out steps in processes that can be killed."""

    def __init__(self, program: Program, folder: Path) -> None:
        genesis, steps = folder / "genesis.json", folder / "steps"
        genesis.write_text(program.genesis.to_json(), encoding="utf-8")
        lines = (f"{step.kind} {step.block.encode().hex()}\n" for step in program.steps)
        steps.write_text("".join(lines), encoding="utf-8")
        script = Path(__file__).with_name("importer.py")
        self._process = subprocess.Popen(
            [sys.executable, script, genesis, steps, str(WRITE_BUFFER_SIZE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        )
        self._rest = b""

    def run(self, folder: Path, first: int, seconds: float) -> tuple[int, bool]:
        """Carry out the steps from ``first`` on for some time.

        Return how many steps were acknowledged in all, and whether the process was killed before it had done them all.
        """
        assert self._process.stdin
        self._process.stdin.write(f"{first} {folder}\n".encode())
        self._process.stdin.flush()
        process, done, until = 0, first, float("inf")
        while True:
            for word, number in self._answers(until):
                if word == "started":
                    process, until = number, time.monotonic() + seconds
                elif word == "done":
                    done = number + 1
                else:
                    assert number in {0, -signal.SIGKILL}
                    return done, number != 0
            if time.monotonic() >= until:
                os.kill(process, signal.SIGKILL)
                until = float("inf")

    def _answers(self, until: float) -> list[tuple[str, int]]:
        """Return the next answers, none if there are none until some time."""
        assert self._process.stdout
        pipe = self._process.stdout.fileno()
        seconds = max(0, until - time.monotonic())
        if not select.select([pipe], [], [], min(seconds, 60))[0]:
            return []
        *lines, self._rest = (self._rest + os.read(pipe, 1 << 16)).split(b"\n")
        assert lines or self._rest, "the importer has ended"
        return [(word, int(number)) for word, number in (line.decode().split() for line in lines)]

    def close(self) -> None:
        """End the process, and with it all that it has started."""
        self._process.kill()
        self._process.communicate()
