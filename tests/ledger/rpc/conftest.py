"""A node over the preset `minimal`, and its JSON-RPC without anything that carries it."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import Any, Final

import pytest

from conformance.genesis_file import ledger_genesis
from ledger.blocks import Block
from ledger.chain import Chain
from ledger.genesis import Genesis
from ledger.keys import SequencerKey
from ledger.node import Clock, Node
from ledger.node.published import TEST_ACCOUNTS
from ledger.rpc import Limits, Service
from ledger.rpc.dispatch import Observe
from ledger.store import MemoryStore
from ledger.transactions import TransactionType, sign_transaction
from spec.machine import CONTRACTS
from spec.messages import Address
from spec.parameters import load_preset

KEY: Final = SequencerKey.from_secret(b"\x46" * 32)
CHAIN_ID: Final = 8453
(STAKER, _STAKER_SECRET), (MINTER, _MINTER_SECRET) = TEST_ACCOUNTS[0], TEST_ACCOUNTS[2]
"""Two accounts of the preset."""
SECRET_OF: Final = {STAKER: _STAKER_SECRET, MINTER: _MINTER_SECRET}
NOBODY: Final = Address(b"\x99" * 20)
ETHER: Final = 10**18


@cache
def genesis() -> Genesis:
    return ledger_genesis(load_preset("minimal"), KEY.address, {STAKER: 10 * ETHER})


def calldata(name: str, *arguments: Any) -> tuple[Address, bytes]:
    """Return where a call goes, and its data: ``calldata("staking.stake", account, 1)``."""
    contract_name, function = name.split(".")
    contract = next(contract for contract in CONTRACTS.values() if contract.name == contract_name)
    return contract.address, contract.by_name[function].calldata(*arguments)


def signed(sender: Address, nonce: int, to: bytes, data: bytes = b"", **fields: Any) -> bytes:
    fields = {"chain_id": CHAIN_ID, "gas_limit": 10**6, "kind": TransactionType.DYNAMIC_FEE} | fields
    return sign_transaction(SECRET_OF[sender], nonce=nonce, to=to, data=data, **fields)


def transfer(sender: Address, nonce: int, amount: int, receiver: Address = NOBODY, **fields: Any) -> bytes:
    """Return a transfer of VVV."""
    to, data = calldata("vvv.transfer", receiver, amount)
    return signed(sender, nonce, to, data, **fields)


def new_node(*, dev: bool = True, instant: bool = True) -> Node:
    """Return a node whose wall clock stands still, and which is at the time of its genesis."""
    chain = Chain(MemoryStore(), genesis())
    clock = Clock(wall=lambda: 2e9, start=genesis().timestamp)
    return Node(chain, key=KEY, dev=dev, instant=instant, clock=clock)


class RpcFailure(Exception):
    """The answer is an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error)
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data")


class Rpc:
    """JSON-RPC over a node, in process."""

    def __init__(self, node: Node, limits: Limits | None = None, observe: Observe | None = None) -> None:
        self.node = node
        self.service = Service(node, limits, observe)

    def raw(self, body: bytes | str, context: Any = None) -> str | None:
        return asyncio.run(self.service.dispatcher.answer(context or self.service.context, body))

    def body(self, body: Any, context: Any = None) -> Any:
        """Return the answer to a body, both as JSON; None if there is none."""
        answer = self.raw(json.dumps(body), context)
        return None if answer is None else json.loads(answer)

    def call(self, method: str, *parameters: Any, context: Any = None) -> Any:
        """Return the result of a request."""
        answer = self.body({"jsonrpc": "2.0", "id": 7, "method": method, "params": parameters}, context)
        assert answer["jsonrpc"] == "2.0"
        assert answer["id"] == 7
        if "error" in answer:
            raise RpcFailure(answer["error"])
        return answer["result"]

    def refused(self, method: str, *parameters: Any, context: Any = None) -> tuple[int, str]:
        """Return code and message of the error that answers a request."""
        with pytest.raises(RpcFailure) as caught:
            self.call(method, *parameters, context=context)
        return caught.value.code, caught.value.message

    def send(self, raw: bytes) -> str:
        result: str = self.call("eth_sendRawTransaction", hexed(raw))
        return result

    def head(self) -> Block:
        block = self.node.chain.block(self.node.chain.head.hash)
        assert block is not None
        return block


def hexed(content: bytes) -> str:
    return f"0x{content.hex()}"


@pytest.fixture
def node() -> Node:
    return new_node()


@pytest.fixture
def rpc(node: Node) -> Rpc:
    return Rpc(node)
