"""What the tests of `diem t8n` give it, and how they call it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

from typer.testing import CliRunner, Result

from conformance.cli.app import app
from conformance.one_root.comparison import OneRoot
from conformance.one_root.keys import KEYS
from conformance.one_root.traffic import Traffic
from ledger.genesis import Genesis
from ledger.node.published import DEV_SEQUENCER, TEST_ACCOUNTS
from ledger.recursive_length_prefix import encode_bytes, encode_list
from ledger.rpc.encoding import transaction_json
from ledger.transactions import Transaction
from spec.parameters import load_preset

CHAIN_ID: Final = 8453
ALICE, BOB = TEST_ACCOUNTS[0], TEST_ACCOUNTS[1]


def t8n(*options: str, stdin: object = None) -> Result:
    """Run the command, with an object, or a text as it is, in standard input."""
    given = stdin if isinstance(stdin, str) else json.dumps(stdin)
    return CliRunner().invoke(app, ["t8n", *options], input=given)


ALL_STREAMED: Final = (
    *("--input.alloc", "stdin", "--input.env", "stdin", "--input.txs=stdin"),
    *("--output.alloc", "stdout", "--output.result=stdout", "--output.body", "stdout"),
)


def carried_out(alloc: object, env: object, txs: object, *options: str) -> dict[str, Any]:
    """Return what it prints for these inputs on the presets' chain."""
    stdin = {"alloc": alloc, "env": env, "txs": txs}
    ran = t8n(*ALL_STREAMED, "--state.chainid", str(CHAIN_ID), *options, stdin=stdin)
    assert (ran.exit_code, ran.stderr) == (0, "")
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


@cache
def genesis(preset: str = "minimal") -> Genesis:
    """Return a first block in which everybody with a key has ether."""
    return OneRoot(load_preset(preset), []).genesis


def alloc(preset: str = "minimal") -> dict[str, Any]:
    """Return its accounts, as JSON of the caller's own."""
    accounts: dict[str, Any] = json.loads(genesis(preset).to_json())["alloc"]
    return accounts


def traffic(seed: str, preset: str) -> Traffic:
    """Return random blocks on it."""
    one_root = OneRoot(load_preset(preset), [])
    return Traffic(one_root.preset, one_root.genesis, seed)


def env(timestamp: int, number: int = 1) -> dict[str, Any]:
    """Return the environment of a block of the ledger."""
    return {
        "currentCoinbase": f"0x{DEV_SEQUENCER.address.hex()}",
        "currentGasLimit": hex(genesis().gas_limit),
        "currentNumber": str(number),
        "currentTimestamp": timestamp,
        "currentRandom": "0x00",
        "currentDifficulty": None,
        "currentBaseFee": "0x0",
        "blockHashes": {"0": f"0x{genesis().hash.hex()}"},
    }


def signed(transaction: Transaction) -> dict[str, Any]:
    """Return a transaction as nodes show it."""
    return transaction_json(transaction, None)


def unsigned(transaction: Transaction) -> dict[str, Any]:
    """Return a transaction to be signed anew: the same signature will come of it."""
    absent = {"v": "0x0", "r": "0x0", "s": "0x0", "secretKey": f"0x{KEYS[transaction.sender].hex()}"}
    return {**transaction_json(transaction, None), "yParity": None, **absent}


def in_rlp(*raws: bytes) -> str:
    """Return encoded transactions as the body of a block."""
    return "0x" + encode_list(raw if raw[0] >= 0xC0 else encode_bytes(raw) for raw in raws).hex()


def transfer(**changes: Any) -> dict[str, Any]:
    """Return a transfer of a wei to be signed, some fields otherwise; those of ``None`` are left out."""
    fields = {
        "type": "0x0",
        "nonce": "0x0",
        "gas": "0x5208",
        "gasPrice": "0x0",
        "to": f"0x{BOB.address.hex()}",
        "value": "0x1",
        "input": "0x",
        "secretKey": f"0x{ALICE.secret.hex()}",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}
