"""Benchmarks: each compares us with a peer, side by side in one run, on the same calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from conformance.bench.campaign import bench_campaign_calls, bench_campaign_cores
from conformance.bench.growth import bench_midnight, bench_scale
from conformance.bench.ledger import bench_import
from conformance.bench.lockstep import bench_lockstep
from conformance.bench.row import Finding, LeftOut, Note, Row
from conformance.bench.rpc import bench_rpc
from conformance.bench.specification import bench_specification

BENCHMARKS: Final[Mapping[str, Callable[[], Iterator[Finding]]]] = {
    "spec.calls": bench_specification,
    "conform.py-evm": bench_lockstep,
    "campaign.calls": bench_campaign_calls,
    "campaign.cores": bench_campaign_cores,
    "ledger.import": bench_import,
    "ledger.scale": bench_scale,
    "ledger.midnight": bench_midnight,
    "rpc": bench_rpc,
}
"""Name of the rows |-> what yields them, and what else it has found."""

__all__ = ["BENCHMARKS", "Finding", "LeftOut", "Note", "Row"]
