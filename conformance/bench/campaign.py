"""``campaign.calls`` and ``campaign.cores``: how many calls a campaign compares, and what a second core adds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from operator import add, sub
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Final

from conformance.bench.forge_invariants import DEPTH, ForgeInvariants, Ran
from conformance.bench.row import Finding, LeftOut, Note, Row
from conformance.campaign.campaign import Extent, run_campaign
from conformance.campaign.planning import Scope
from conformance.campaign.schedulers.processes import ProcessScheduler
from conformance.campaign.setting import Setting
from conformance.campaign.totals import Totals
from conformance.campaign.units import Stretch, Unit, UnitResult
from conformance.campaign.worker import Worker
from conformance.machines.by_name import UnknownMachine, evm_by_name
from conformance.peers.client import PeerError
from spec.parameters import load_preset

PRESET: Final = "snapshot-2026-09-19"
MACHINE: Final = "pyrevm"
ROUNDS: Final = 7
RUNS: Final = 16
"""Programs of ours and runs of forge in a round, of ``DEPTH`` calls each."""

CORES: Final = 2
CORES_ROUNDS: Final = 2
CAMPAIGN_CALLS: Final = 60_000


def bench_campaign_calls() -> Iterator[Finding]:
    """Yield what a worker of a campaign compares against forge's invariant runner, in processor time on one core.

    Ours is all that a worker does: making up the calls, the specification with its invariants, revm, and the comparison
    of status, output, logs and storage. Forge's is its invariant test of the same bytecode from the same state, with a
    handler that makes the same kinds of calls as often, by the same regimes of amounts and times, and one invariant
    that costs two views. What forge takes for a run of one call is subtracted: it starts, and reads what was compiled.

    Raises
    ------
    ValueError : the machines do not agree.
    """
    name = "campaign.calls"
    try:
        evm_by_name(MACHINE)
        with TemporaryDirectory(prefix="diem-bench-") as folder:
            yield from _against_forge(name, ForgeInvariants(Path(folder), load_preset(PRESET)))
    except (UnknownMachine, PeerError) as error:
        yield LeftOut(name, str(error))


def _against_forge(name: str, forge: ForgeInvariants) -> Iterator[Finding]:
    worker = Worker(_SETTING)
    _compared(worker, "first")  # so that the machines are there
    ours, theirs = list[Ran](), list[Ran]()
    for number in range(ROUNDS):
        half = _half(worker, f"{number}/before")  # and the other half after forge, for the machine's speed drifts
        alone, ran = forge.run(1, 1, number), forge.run(RUNS, DEPTH, number)
        ours.append(Ran(*map(add, half, _half(worker, f"{number}/after"))))
        theirs.append(Ran(*map(sub, ran, alone)))
    rates = [[ran.calls / ran.seconds for ran in side] for side in (ours, theirs)]
    ratio = median(mine / its for mine, its in zip(*rates, strict=True))
    yield Row(name, "calls/s", median(rates[0]), median(rates[1]), "forge", ratio, at_least=1)
    for who, side in (("ours", ours), ("forge's", theirs)):
        refused = sum(ran.refused for ran in side) / sum(ran.calls for ran in side)
        yield Note(name, f"of {who}, refused", 100 * refused, "%")


def _half(worker: Worker, seed: str) -> Ran:
    started = process_time()
    results = [_compared(worker, f"{seed}/{program}") for program in range(RUNS // 2)]
    seconds = process_time() - started
    refused = sum(count for result in results for reasons in result.refused.values() for count in reasons.values())
    return Ran(sum(result.calls for result in results), refused, seconds)


def _compared(worker: Worker, seed: str) -> UnitResult:
    stretch = Stretch(seed=f"bench/{seed}", calls=DEPTH)
    unit = Unit(number=0, purpose="explore", preset=PRESET, machine=MACHINE, stretches=(stretch,))
    result = worker.carry_out(unit)
    if result.failure is not None:
        raise ValueError(f"{result.failure.function}: the machines do not agree at {result.failure.where}")
    return result


def bench_campaign_cores() -> Iterator[Finding]:
    """Yield what a campaign of two processes compares against the same campaign of one, by the clock.

    It is a campaign as ``diem campaign`` makes it, guided, with some of its programs carried out in py-evm too, and all
    of it written to disk. The rate is that of its later calls: at first its processes are being started.
    """
    name = "campaign.cores"
    if (cores := len(os.sched_getaffinity(0))) < CORES:
        yield LeftOut(name, f"expected {CORES} cores, found {cores}")
        return
    try:
        evm_by_name(MACHINE)
    except UnknownMachine as error:
        yield LeftOut(name, str(error))
        return
    rates = {workers: list[float]() for workers in (CORES, 1)}
    for number in range(CORES_ROUNDS):
        for workers, measured in rates.items():
            measured.append(_campaign_rate(number, workers))
    two, one = rates.values()
    ratio = median(more / less for more, less in zip(two, one, strict=True))
    yield Row(name, "calls/s (clock)", median(two), median(one), "1 core", ratio, at_least=1.7)


def _campaign_rate(seed: int, workers: int) -> float:
    """Return the calls a second of a campaign.

    Raises
    ------
    KeyboardInterrupt : it was stopped.
    ValueError : the machines do not agree.
    """
    seen: list[tuple[int, float]] = []
    scope, extent = Scope(seed, (PRESET,), MACHINE, guided=True), Extent(CAMPAIGN_CALLS, None)
    with TemporaryDirectory(prefix="diem-bench-") as folder:
        result = run_campaign(
            Path(folder) / "campaign",
            scope,
            _SETTING,
            extent,
            lambda: ProcessScheduler(_SETTING, workers),
            lambda totals, _, seconds: seen.append((_calls(totals), seconds)),
        )
    if result.ended.interrupted is not None:
        raise result.ended.interrupted
    if not result.holds:
        raise ValueError(f"seed {seed}: the machines do not agree")
    (first_calls, begun), (all_calls, ended) = seen[0], seen[-1]
    return (all_calls - first_calls) / (ended - begun)


def _calls(totals: Totals) -> int:
    """Return all calls so far, those that repeat the beginning of an earlier program included."""
    return totals.tally.calls + totals.repeated


_SETTING: Final = Setting({PRESET: load_preset(PRESET)}, None, shrink_seconds=1.0)
