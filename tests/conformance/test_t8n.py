"""`diem t8n`: what it answers is what the chain has and what py-evm's chain has, whatever form the inputs have."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import rlp  # type: ignore[import-untyped]
from typer.testing import CliRunner

from conformance.artifact import load_artifacts
from conformance.cli.app import app
from conformance.machines.py_evm import deployed
from conformance.peers.py_evm import PyEvmClient
from conformance.transition.contracts import fixed_words, specified_codes
from ledger.chain import Chain
from ledger.keys import SequencerKey
from ledger.node.published import DEV_SEQUENCER
from ledger.store import MemoryStore
from ledger.transactions import Transaction, TransactionType, decode_transaction, sign_transaction
from spec.addresses import STAKING_IMPLEMENTATION, VVV
from spec.genesis import genesis as genesis_world
from spec.hashing import keccak256
from spec.messages import Receipt
from spec.parameters import PRESETS, load_preset
from tests.conformance.transition_inputs import (
    ALICE,
    BOB,
    CHAIN_ID,
    alloc,
    carried_out,
    env,
    genesis,
    in_rlp,
    signed,
    t8n,
    traffic,
    transfer,
    unsigned,
)

KEY: Final = SequencerKey.from_secret(DEV_SEQUENCER.secret)

FORMS: Final[dict[str, Callable[[Sequence[Transaction]], object]]] = {
    "signed": lambda transactions: list(map(signed, transactions)),
    "to be signed": lambda transactions: list(map(unsigned, transactions)),
    "RLP": lambda transactions: in_rlp(*(one.raw for one in transactions)),
}


def block_of(chain: Chain, transactions: Sequence[Transaction], timestamp: int) -> None:
    """Make the block on a chain, and make it the head."""
    chain.extend(chain.propose(transactions, timestamp, KEY))


def a_chain(preset: str = "minimal") -> Chain:
    return Chain(MemoryStore(), genesis(preset))


def shown(receipts: Sequence[Receipt]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return of receipts what everybody has to show alike."""
    return [
        (
            hex(receipt.status),
            [
                {
                    "address": f"0x{log.address.hex()}",
                    "topics": [f"0x{topic.hex()}" for topic in log.topics],
                    "data": f"0x{log.data.hex()}",
                }
                for log in receipt.logs
            ],
        )
        for receipt in receipts
    ]


