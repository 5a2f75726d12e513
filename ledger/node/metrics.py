"""What a node counts, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_FAST: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The numbers of one node, in a registry of their own."""

    content_type: Final = CONTENT_TYPE_LATEST
    """Of what `exposition` returns."""

    def __init__(
        self,
        head_number: Callable[[], int] = lambda: 0,
        mempool_size: Callable[[], int] = lambda: 0,
        store_bytes: Callable[[], int] = lambda: 0,
    ) -> None:
        """Make the registry; what is given is asked whenever the numbers are read."""
        registry = self._registry = CollectorRegistry()
        Gauge("diem_head_number", "Number of the head block.", registry=registry).set_function(head_number)
        Gauge("diem_mempool_transactions", "Transactions that wait.", registry=registry).set_function(mempool_size)
        Gauge("diem_store_bytes", "Bytes of the store's files.", registry=registry).set_function(store_bytes)
        self._transactions = Counter(
            "diem_transactions",
            "Transactions: submitted, refused when submitted, mined (with status 1 or 0), dropped from the mempool.",
            ["status"],
            registry=registry,
        )
        for status in ("submitted", "refused", "succeeded", "failed", "dropped"):
            self._transactions.labels(status)
        self._blocks = Counter("diem_blocks", "Blocks adopted, and undone.", ["change"], registry=registry)
        self._block_seconds = Histogram(
            "diem_block_seconds",
            "Seconds that it took to make or import a block.",
            buckets=_FAST,
            registry=registry,
        )
        self._rpc = Histogram(
            "diem_rpc_seconds",
            "Seconds that a JSON-RPC request took, by method and outcome.",
            ["method", "outcome"],
            buckets=_FAST,
            registry=registry,
        )

    def transaction(self, status: str, number: int = 1) -> None:
        """Count transactions: submitted, refused, succeeded, failed or dropped."""
        self._transactions.labels(status).inc(number)

    def blocks(self, *, undone: int, adopted: int) -> None:
        """Count blocks at a change of the head."""
        self._blocks.labels("undone").inc(undone)
        self._blocks.labels("adopted").inc(adopted)

    def block_seconds(self, seconds: float) -> None:
        """Take down how long it took to make or import a block."""
        self._block_seconds.observe(seconds)

    def rpc(self, method: str, outcome: str, seconds: float) -> None:
        """Take down a JSON-RPC request: its outcome (``ok``, or the error's code) and how long it took.

        The method is one that is served, or ``unknown``: names that clients make up must not become labels.
        """
        self._rpc.labels(method, outcome).observe(seconds)

    def exposition(self) -> bytes:
        """The numbers in Prometheus' text format."""
        return generate_latest(self._registry)
