"""The compiled contracts in a node that is asked over JSON-RPC: anvil, or one that has its methods for development."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from conformance.genesis_file import ledger_genesis
from conformance.machines.py_evm import WordLog
from conformance.peers.anvil import Anvil
from conformance.peers.client import PeerError
from conformance.peers.json_rpc import AnswerError, JsonRpc
from conformance.vectors.encoding import hexadecimal, word
from conformance.vectors.state import State
from ledger.genesis import Genesis
from spec.encoding import WORD
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS, Address, Call, Log, Receipt
from spec.parameters import load_preset

GAS: Final = hex(10**9)


class NodeExecutor:
    """A node with anvil's methods for development; storage is placed before each vector, and all of it read after.

    Each call is a transaction in a block of its own, sent by an account that the node lets us be. What it returns is
    asked for by ``eth_call`` just before, for receipts do not have it.
    """

    def __init__(self, name: str, rpc: JsonRpc) -> None:
        """Take a node as it is now, with the codes in place and a time before that of any call.

        Raises
        ------
        PeerError : it does not answer, or has no such methods.
        """
        self.name = name
        self._rpc = rpc
        self._chain_id = int(rpc.call("eth_chainId"), 16)
        rpc.call("anvil_autoImpersonateAccount", True)
        self._mark = rpc.call("evm_snapshot")
        self._start: dict[tuple[Address, int], int] = {}
        self._words: dict[tuple[Address, int], int] = {}

    def start(self, state: State) -> None:
        """Go back to how the node was at first, and place the words of the state.

        Raises
        ------
        PeerError : it does not do it, or has another chain id.
        """
        if state.chain_id != self._chain_id:
            raise PeerError(f"{self.name}: expected chain id {state.chain_id}, found {self._chain_id}")
        if not self._rpc.call("evm_revert", self._mark):
            raise PeerError(f"{self.name}: expected it to go back to where it was")
        self._mark = self._rpc.call("evm_snapshot")
        placed = [
            ("anvil_setStorageAt", [hexadecimal(address), word(slot), word(value)])
            for (address, slot), value in state.words.items()
        ]
        self._rpc.batch(placed)
        self._start = dict(state.words)
        self._words = dict(state.words)

    def call(self, call: Call) -> Receipt:
        """Carry out one call, and read all storage after it."""
        transaction = {
            "from": hexadecimal(call.sender),
            "to": hexadecimal(call.to),
            "data": hexadecimal(call.data),
            "value": hex(call.value),
            "gas": GAS,
            "gasPrice": "0x0",
        }
        if call.value:
            self._rpc.call("anvil_setBalance", hexadecimal(call.sender), hex(call.value))
        output = self._output(transaction, call.timestamp)
        self._rpc.call("evm_setNextBlockTimestamp", call.timestamp)
        sent = self._rpc.call("eth_sendTransaction", transaction)
        self._rpc.call("evm_mine")
        receipt, dump = self._rpc.batch([("eth_getTransactionReceipt", [sent]), ("anvil_dumpState", [])])
        if receipt is None:
            raise PeerError(f"{self.name}: expected a receipt of the transaction, found none")
        self._read(dump)
        return Receipt(int(receipt["status"], 16) == 1, output, tuple(map(_log, receipt["logs"])))

    def word(self, address: Address, slot: int) -> int:
        """Return a storage word, as it is after the last call."""
        return self._words.get((address, slot), 0)

    def written(self) -> set[tuple[Address, int]]:
        """Return every word that there is or was."""
        return self._start.keys() | self._words.keys()

    def storage_root(self, address: Address) -> bytes:
        """Return the root over the words that the node has, from py-evm's trie library."""
        slots = {slot: value for (contract, slot), value in self._words.items() if contract == address}
        return WordLog({address: slots}).storage_root(address)

    def close(self) -> None:
        """Let go of the connection."""
        self._rpc.close()

    def _output(self, transaction: dict[str, Any], timestamp: int) -> bytes:
        try:
            returned = self._rpc.call("eth_call", transaction, "latest", {}, {"time": hex(timestamp)})
        except AnswerError as error:
            return _revert_data(error)
        return bytes.fromhex(returned[2:])

    def _read(self, dump: str) -> None:
        accounts = json.loads(gzip.decompress(bytes.fromhex(dump[2:])))["accounts"]
        self._words = {
            (address, int(slot, 16)): int(value, 16)
            for address in CONTRACTS
            for slot, value in accounts[hexadecimal(address)]["storage"].items()
            if int(value, 16)
        }


class AnvilExecutor(NodeExecutor):
    """anvil, started with the codes at genesis."""

    def __init__(self) -> None:
        self._anvil = Anvil(_codes_only())
        try:
            super().__init__("anvil", self._anvil.rpc)
        except PeerError:
            self._anvil.close()
            raise

    def close(self) -> None:
        """End anvil."""
        self._anvil.close()


def running_node(url: str) -> NodeExecutor:
    """Return a node that runs already, with our codes put into it; its words are lost.

    Raises
    ------
    PeerError : not such an address; the node does not answer, or has not anvil's methods.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None or parts.port is None:
        raise PeerError(f"{url}: expected an address such as http://127.0.0.1:8545")
    rpc = JsonRpc(parts.hostname, parts.port)
    accounts = _codes_only().accounts
    rpc.batch([("anvil_setCode", [hexadecimal(who), hexadecimal(each.code)]) for who, each in accounts.items()])
    return NodeExecutor(url, rpc)


def _codes_only() -> Genesis:
    """Return a genesis in which the contracts have their codes and no words, long before any call."""
    genesis = replace(ledger_genesis(load_preset("minimal"), ZERO_ADDRESS), timestamp=0)
    accounts = {
        address: replace(account, words={}) if address in CONTRACTS else account
        for address, account in genesis.accounts.items()
    }
    return replace(genesis, accounts=accounts)


def _revert_data(error: AnswerError) -> bytes:
    """Return the revert data in an error of ``eth_call``; the error itself is raised if it is no refusal."""
    data = error.error.get("data") if isinstance(error.error, dict) else None
    if not isinstance(data, str):
        raise error
    return bytes.fromhex(data[2:])


def _log(log: dict[str, Any]) -> Log:
    topics = tuple(bytes.fromhex(topic[2:]).rjust(WORD, b"\0") for topic in log["topics"])
    return Log(Address(bytes.fromhex(log["address"][2:])), topics, bytes.fromhex(log["data"][2:]))