def shown_in(result: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    fields = ("address", "topics", "data")
    return [
        (receipt["status"], [{name: log[name] for name in fields} for log in receipt["logs"]])
        for receipt in result["receipts"]
    ]


# ------------------------------------------------------------------------------------------------ the same as a chain


@pytest.mark.parametrize("preset", PRESETS)
def test_calls_one_after_the_other_come_to_what_the_ledger_and_py_evm_have(preset: str) -> None:
    seed = str(secrets.randbelow(2**32))
    blocks, chain, peer, state = traffic(seed, preset), a_chain(preset), PyEvmClient(genesis(preset)), alloc(preset)
    for number, form in enumerate([*FORMS, *FORMS], 1):
        made = blocks.next_block(20)
        transactions = [decode_transaction(raw, CHAIN_ID) for raw in made.raw]
        block_of(chain, transactions, made.timestamp)
        outcome = peer.add_block(made.raw, made.timestamp)
        answer = carried_out(state, env(made.timestamp, number), FORMS[form](transactions))
        result, header, state = answer["result"], chain.head, answer["alloc"]
        assert result["stateRoot"] == f"0x{header.state_root.hex()}" == f"0x{outcome.state_root.hex()}", seed
        assert result["txRoot"] == f"0x{header.transactions_root.hex()}", seed
        assert result["receiptsRoot"] == f"0x{header.receipts_root.hex()}", seed
        assert result["logsBloom"] == f"0x{header.logs_bloom.hex()}", seed
        assert shown_in(result) == shown(chain.receipts(header.hash)) == shown(outcome.receipts), seed
        logs = [[log.address, list(log.topics), log.data] for receipt in outcome.receipts for log in receipt.logs]
        assert result["logsHash"] == f"0x{keccak256(rlp.encode(logs)).hex()}", seed
        assert [receipt["transactionHash"] for receipt in result["receipts"]] == [
            f"0x{transaction.hash.hex()}" for transaction in transactions
        ]
        assert (result["rejected"], answer["body"]) == ([], in_rlp(*made.raw))


def test_a_block_without_transactions_changes_nothing() -> None:
    chain = a_chain()
    block_of(chain, (), genesis().timestamp)
    answer = carried_out(alloc(), env(genesis().timestamp), [])
    assert answer["alloc"] == alloc()
    assert answer["result"] == {
        "stateRoot": f"0x{genesis().header.state_root.hex()}",
        "txRoot": f"0x{chain.head.transactions_root.hex()}",
        "receiptsRoot": f"0x{chain.head.receipts_root.hex()}",
        "logsHash": f"0x{keccak256(rlp.encode([])).hex()}",
        "logsBloom": f"0x{bytes(256).hex()}",
        "receipts": [],
        "rejected": [],
        "currentDifficulty": None,
        "gasUsed": "0x0",
        "currentBaseFee": "0x0",
    }
    assert answer["body"] == "0xc0"


def test_a_receipt_has_the_fields_of_geths() -> None:
    approve = f"0x095ea7b3{bytes(12).hex()}{BOB.address.hex()}{5:064x}"
    txs = [transfer(), transfer(nonce="1", to=f"0x{VVV.hex()}", value="0x0", input=approve)]
    first, second = carried_out(alloc(), env(genesis().timestamp, 258), txs)["result"]["receipts"]
    assert first == {
        "type": "0x0",
        "root": "0x",
        "status": "0x1",
        "cumulativeGasUsed": "0x0",
        "logsBloom": f"0x{bytes(256).hex()}",
        "logs": [],
        "contractAddress": f"0x{bytes(20).hex()}",
        "gasUsed": "0x0",
        "effectiveGasPrice": None,
        "transactionHash": first["transactionHash"],
        "transactionIndex": "0x0",
        "blockHash": f"0x1337{bytes(30).hex()}",
        "blockNumber": "0x102",
    }
    (log,) = second["logs"]
    assert log["topics"][1:] == [f"0x{bytes(12).hex()}{who.hex()}" for who in (ALICE.address, BOB.address)]
    assert {name: log[name] for name in log if name not in ("topics", "blockHash")} == {
        "address": f"0x{VVV.hex()}",
        "data": f"0x{5:064x}",
        "transactionHash": second["transactionHash"],
        "transactionIndex": "0x1",
        "blockNumber": "0x102",
        "logIndex": "0x0",
        "removed": False,
    }


def test_a_word_that_becomes_zero_is_not_given_out() -> None:
    approve = [f"0x095ea7b3{bytes(12).hex()}{BOB.address.hex()}{amount:064x}" for amount in (5, 0)]
    vvv, state = f"0x{VVV.hex()}", alloc()
    for place, words in enumerate((1, 0)):
        tx = transfer(nonce=hex(place), to=vvv, value="0x0", input=approve[place])
        state = carried_out(state, env(genesis().timestamp), [tx])["alloc"]
        assert len(state[vvv]["storage"]) == len(alloc()[vvv]["storage"]) + words
    assert state[vvv] == alloc()[vvv]


# ------------------------------------------------------------------------------------------------ what is rejected


def test_what_cannot_be_in_a_block_is_rejected_with_its_place_and_changes_nothing() -> None:
    good = [
        sign_transaction(ALICE.secret, chain_id=CHAIN_ID, nonce=nonce, to=BOB.address, value=1) for nonce in range(2)
    ]
    chain = a_chain()
    block_of(chain, [decode_transaction(raw, CHAIN_ID) for raw in good], genesis().timestamp)
    other_chain = sign_transaction(ALICE.secret, chain_id=1, nonce=1, to=BOB.address)
    nobody = signed(decode_transaction(good[1], CHAIN_ID)) | {"r": "0x0"}
    cases = [
        (transfer(), None),
        (transfer(), "nonce too low: nonce: found 0, expected 1"),
        (transfer(nonce="0x7"), "nonce too high: nonce: found 7, expected 1"),
        (transfer(nonce="1", value=hex(10**30)), "insufficient funds: value: "),
        (transfer(nonce="1", to=f"0x{STAKING_IMPLEMENTATION.hex()}"), "unspecified code: to: "),
        (transfer(nonce="1", to=f"0x{1:040x}"), "unspecified code: to: "),
        (transfer(nonce="1", to=None), "contract creation: to: "),
        (transfer(nonce="1", to=""), "contract creation: to: "),
        (transfer(nonce="1", protected=False), "unprotected: protected: "),
        (transfer(nonce="1", chainId="0x1", type="0x1"), "wrong chain: chainId: found 1, expected 8453"),
        (signed(decode_transaction(other_chain, 1)), "wrong chain: chainId: found 1, expected 8453"),
        (nobody, "bad signature: r: found 0, "),
        (transfer(nonce="1", type="0x3", maxFeePerGas="0x0"), "unknown type: type: found 0x3"),
        (transfer(nonce=hex(2**64)), "out of range: nonce: "),
        (transfer(nonce="1", type=2, maxFeePerGas="1", maxPriorityFeePerGas="2"), "fee order: maxPriorityFeePerGas: "),
        (transfer(nonce="0x1"), None),
    ]
    answer = carried_out(alloc(), env(genesis().timestamp), [given for given, _ in cases])
    found = {one["index"]: one["error"] for one in answer["result"]["rejected"]}
    expected = {index: message for index, (_, message) in enumerate(cases) if message is not None}
    assert found.keys() == expected.keys()
    for index, message in expected.items():
        assert found[index].startswith(message)
    assert answer["result"]["stateRoot"] == f"0x{chain.head.state_root.hex()}"
    assert [receipt["transactionIndex"] for receipt in answer["result"]["receipts"]] == ["0x0", "0x1"]


def test_what_cannot_be_decoded_in_a_list_in_rlp_is_rejected() -> None:
    raw = sign_transaction(ALICE.secret, TransactionType.LEGACY, chain_id=CHAIN_ID, nonce=0, to=BOB.address, value=1)
    twice_wrapped = rlp.encode([raw, b"\x04\x01", b"", rlp.decode(raw)])
    answer = carried_out(alloc(), env(genesis().timestamp), f"0x{twice_wrapped.hex()}")
    errors = {one["index"]: one["error"].split(": found")[0] for one in answer["result"]["rejected"]}
    assert errors == {0: "unknown type: type", 1: "unknown type: type", 2: "malformed: transaction"}
    assert answer["body"] == in_rlp(raw)


def test_a_call_that_is_refused_is_in_the_block_with_status_0() -> None:
    answer = carried_out(alloc(), env(genesis().timestamp), [transfer(to=f"0x{VVV.hex()}", input="0x12345678")])
    assert [receipt["status"] for receipt in answer["result"]["receipts"]] == ["0x0"]
    assert answer["alloc"][f"0x{ALICE.address.hex()}"]["nonce"] == "0x1"


# ------------------------------------------------------------------------------------------------ files and streams


def test_files_are_read_and_written_and_what_is_written_can_be_read(tmp_path: Path) -> None:
    genesis_file, folder = tmp_path / "genesis.json", tmp_path / "new" / "folder"
    ran = CliRunner().invoke(app, ["genesis", "--preset", "minimal", "--fund", f"0x{ALICE.address.hex()}=10"])
    genesis_file.write_text(ran.stdout, encoding="utf-8")
    (tmp_path / "env.json").write_text(json.dumps(env(1_900_000_000)), encoding="utf-8")
    (tmp_path / "txs.json").write_text(json.dumps([transfer()]), encoding="utf-8")
    files = ("--input.env", str(tmp_path / "env.json"), "--output.basedir", str(folder), "--state.chainid", "8453")
    whole = t8n("--input.alloc", str(genesis_file), "--input.txs", str(tmp_path / "txs.json"), *files)
    assert (whole.exit_code, whole.output) == (0, "")
    written = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.iterdir()}
    assert written.keys() == {"alloc.json", "result.json"}
    bare = carried_out(json.loads(ran.stdout)["alloc"], env(1_900_000_000), [transfer()])
    assert (bare["alloc"], bare["result"]) == (written["alloc.json"], written["result.json"])
    (tmp_path / "txs.rlp").write_text(json.dumps(bare["body"]), encoding="utf-8")
    from_rlp = t8n(
        *("--input.alloc", str(genesis_file), "--input.txs", str(tmp_path / "txs.rlp"), *files),
        *("--output.alloc", "", "--output.result", "stderr", "--output.body", "stderr"),
    )
    assert (from_rlp.exit_code, from_rlp.stdout) == (0, "")
    assert json.loads(from_rlp.stderr) == {"result": bare["result"], "body": bare["body"]}


