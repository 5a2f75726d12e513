"""Benchmarks: each compares us with a peer, side by side in one run, on the same calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from conformance.bench.lockstep import bench_lockstep
from conformance.bench.row import Row
from conformance.bench.specification import bench_specification

BENCHMARKS: Final[tuple[Callable[[], Iterator[Row]], ...]] = (bench_specification, bench_lockstep)
"""Each yields its rows."""

__all__ = ["BENCHMARKS", "Row"]
