"""How much a client may ask for, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What is more than this is refused, with an error that says so."""

    body: int = 5 * 1024 * 1024
    """Bytes of a request, over HTTP or in a WebSocket message."""

    batch: int = 1000
    """Requests in a batch."""

    batch_response: int = 25 * 1024 * 1024
    """Bytes of the answers in a batch: what comes after is answered with an error."""

    batch_seconds: float = 30.0
    """Time for a batch: what is not begun by then is answered with an error."""

    log_range: int = 10_000
    """Blocks in which ``eth_getLogs`` looks."""

    log_results: int = 10_000
    """Logs in an answer."""

    fee_history: int = 1024
    """Blocks in an answer of ``eth_feeHistory``."""

    proof_slots: int = 1024
    """Storage slots in an ``eth_getProof``."""

    filters: int = 1000
    """Filters that are polled, of all clients together."""

    filter_seconds: float = 300.0
    """A filter that was not polled for so long is gone."""

    filter_results: int = 10_000
    """Results that wait in a filter; one with more is gone."""

    subscriptions: int = 100
    """Of one WebSocket connection."""

    queue: int = 16 * 1024 * 1024
    """Bytes of notifications that wait for a subscriber; one that is slower is disconnected."""

    connections: int = 500
    """At a time, HTTP and WebSocket together; more are closed at once."""

    request_seconds: float = 30.0
    """From the connection, or a request's first byte, until all of the request is there."""

    idle_seconds: float = 60.0
    """Between an answer and the connection's next request; a WebSocket is pinged instead, three times as often."""

    stall_seconds: float = 30.0
    """How long a client may take nothing of what is waiting to be sent to it."""

    mined_blocks: int = 1000
    """Blocks at a time that ``anvil_mine`` and ``evm_mine`` make."""
