"""SIGTERM ends commands in order: in silence, with no process left that they have started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Final, NoReturn

import pytest

from conformance.bench.running_node import RunningNode
from conformance.peers.anvil import Anvil
from conformance.peers.client import PeerError
from conformance.peers.foundry import program
from conformance.termination import Stopped, raising_at_sigterm

SILENT_CLIENT: Final = """
import os, sys, time
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(600)
"""


def is_there(pid: int) -> bool:
    """Whether a process is there that has not ended; what has ended may wait for whoever asks for its status."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0] != "Z"
    return False


def waited_for(path: Path, running: subprocess.Popen[str]) -> str:
    deadline = monotonic() + 120
    while not path.exists() or not path.read_text(encoding="utf-8"):
        assert running.poll() is None, running.communicate()
        assert monotonic() < deadline
        sleep(0.02)
    return path.read_text(encoding="utf-8")


def test_the_program_that_vectors_are_put_to_ends_with_the_command(tmp_path: Path) -> None:
    (tmp_path / "client.py").write_text(SILENT_CLIENT, encoding="utf-8")
    client = f"{sys.executable} {tmp_path / 'client.py'} {tmp_path / 'pid'}"
    command = [sys.executable, "-m", "conformance.cli", "vectors", "consume", "--program", client, "--timeout", "600"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        pid = int(waited_for(tmp_path / "pid", running))
        running.send_signal(signal.SIGTERM)
        out, errors = running.communicate(timeout=60)
    finally:
        running.kill()
    assert (running.returncode, out, errors) == (143, "", "")
    assert not is_there(pid)


def children() -> set[int]:
    """The processes that this one has started and that have not ended."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = path.read_text(encoding="utf-8").rpartition(") ")[2].split()
            if fields[0] != "Z" and int(fields[1]) == os.getpid():
                found.add(int(path.parent.name))
    return found


def stopped(*_: object) -> NoReturn:
    raise Stopped


def test_a_node_to_be_measured_that_does_not_come_to_answer_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = children()
    monkeypatch.setattr(RunningNode, "_port", stopped)
    with pytest.raises(Stopped):
        RunningNode("minimal", tmp_path)
    assert children() <= before


def test_an_anvil_that_does_not_come_to_answer_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        program("anvil")
    except PeerError as error:
        pytest.skip(str(error))
    before = children()
    (tmp_path / "genesis.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(Anvil, "_listening_port", stopped)
    with pytest.raises(Stopped):
        Anvil(tmp_path / "genesis.json")
    assert children() <= before


def test_a_signal_that_comes_twice_at_once_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("conformance.termination.monotonic", lambda: now[0])

    def send() -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    with raising_at_sigterm(Stopped()):
        with pytest.raises(KeyError), raising_at_sigterm(KeyError()):
            send()
        send()
        now[0] = 2.0
        with pytest.raises(Stopped):
            send()
        send()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_bench_is_ended_in_silence() -> None:
    script = """
import os, signal
from conformance.cli import bench
bench.BENCHMARKS = {"x": lambda: os.kill(os.getpid(), signal.SIGTERM)}
from conformance.cli import main
main()
"""
    ran = subprocess.run([sys.executable, "-c", script, "bench"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (143, "", "")