def test_standard_input_has_what_is_asked_of_it_only(tmp_path: Path) -> None:
    (tmp_path / "alloc.json").write_text(json.dumps(alloc()), encoding="utf-8")
    rest = {"env": env(genesis().timestamp), "txsRlp": "0xc0", "alloc": 5}
    ran = t8n(
        *("--input.alloc", str(tmp_path / "alloc.json"), "--input.env", "stdin", "--input.txs", "stdin"),
        *("--output.alloc", "", "--output.result", "stdout", "--state.fork", "Merge", "--state.reward", "-1"),
        stdin=rest,
    )
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["result"]["stateRoot"] == f"0x{genesis().header.state_root.hex()}"


def test_numbers_and_addresses_are_read_in_the_ways_that_harnesses_write_them() -> None:
    who = f"0x{0x1234:040x}"
    for address, balance, storage in (
        (who, "0x0a", {"0x00": "0x0001", "0x02": "0x0"}),
        (who[2:], "10", {f"{0:064x}": f"{1:064x}"}),
        (who, 10, {"0": "1"}),
    ):
        given = {**alloc(), address: {"balance": balance, "storage": storage, "secretKey": "0x45"}}
        after = carried_out(given, env(genesis().timestamp), [])["alloc"][who]
        assert after == {"nonce": "0x0", "balance": "0xa", "storage": {f"0x{0:064x}": f"0x{1:064x}"}}


