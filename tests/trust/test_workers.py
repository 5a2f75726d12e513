"""Processes of a computation of trust end with the one that leads them, and Ctrl-C makes none of them talk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Final

import pytest

BUSY: Final = """
import os
import signal
from time import sleep
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background takes no notice of Ctrl-C
def busy(*_):
    os.write(1, b"busy\\n")
    sleep(600)
"""

COMMANDS: Final = {
    "reach": """
from conformance.trust.reach import run, units
units.units = lambda: [units.Unit("forms", "minimal", number) for number in range(4)]
run.run_unit = busy
""",
    "mutants": """
from conformance.cli.trust import mutants
from conformance.trust.mutants.spreading import spread
mutants._run = lambda *_, **__: list(spread(busy, 100, 2))
""",
    "proofs": """
from conformance.trust.proofs import checking, processes
task = "__import__('os').write(1, b'busy\\\\n') and __import__('time').sleep(600)"
processes.ask = eval  # which other processes know by its name
checking.check = lambda keys, answers: list(answers([task] * 100))
""",
}


@pytest.mark.parametrize("how,status", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_stopped_ends_at_once_with_its_workers(name: str, how: signal.Signals, status: int) -> None:
    script = f"{BUSY}{COMMANDS[name]}\nfrom conformance.cli import main\nmain()"
    command = [sys.executable, "-c", script, "trust", name, *(["--processes", "2"] if name == "reach" else [])]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert running.stdout is not None
        assert running.stdout.readline() == "busy\n"
        if how == signal.SIGINT:  # a terminal tells all of them, and so may who terminates
            os.killpg(running.pid, how)
        else:
            running.send_signal(how)
        _, errors = running.communicate(timeout=60)  # until nobody can write any more, the workers included
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == status
    if how != signal.SIGKILL:  # of one that is killed the interpreter's own helpers may complain
        assert errors == ""
