"""No crash loses what was acknowledged, or bends anything.

The control is the same program without any crash. What is counted is that there were crashes, and of every kind.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

import pytest

from conformance.faults import FaultyStore, image, sizes, until_death
from ledger.chain import Chain
from ledger.chain.rebuild import rebuild
from ledger.store import MemoryStore, StoreDamaged, StoreError
from tests.ledger.crashes.killing import Importer
from tests.ledger.crashes.program import Program, moment, program
from tests.ledger.crashes.stores import carried_out, moment_of, opened

KILLS: Final = 20
LOSSES: Final = 1
"""Of each kind after each step."""


@pytest.fixture(scope="module")
def control(request: pytest.FixtureRequest) -> Program:
    return program(int(request.config.getoption("hypothesis_seed")))


@pytest.fixture
def choose(request: pytest.FixtureRequest) -> Random:
    return Random(int(request.config.getoption("hypothesis_seed")))  # noqa: S311


# ---------------------------------------------------------------------------------------------------- faults


def test_the_control_has_everything_that_can_go_wrong(control: Program) -> None:
    heads = [at.number for at in control.moments]
    assert heads == [*range(15), *[14] * 6, 16, *range(17, 23)]
    statuses = Counter[bool]()
    store = MemoryStore()
    chain = Chain(store, control.genesis)
    for block in control.chain:
        chain.extend(block)
        statuses.update(receipt.status for receipt in chain.receipts(block.header.hash))
    assert statuses[True]
    assert statuses[False]
    assert chain.head.state_root == control.moments[-1].state_root


@pytest.mark.parametrize("after", [False, True])
def test_a_death_at_any_write_leaves_all_of_it_or_nothing(control: Program, tmp_path: Path, after: bool) -> None:
    deaths = 0
    for at in range(len(control.steps) + 1):
        folder = tmp_path / str(at)
        with closing(opened(folder)) as level:
            store = FaultyStore(level, at, after=after, dies=True)
            deaths += until_death(partial(carried_out, control, store))
        # The first write, number 0, makes the genesis; write number n is step n - 1.
        if at or after:
            assert moment_of(folder, control) == control.moments[at if after else at - 1]
        with closing(opened(folder)) as level:
            carried_out(control, level, first=max(at - 1, 0))
        assert moment_of(folder, control) == control.moments[-1]
    assert deaths == len(control.steps) + 1


def test_a_write_that_fails_leaves_chain_and_store_where_they_were(control: Program) -> None:
    failures = 0
    for at in range(1, len(control.steps) + 1):
        memory = MemoryStore()
        store = FaultyStore(memory, at, after=False, dies=False)
        chain = Chain(store, control.genesis)
        for number, step in enumerate(control.steps):
            if number == at - 1:
                with pytest.raises(StoreError, match="the disk is full"):
                    step.carry_out(chain)
                assert moment(chain, memory) == control.moments[number]
                failures += 1
            step.carry_out(chain)
        assert moment(chain, memory) == control.moments[-1]
    assert failures == len(control.steps)


# ---------------------------------------------------------------------------------------------------- kill -9


def test_what_was_acknowledged_outlives_a_killed_process(control: Program, choose: Random, tmp_path: Path) -> None:
    kills: Counter[str] = Counter()
    with closing(Importer(control, tmp_path)) as importer:
        for name in ("first", "second"):  # the first has to wait for the importer
            start = time.monotonic()
            assert importer.run(tmp_path / name, 0, 600) == (len(control.steps), False)
            assert moment_of(tmp_path / name, control) == control.moments[-1]
        longest = time.monotonic() - start
        folders = (tmp_path / str(number) for number in count())
        folder, done = next(folders), 0
        while kills["amid the steps"] < KILLS:
            assert kills["runs"] < 10 * KILLS, kills
            kills["runs"] += 1
            seconds = longest * (1 - done / len(control.steps))
            acknowledged, killed = importer.run(folder, done, choose.uniform(0, seconds))
            if not any(folder.glob("CURRENT")):
                continue
            found = moment_of(folder, control)
            done = acknowledged + (found != control.moments[acknowledged])
            assert found == control.moments[done]
            kills["amid the steps"] += killed and 0 < done < len(control.steps)
            if done == len(control.steps):
                folder, done = next(folders), 0


# ---------------------------------------------------------------------------------------------------- loss of power


def tails(old: int, new: int, content: bytes, choose: Random) -> Iterator[tuple[str, bytes]]:
    """Yield what a file system may have of a file that was synced at size ``old`` and then grew to ``new``."""
    for _ in range(LOSSES):
        cut = choose.randrange(old, new)
        yield "cut", content[:cut]
        yield "zeros", content[:cut] + bytes(new - cut)
    yield "nothing", content[:old]
    yield "everything", content


def test_lost_power_loses_nothing_that_was_acknowledged(control: Program, choose: Random, tmp_path: Path) -> None:
    losses: Counter[str] = Counter()
    folder, lost = tmp_path / "store", tmp_path / "lost"
    with closing(opened(folder)) as store:
        chain = Chain(store, control.genesis)
        synced = sizes(image(folder, tmp_path / "image"))
        for number, step in enumerate(control.steps):
            step.carry_out(chain)
            at = image(folder, tmp_path / "image")
            log = max(at.glob("*.log"))
            old, content = synced.get(log.name, 0), log.read_bytes()
            synced = sizes(at)
            for kind, tail in tails(old, len(content), content, choose):
                shutil.rmtree(lost, ignore_errors=True)
                shutil.copytree(at, lost)
                (lost / log.name).write_bytes(tail)
                before, after = control.moments[number : number + 2]
                try:
                    found = moment_of(lost, control)
                except StoreDamaged:
                    # A record that is there in part is not told from a damaged one.
                    assert kind == "zeros"
                    rebuild(lost, genesis=control.genesis)
                    assert moment_of(lost, control).head in {before.head, after.head}
                    losses["zeros, rebuilt"] += 1
                else:
                    assert found == (after if kind == "everything" else before), (kind, number)
                    losses[kind] += 1
    assert losses["cut"] == LOSSES * len(control.steps)
    assert losses["nothing"] == losses["everything"] == len(control.steps)
    assert losses["zeros"] + losses["zeros, rebuilt"] == LOSSES * len(control.steps)
    assert losses["zeros, rebuilt"]
