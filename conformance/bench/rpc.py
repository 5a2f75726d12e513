"""``rpc.eth_call`` and ``rpc.getStorageAt``: requests a second, one after another on one connection, against anvil."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from conformance.bench.row import Finding, LeftOut, Rates, Work
from conformance.bench.running_node import RunningNode
from conformance.peers.anvil import Anvil
from conformance.peers.client import PeerError
from conformance.session import function_of
from spec.addresses import STAKING

PRESET: Final = "snapshot-2026-09-19"
ROUNDS: Final = 5
SLICES: Final = 10
REQUESTS: Final = 50
"""In a slice."""


def bench_rpc() -> Iterator[Finding]:
    """Yield how many requests each of the two answers, by the clock; both start from the same genesis.

    Raises
    ------
    ValueError : they do not answer alike.
    """
    with TemporaryDirectory(prefix="diem-bench-") as folder, RunningNode(PRESET, Path(folder)) as node:
        try:
            anvil = Anvil(node.genesis)
        except PeerError as error:
            yield from (LeftOut(name, str(error)) for name in _REQUESTS)
            return
        with anvil:
            for name, (method, *parameters) in _REQUESTS.items():
                asked = {"ledger": partial(node.rpc.call, method), "anvil": partial(anvil.rpc.call, method)}
                if len({call(*parameters) for call in asked.values()}) > 1:
                    raise ValueError(f"{method}: the ledger and anvil answer differently")
                works = {who: partial(_asking, call, parameters) for who, call in asked.items()}
                yield Rates(works, ROUNDS, perf_counter).row(name, "requests/s", "ledger", "anvil", None)


def _asking(call: Callable[..., Any], parameters: list[object]) -> Work:
    for _ in range(SLICES):
        for _ in range(REQUESTS):
            call(*parameters)
        yield REQUESTS


def _call() -> dict[str, str]:
    contract, function = function_of("staking.getDiemAmountOut")
    return {"to": f"0x{contract.address.hex()}", "data": f"0x{function.calldata(1000 * 10**18).hex()}"}


_REQUESTS: Final[dict[str, tuple[Any, ...]]] = {
    "rpc.eth_call": ("eth_call", _call(), "latest"),
    "rpc.getStorageAt": ("eth_getStorageAt", f"0x{STAKING.hex()}", "0x0", "latest"),
}
