"""Requests that are made up: valid ones, valid ones with something changed, and garbage."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Any, Final

from ledger.rpc.methods import METHODS
from spec.addresses import DIEM, STAKING, STAKING_IMPLEMENTATION, VVV
from spec.hashing import keccak256
from tests.ledger.rpc.conftest import NOBODY, STAKER, calldata, hexed, transfer

UNKNOWN = "0x" + "77" * 32
TRANSFER = hexed(keccak256(b"Transfer(address,address,uint256)"))

WEIRD: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -1, 2**63, 2**64, 10**30, -(10**30), 0.5, -0.0, 1e300, 1e-300),
    *("", "0x", "0X", "x", "0x0", "0x00", "0x01", "0x1", "0xg", "1", "-1", "0x-1", " 0x1", "0x1\n", "0x" + "f" * 64),
    *("0x" + "f" * 65, "0x" + "0" * 64, "f" * 40, "latest", "pending", "earliest", "safe", "LATEST", "null"),
    *("\0", "\ud800", "\uffff", "é", "0x" + "é" * 40, "a" * 10_000, "0x" + "ab" * 5_000, "__class__", "{}", "[]"),
    *([], {}, [[]], [None], [{}], {"": None}, {"to": None}, {"blockHash": UNKNOWN}, {"blockNumber": "0x0"}),
    *({"blockHash": UNKNOWN, "requireCanonical": True}, {"a": {"b": {"c": [1, [2, [3]]]}}}, [1] * 500),
)
CALLING: Final = ("eth_call", "eth_estimateGas", "eth_createAccessList")
ENVELOPES: Final = ("jsonrpc", "id", "method", "params")


def call_of(name: str, *arguments: Any) -> dict[str, Any]:
    to, data = calldata(name, *arguments)
    return {"from": hexed(STAKER), "to": hexed(to), "data": hexed(data)}


def valid(hashes: Sequence[str], transactions: Sequence[str]) -> list[tuple[str, list[Any]]]:
    """Return requests that a node answers, which has blocks with some hashes, and transactions; none changes it.

    What is sent to be carried out is for another chain.
    """
    blocks = ["latest", "earliest", "pending", "0x1", *hashes, {"blockHash": hashes[0]}, {"blockNumber": "0x2"}]
    tags = ["latest", "earliest", "pending", "safe", "finalized", "0x0", "0x1", "0x2", "0xff"]
    accounts = [hexed(each) for each in (VVV, STAKING, DIEM, STAKER, NOBODY, STAKING_IMPLEMENTATION)]
    calls = [
        call_of("vvv.balanceOf", STAKER),
        call_of("vvv.transfer", NOBODY, 10**40),
        call_of("staking.getDiemAmountOut", 10**21),
        call_of("staking.finalizeUnstake"),
        call_of("diem.stake", 1) | {"value": "0x1", "gas": "0x5208", "accessList": []},
        {"to": hexed(STAKING_IMPLEMENTATION)},
    ]
    filters = [
        {"fromBlock": "earliest", "toBlock": "latest"},
        {"address": accounts, "topics": [TRANSFER, None, [UNKNOWN]]},
        {"blockHash": hashes[0]},
    ]
    found: list[tuple[str, list[Any]]] = [
        *((method, []) for method in METHODS if not METHODS[method].dev),
        *((method, [1]) for method in METHODS if METHODS[method].dev),
        ("web3_sha3", ["0x1234"]),
        ("eth_feeHistory", ["0x2", "latest", [1, 50.5, 99]]),
        ("eth_sendRawTransaction", [hexed(transfer(STAKER, 0, 1, chain_id=1))]),
        *((method, [who, at]) for method in ("eth_getBalance", "eth_getCode") for who in accounts for at in blocks),
        *(("eth_getTransactionCount", [who, at]) for who in accounts for at in blocks),
        *(("eth_getStorageAt", [who, "0x2", at]) for who in accounts for at in blocks),
        *(("eth_getProof", [who, ["0x0", UNKNOWN], at]) for who in accounts for at in blocks),
        *((method, [call, at]) for method in CALLING for call in calls for at in blocks),
        *((method, [each]) for method in ("eth_getLogs", "eth_newFilter") for each in filters),
        *((method, ["0x1"]) for method in ("eth_getFilterChanges", "eth_getFilterLogs", "eth_uninstallFilter")),
        ("eth_subscribe", ["newHeads"]),
        ("eth_subscribe", ["logs", filters[1]]),
        ("eth_unsubscribe", ["0x1"]),
    ]
    for tag in tags:
        found += [("eth_getBlockByNumber", [tag, full]) for full in (True, False)]
        found += [(f"eth_get{what}Number", [tag]) for what in ("BlockTransactionCountBy", "UncleCountByBlock")]
        indexed = ("Transaction", "RawTransaction", "Uncle")
        found += [(f"eth_get{what}ByBlockNumberAndIndex", [tag, "0x0"]) for what in indexed]
        found += [(f"debug_getRaw{what}", [tag]) for what in ("Block", "Header", "Receipts")]
        found += [("eth_getBlockReceipts", [tag])]
    for block_hash in (*hashes, UNKNOWN):
        found += [("eth_getBlockByHash", [block_hash, True]), ("eth_getBlockTransactionCountByHash", [block_hash])]
        found += [(f"eth_get{what}TransactionByBlockHashAndIndex", [block_hash, "0x0"]) for what in ("", "Raw")]
    for transaction in (*transactions, UNKNOWN):
        names = ("eth_getTransactionByHash", "eth_getTransactionReceipt", "eth_getRawTransactionByHash")
        found += [(method, [transaction]) for method in (*names, "debug_getRawTransaction")]
    return found


class MakingUp:
    """Bodies of requests, the same for the same seed."""

    def __init__(self, seed: str, requests: Sequence[tuple[str, list[Any]]]) -> None:
        self._random = Random(seed)  # noqa: S311 (not for secrets)
        self._requests = requests
        self._number = 0

    def body(self) -> bytes:
        """Return the next body."""
        chance = self._random.random()
        if chance < 0.04:
            return self._random.randbytes(self._random.randrange(60))
        if chance < 0.12:
            return self._damaged(self._text(self.request()))
        if chance < 0.22:
            return self._text([self.request() for _ in range(self._random.randrange(6))])
        return self._text(self.request())

    def request(self) -> Any:
        """Return a request: as it should be, with its parameters changed, or itself."""
        method, parameters = self._random.choice(self._requests)
        self._number += 1
        request: Any = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": deepcopy(parameters)}
        chance = self._random.random()
        if chance < 0.15:
            return request
        if chance < 0.25:
            return self._envelope(request)
        for _ in range(self._random.choice((1, 1, 1, 2, 3))):
            request["params"] = self._changed(request["params"])
        return request

    def _envelope(self, request: dict[str, Any]) -> Any:
        name = self._random.choice(ENVELOPES)
        chance = self._random.random()
        if chance < 0.2:
            return self._random.choice(WEIRD)
        if chance < 0.5:
            del request[name]
        elif chance < 0.6 and isinstance(request["method"], str):
            request["method"] = self._scrambled(request["method"])
        else:
            request[name] = self._random.choice(WEIRD)
        return request

    def _changed(self, value: Any) -> Any:
        """Return a value with something changed, anywhere in it."""
        if isinstance(value, list) and value and self._random.random() < 0.8:
            return self._changed_list(value)
        if isinstance(value, dict) and value and self._random.random() < 0.8:
            name = self._random.choice(list(value))
            if self._random.random() < 0.2:
                return {key: content for key, content in value.items() if key != name}
            return value | {name: self._changed(value[name])}
        if isinstance(value, str) and value and self._random.random() < 0.5:
            return self._scrambled(value)
        return deepcopy(self._random.choice(WEIRD))

    def _changed_list(self, value: list[Any]) -> list[Any]:
        at = self._random.randrange(len(value))
        chance = self._random.random()
        if chance < 0.1:
            return value[:at] + value[at + 1 :]
        if chance < 0.2:
            return [*value[:at], deepcopy(self._random.choice(WEIRD)), *value[at:]]
        if chance < 0.25:
            return value * 2
        return [*value[:at], self._changed(value[at]), *value[at + 1 :]]

    def _scrambled(self, text: str) -> str:
        at = self._random.randrange(len(text))
        other = self._random.choice("0123456789abcdefABCDEFxg _-\0é")
        return self._random.choice(
            (text[:at], text[at:], text + other, text[:at] + other + text[at + 1 :], text.upper(), text + text)
        )

    def _damaged(self, body: bytes) -> bytes:
        at = self._random.randrange(len(body))
        other = self._random.randbytes(self._random.randrange(3))
        return self._random.choice(
            (body[:at], body[at:], body[:at] + other + body[at + 1 :], body + body, body + other)
        )

    def _text(self, content: Any) -> bytes:
        # With NaN and Infinity where the numbers are too large, as Python has them and JSON has not.
        return json.dumps(content, ensure_ascii=self._random.random() < 0.5).encode(errors="replace")
