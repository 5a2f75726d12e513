"""Blocks looked at by other processes: the same blocks in the same order, whatever becomes of those processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future
from concurrent.futures.process import ProcessPoolExecutor
from itertools import islice
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from ledger import ahead
from ledger.ahead import checked_ahead
from ledger.blocks import Block, decode_block, seal
from ledger.checked import CheckedBlock, check_block
from tests.ledger.chain.conftest import CHAIN_ID, KEY, extended, new_chain

BLOCKS = [block.encode() for block in extended(new_chain(), 20)]
SEQUENCER = KEY.address


def right(encoded: bytes) -> CheckedBlock:
    return check_block(decode_block(encoded), CHAIN_ID, SEQUENCER)


def wrong(encoded: bytes) -> bytes:
    header, transactions = decode_block(encoded)
    return Block(seal(header, KEY), (*transactions, transactions[0])).encode()


@pytest.fixture
def _two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(ahead, "WORTH_IT", 1)


def wait_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave all blocks to the other process, those before it has started, too."""
    monkeypatch.setattr(Future, "done", lambda self: True)


def found(blocks: list[bytes]) -> list[tuple[bytes, CheckedBlock | None]]:
    return list(checked_ahead(blocks, CHAIN_ID, SEQUENCER))


def test_few_blocks_are_left_to_the_caller() -> None:
    assert found(BLOCKS) == [(encoded, None) for encoded in BLOCKS]
    assert found([]) == []


def test_with_one_processor_so_are_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.setattr(ahead, "WORTH_IT", 1)
    assert found(BLOCKS) == [(encoded, None) for encoded in BLOCKS]


@pytest.mark.usefixtures("_two_processors")
def test_blocks_come_in_order_and_some_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_the_others(monkeypatch)
    blocks = [*BLOCKS[:3], wrong(BLOCKS[3]), b"no block", *BLOCKS[5:]]
    checked = found(blocks)
    assert [encoded for encoded, _ in checked] == blocks
    assert [block for _, block in checked] == [
        *map(right, blocks[:3]),
        *(None, None),
        *map(right, blocks[5:]),
    ]
    assert active_children() == []


@pytest.mark.usefixtures("_two_processors")
def test_blocks_are_left_to_the_caller_until_another_process_has_started() -> None:
    seen = []
    for encoded, block in checked_ahead(BLOCKS * 1000, CHAIN_ID, SEQUENCER):
        seen.append(block)
        if block is not None:
            assert block == right(encoded)
            break
        time.sleep(0.01)
    assert seen[0] is None
    assert seen[-1] is not None


@pytest.mark.usefixtures("_two_processors")
def test_an_error_comes_in_its_place() -> None:
    def cut_off() -> Iterator[bytes]:
        yield from BLOCKS
        raise ValueError("cut off")

    blocks = checked_ahead(cut_off(), CHAIN_ID, SEQUENCER)
    assert [encoded for encoded, _ in islice(blocks, len(BLOCKS))] == BLOCKS
    with pytest.raises(ValueError, match="cut off"):
        next(blocks)
    assert active_children() == []


def test_an_error_among_few_blocks_comes_in_its_place() -> None:
    def cut_off() -> Iterator[bytes]:
        yield BLOCKS[0]
        raise ValueError("cut off")

    blocks = checked_ahead(cut_off(), CHAIN_ID, SEQUENCER)
    assert next(blocks) == (BLOCKS[0], None)
    with pytest.raises(ValueError, match="cut off"):
        next(blocks)


@pytest.mark.usefixtures("_two_processors")
def test_whoever_stops_early_leaves_no_process_behind() -> None:
    blocks = checked_ahead(BLOCKS, CHAIN_ID, SEQUENCER)
    next(blocks)
    assert len(active_children()) == 1
    blocks.close()
    assert active_children() == []


@pytest.mark.usefixtures("_two_processors")
def test_no_block_is_lost_when_the_other_process_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_the_others(monkeypatch)
    monkeypatch.setattr(ahead, "WINDOW", 2)
    seen = []
    for encoded, _ in checked_ahead(BLOCKS, CHAIN_ID, SEQUENCER):
        seen.append(encoded)
        if len(seen) == 3:
            (other,) = active_children()
            other.kill()
    assert seen == BLOCKS


def test_nothing_is_submitted_to_processes_that_are_dead() -> None:
    class Dead(ProcessPoolExecutor):
        def submit(self, *_: Any, **__: Any) -> Future[Any]:
            raise BrokenExecutor

    assert ahead._submitted(Dead(1), BLOCKS[0], CHAIN_ID, SEQUENCER).result() is None


def test_what_another_process_does_with_a_block() -> None:
    assert ahead._looked_at(BLOCKS[0], CHAIN_ID, SEQUENCER) == right(BLOCKS[0])
    assert ahead._looked_at(wrong(BLOCKS[0]), CHAIN_ID, SEQUENCER) is None


KILLED = """
import os, signal
from multiprocessing import active_children
from ledger import ahead

if __name__ == "__main__":
    os.cpu_count = lambda: 2
    ahead.WORTH_IT = 1
    blocks = ahead.checked_ahead([b"no block"] * 1000, 1, bytes(20))
    for _ in range(500):  # by then the other process has begun
        next(blocks)
    print(active_children()[0].pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_whose_first_one_is_killed_ends(tmp_path: Path) -> None:
    program = tmp_path / "killed.py"
    program.write_text(KILLED, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ran = subprocess.run(
        [sys.executable, program], env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    deadline = time.monotonic() + 20
    while is_alive(int(ran.stdout)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(int(ran.stdout))


def is_alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
