"""A node: transactions that wait, blocks made of them or taken from another node, time, logs and metrics."""

from ledger.node.clock import Clock, ClockError
from ledger.node.gateway import Gateway
from ledger.node.mempool import Mempool, PoolLimits
from ledger.node.metrics import Metrics
from ledger.node.node import Node, NotSequencerError, Syncing
from ledger.node.selection import BlockLimits

__all__ = [
    "BlockLimits",
    "Clock",
    "ClockError",
    "Gateway",
    "Mempool",
    "Metrics",
    "Node",
    "NotSequencerError",
    "PoolLimits",
    "Syncing",
]
