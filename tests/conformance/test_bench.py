"""How a row of the benchmarks is measured: by turns, in rates, against what is promised."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from importlib import resources
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from conformance.bench import campaign, forge_invariants, import_floor
from conformance.bench import ledger as import_bench
from conformance.bench.forge_invariants import ForgeInvariants
from conformance.bench.holders import Holders
from conformance.bench.ledger import Load, make_load
from conformance.bench.row import Finding, LeftOut, Note, Rates, Row
from conformance.campaign.running import Ended
from conformance.campaign.units import KINDS
from conformance.campaign.worker import Worker
from conformance.cli import bench
from conformance.cli.app import app
from conformance.peers.client import PeerError
from conformance.termination import Stopped
from ledger.blocks import decode_block
from ledger.chain import Chain
from ledger.checked import check_block
from ledger.node.block_file import import_blocks
from ledger.store import MemoryStore
from spec.parameters import load_preset
from spec.signatures import recover
from tests.conformance.evms import WHY
from tests.conformance.foundry import needs


@pytest.fixture
def clock() -> Callable[[], float]:
    """Let a second pass between any two looks: each slice takes one, and each end too."""
    ticks = count()
    return lambda: float(next(ticks))


def contestant(name: str, slices: list[int], turns: list[str]) -> Callable[[], Iterator[int]]:
    def work() -> Iterator[int]:
        for amount in slices:
            turns.append(name)
            yield amount

    return work


def test_contestants_take_turns_slice_by_slice_and_the_longer_one_ends_alone(clock: Callable[[], float]) -> None:
    turns: list[str] = []
    Rates({name: contestant(name, [1] * slices, turns) for name, slices in (("a", 3), ("b", 1))}, 2, clock)
    assert turns == ["a", "b", "a", "a"] * 2


def test_a_row_has_the_rates_their_ratio_and_the_promise(clock: Callable[[], float]) -> None:
    rates = Rates({"ours": contestant("ours", [8, 8, 8], []), "peer": contestant("peer", [4], [])}, 3, clock)
    row = rates.row("example", "calls/s", "ours", "peer", at_least=2)
    assert row == ("example", "calls/s", 24 / 4, 4 / 2, "peer", 3.0, 2, None)


def test_the_ratio_is_the_median_of_the_rounds_and_not_the_ratio_of_the_medians(clock: Callable[[], float]) -> None:
    ours, peers = iter([10, 20, 90]), iter([10, 40, 30])
    rates = Rates({"ours": lambda: iter([next(ours)]), "peer": lambda: iter([next(peers)])}, 3, clock)
    assert rates.row("example", "calls/s", "ours", "peer", None).ratio == 1.0


@pytest.mark.parametrize(
    "promised,ratio,holds,words",
    [
        ({}, 0.1, True, ""),
        ({"at_least": 2.0}, 2.0, True, "at least 2"),
        ({"at_least": 2.0}, 1.9, False, "at least 2"),
        ({"at_most": 1.1}, 1.1, True, "at most 1.1"),
        ({"at_most": 1.1}, 1.2, False, "at most 1.1"),
    ],
)
def test_a_promise_is_kept_or_not(promised: dict[str, float], ratio: float, holds: bool, words: str) -> None:
    row = Row("example", "calls/s", 1.0, 1.0, "peer", ratio, **promised)
    assert (row.holds, row.promise) == (holds, words)


# ------------------------------------------------------------------------------------------------ campaigns and forge


def test_forge_calls_every_kind_that_our_generator_draws() -> None:
    source = resources.files("conformance.bench").joinpath("forge", "Handler.sol").read_text(encoding="utf-8")
    written = re.findall(r"function (\w+)\(uint256 seed\) external drawing\(seed\)", source)
    assert written == [kind.replace(".", "_") for kind in KINDS]


def test_forge_makes_the_calls_that_are_asked_for_and_is_refused_about_a_third(tmp_path: Path) -> None:
    needs("forge")
    if not forge_invariants.COMPILER.is_dir():
        pytest.skip(f"solc: nothing in {forge_invariants.COMPILER}")
    forge = ForgeInvariants(tmp_path, load_preset("minimal"))

    ran = forge.run(runs=2, depth=100, seed=1)

    assert ran.calls == 200
    assert 30 < ran.refused < 120
    assert 0 < ran.seconds < 60
    assert forge.run(runs=1, depth=1, seed=1).calls == 1


def test_ours_is_what_a_worker_of_a_campaign_does() -> None:
    pytest.importorskip("pyrevm", reason=WHY)
    result = campaign._compared(Worker(campaign._SETTING), "test")
    assert result.calls == forge_invariants.DEPTH
    assert result.roots == 4
    assert sum(result.accepted.values()) > 100


class StandsStill:
    """forge, as it would be if its calls took no longer than ours."""

    def run(self, runs: int, depth: int, seed: int) -> forge_invariants.Ran:
        return forge_invariants.Ran(runs * depth, runs * depth // 4, 1 + runs * depth / 1000)


def test_the_row_is_the_median_of_the_rounds_with_what_was_refused_on_either_side(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds = iter([2000.0, 2000.0, 500.0, 500.0, 4000.0, 4000.0])
    monkeypatch.setattr(campaign, "ROUNDS", 3)
    monkeypatch.setattr(campaign, "Worker", lambda _: None)
    monkeypatch.setattr(campaign, "_compared", lambda *_: None)
    monkeypatch.setattr(campaign, "_half", lambda *_: forge_invariants.Ran(2000, 500, 2000 / next(rounds)))

    row, ours, theirs = campaign._against_forge("row", StandsStill())  # type: ignore[arg-type]

    assert isinstance(row, Row)
    assert (row.ours, row.at_least) == (2000, 1)
    assert [row.peer, row.ratio] == pytest.approx([1000, 2])
    assert ours == Note("row", "of ours, refused", 25, "%")
    assert isinstance(theirs, Note)
    assert theirs.what == "of forge's, refused"
    assert theirs.amount == pytest.approx(25, abs=0.1)


def test_where_forge_is_missing_the_row_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Path:
        raise PeerError(f"{name}: expected it here")

    monkeypatch.setattr(campaign, "evm_by_name", lambda _: None)
    monkeypatch.setattr(forge_invariants, "program", missing)
    assert list(campaign.bench_campaign_calls()) == [LeftOut("campaign.calls", "forge: expected it here")]
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert list(campaign.bench_campaign_cores()) == [LeftOut("campaign.cores", "expected 2 cores, found 1")]


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), Stopped()], ids=["Ctrl-C", "SIGTERM"])
def test_a_campaign_that_is_stopped_is_not_taken_for_one_that_found_something(
    monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    stopped = SimpleNamespace(ended=Ended(stop, 1.0), holds=False)
    monkeypatch.setattr(campaign, "run_campaign", lambda *_: stopped)
    with pytest.raises(type(stop)):
        campaign._campaign_rate(1, 1)


# ------------------------------------------------------------------------------------------------ the command


def diem(monkeypatch: pytest.MonkeyPatch, rows: dict[str, Callable[[], Iterator[Finding]]], *arguments: str) -> Result:
    monkeypatch.setattr(bench, "BENCHMARKS", rows)
    return CliRunner().invoke(app, ["bench", *arguments])


GOOD: Row = Row("good", "calls/s", 2.0, 1.0, "peer", 2.0, at_least=1)
WITHOUT: LeftOut = LeftOut("without", "peer: expected it here")
ROWS: dict[str, Callable[[], Iterator[Finding]]] = {
    "good": lambda: iter([GOOD]),
    "without": lambda: iter([WITHOUT]),
    "bad": lambda: iter([GOOD._replace(name="bad", ratio=0.5)]),
}


@pytest.mark.parametrize(
    "only,status",
    [
        (["good"], 0),
        (["without"], 2),
        (["good", "without"], 2),
        (["bad"], 1),
        (["bad", "without"], 1),
    ],
)
def test_a_row_that_was_named_and_is_left_out_is_an_error(
    monkeypatch: pytest.MonkeyPatch, only: list[str], status: int
) -> None:
    named = [argument for name in only for argument in ("--only", name)]
    ran = diem(monkeypatch, ROWS, *named)
    assert ran.exit_code == status
    assert ("without: left out: peer: expected it here" in ran.stdout.splitlines()) == ("without" in only)
    assert ("ratio" in ran.stdout) == (only != ["without"])
    assert diem(monkeypatch, ROWS, *named, "--json").exit_code == status


def test_a_row_that_was_not_named_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = diem(monkeypatch, {name: ROWS[name] for name in ("good", "without")})
    assert ran.exit_code == 0
    assert "without: left out: peer: expected it here" in ran.stdout.splitlines()


def test_a_command_that_is_told_to_end_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped() -> Iterator[Finding]:
        raise Stopped

    ran = diem(monkeypatch, {"good": stopped})
    assert (ran.exit_code, ran.output) == (143, "")


# ------------------------------------------------------------------------------------------------ what an import needs


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.setattr(import_bench, "BLOCK_SIZE", 7)
    return make_load(Holders(load_preset(import_bench.PRESET), 5, 5), 3)


def test_the_parts_of_an_import_are_what_an_import_does(load: Load, tmp_path: Path) -> None:
    blocks = [check_block(decode_block(block), load.genesis.chain_id, load.genesis.sequencer) for block in load.blocks]
    for transaction in (transaction for block in blocks for transaction in block.transactions):
        signature, digest = import_floor._signature(transaction), import_floor._digest(transaction)
        assert recover(digest, 27 + transaction.y_parity, signature[:32], signature[32:]) == transaction.sender
    imported, written = MemoryStore(), MemoryStore()
    Chain(written, load.genesis)
    import_blocks(Chain(imported, load.genesis), io.BytesIO(load.file))
    for batch in import_floor._batches(load.genesis, blocks):
        written.write(batch)
    assert list(written.items(b"")) == list(imported.items(b""))

    parts = list(import_floor.Floor(load.genesis, load.blocks, tmp_path).parts())

    assert len(parts) == 3
    assert all(microseconds > 0 for _, microseconds in parts)
