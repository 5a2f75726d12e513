"""Who answers, and for which chain."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from ledger.rpc.context import Context
from ledger.rpc.encoding import ZERO, Json, data, quantity
from ledger.rpc.method import Method, Parameter
from ledger.rpc.parameters import data as take_data
from spec.hashing import keccak256


@cache
def client() -> str:
    """The name and version of this program."""
    try:
        number = version("vvv-diem-ledger")
    except PackageNotFoundError:
        number = "unreleased"
    return f"vvv-diem-ledger/{number}/{platform.system().lower()}/python{platform.python_version()}"


def _client_version(_: Context) -> str:
    return client()


def _sha3(_: Context, content: bytes) -> str:
    return data(keccak256(content))


def _version(context: Context) -> str:
    return str(context.chain.chain_id)


def _chain_id(context: Context) -> str:
    return quantity(context.chain.chain_id)


def _syncing(context: Context) -> Json:
    syncing = context.node.syncing
    if syncing is None:
        return False
    return {
        "startingBlock": quantity(syncing.start),
        "currentBlock": quantity(syncing.current),
        "highestBlock": quantity(syncing.highest),
    }


METHODS: Final[Mapping[str, Method]] = {
    "web3_clientVersion": Method(_client_version),
    "web3_sha3": Method(_sha3, Parameter("data", take_data)),
    "net_version": Method(_version),
    "net_listening": Method(lambda _: True),
    # Nodes follow one another by JSON-RPC; there is no network of peers.
    "net_peerCount": Method(lambda _: ZERO),
    "eth_chainId": Method(_chain_id),
    "eth_syncing": Method(_syncing),
    "eth_accounts": Method(lambda _: []),
}