def test_signatures_are_read_with_either_name_of_the_parity() -> None:
    raw = sign_transaction(ALICE.secret, chain_id=CHAIN_ID, nonce=0, to=BOB.address, value=1)
    given = signed(decode_transaction(raw, CHAIN_ID))
    for name in ("v", "yParity"):
        without = {field: value for field, value in given.items() if field != name}
        assert carried_out(alloc(), env(genesis().timestamp), [without])["body"] == in_rlp(raw)


def test_the_chain_id_is_that_of_the_option() -> None:
    inputs = {"alloc": alloc(), "env": env(genesis().timestamp), "txs": [transfer()]}
    streams = [option for name in ("alloc", "env", "txs") for option in (f"--input.{name}", "stdin")]
    ran = t8n(*streams, "--output.alloc", "", "--output.result", "", "--output.body", "stdout", stdin=inputs)
    assert (ran.exit_code, ran.stderr) == (0, "")
    raw = sign_transaction(
        ALICE.secret, TransactionType.LEGACY, chain_id=1, nonce=0, to=BOB.address, value=1, gas_limit=21000
    )
    assert json.loads(ran.stdout) == {"body": in_rlp(raw)}


# ------------------------------------------------------------------------------------------------ the contracts


@pytest.mark.parametrize("preset", PRESETS)
def test_the_contracts_expected_are_those_that_a_deployment_leaves(preset: str) -> None:
    parameters = load_preset(preset)
    codes = specified_codes(parameters.chain_id)
    image = deployed(parameters, load_artifacts())
    assert {address: frozenset([code]) for address, code in image.codes.items()} == codes
    world = genesis_world(parameters)
    assert {word for *_, word in fixed_words()} >= {int.from_bytes(VVV, "big"), 1}
    for address, slot, word in fixed_words():
        assert world.accounts[address].words[slot] == image.words[address][slot] == word != 0


def test_vvv_may_have_been_made_on_the_chain_or_on_base() -> None:
    elsewhere = load_preset("minimal").model_copy(update={"chain_id": 7})
    image = deployed(elsewhere, load_artifacts())
    assert image.codes[VVV] in specified_codes(7)[VVV]
    assert image.codes[VVV] not in specified_codes(8)[VVV]
    assert deployed(load_preset("minimal"), load_artifacts()).codes[VVV] in specified_codes(7)[VVV]
