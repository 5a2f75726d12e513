"""Whether a node does what it should, in a form for machines."""

from __future__ import annotations

from typing import Any, NamedTuple

from ledger.node.node import Node


class Health(NamedTuple):
    """What a node answers to who asks how it is."""

    ok: bool
    content: dict[str, Any]
    """JSON: ``status`` (ok or failing), ``reason`` if failing, ``head``, ``syncing``, ``mempool``."""


def health(node: Node) -> Health:
    """How a node is: failing while it cannot make or follow blocks, and once it could not read its store."""
    head = node.chain.head
    trouble = node.trouble or node.unreadable
    syncing = node.syncing
    content = {
        "status": "ok" if trouble is None else "failing",
        **({} if trouble is None else {"reason": trouble}),
        "head": {
            "number": head.number,
            "hash": f"0x{head.hash.hex()}",
            "timestamp": head.timestamp,
            "age_seconds": round(node.head_age(), 3),
        },
        "syncing": None if syncing is None else syncing._asdict(),
        "mempool": len(node.mempool),
    }
    return Health(trouble is None, content)
