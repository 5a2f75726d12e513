"""Every method that is served, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ledger.rpc.method import Method
from ledger.rpc.methods import blocks, dev, logs, network, raw, state, transactions

METHODS: Final[Mapping[str, Method]] = {
    name: method
    for area in (network, blocks, state, transactions, logs, raw, dev)
    for name, method in area.METHODS.items()
}


def methods_of(*, dev: bool) -> Mapping[str, Method]:
    """The methods of a node; those of development chains only if it is one."""
    return {name: method for name, method in METHODS.items() if dev or not method.dev}
