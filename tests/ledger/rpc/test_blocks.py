"""Who answers, blocks, transactions and receipts; their JSON is put together again by other libraries."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from typing import Any

import pytest
import rlp  # type: ignore[import-untyped]
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ledger.node import Node, Syncing
from ledger.receipts import encode_receipt, receipts_root
from ledger.rpc.methods import METHODS, network
from ledger.transactions import TransactionType
from tests.ledger.rpc.conftest import (
    ETHER,
    MINTER,
    NOBODY,
    STAKER,
    Rpc,
    calldata,
    genesis,
    hexed,
    new_node,
    signed,
    transfer,
)

LEGACY, ACCESS_LIST, DYNAMIC_FEE = TransactionType
UNKNOWN = "0x" + "77" * 32
ACCESS = ((NOBODY, (bytes(31) + b"\x05",)),)

HEADER_FIELDS = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty"),
    *("number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas"),
)
QUANTITIES = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas"}


@pytest.fixture(scope="module")
def filled() -> Rpc:
    """A chain of three blocks: the first has five transactions, the second none, the third one."""
    rpc = Rpc(new_node(instant=False))
    vvv, data = calldata("vvv.transfer", NOBODY, 10**30)
    for raw in (
        transfer(STAKER, 0, 1, kind=LEGACY, max_fee_per_gas=7),
        transfer(STAKER, 1, 2, kind=ACCESS_LIST, max_fee_per_gas=8, access_list=ACCESS),
        transfer(STAKER, 2, 3, max_fee_per_gas=9, max_priority_fee_per_gas=4, access_list=ACCESS),
        signed(STAKER, 3, vvv, data),  # refused: more than there is
        signed(STAKER, 4, NOBODY, value=ETHER),
    ):
        rpc.send(raw)
    for _ in range(2):
        rpc.call("evm_mine")
    rpc.send(transfer(STAKER, 5, 4))
    rpc.call("evm_mine")
    return rpc


def test_who_answers(rpc: Rpc, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rpc.call("web3_clientVersion").startswith("vvv-diem-ledger/")
    assert rpc.call("web3_sha3", "0x68656c6c6f") == hexed(keccak(b"hello"))
    assert rpc.call("net_version") == "8453"
    assert rpc.call("net_listening") is True
    assert rpc.call("net_peerCount") == "0x0"
    assert rpc.call("eth_chainId") == "0x2105"
    assert rpc.call("eth_accounts") == []
    assert rpc.call("eth_gasPrice") == rpc.call("eth_maxPriorityFeePerGas") == "0x0"

    def version(_: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr(network, "version", version)
    network.client.cache_clear()
    assert rpc.call("web3_clientVersion").startswith("vvv-diem-ledger/unreleased/")
    network.client.cache_clear()


def test_syncing(rpc: Rpc, node: Node) -> None:
    assert rpc.call("eth_syncing") is False
    node.syncing = Syncing(1, 2, 30)
    assert rpc.call("eth_syncing") == {"startingBlock": "0x1", "currentBlock": "0x2", "highestBlock": "0x1e"}


def test_every_method_that_is_named_is_there() -> None:
    expected = """
    web3_clientVersion web3_sha3 net_version net_listening net_peerCount eth_chainId eth_blockNumber eth_syncing
    eth_gasPrice eth_maxPriorityFeePerGas eth_feeHistory eth_accounts eth_getBalance eth_getCode
    eth_getTransactionCount eth_getStorageAt eth_getProof eth_call eth_estimateGas eth_createAccessList
    eth_sendRawTransaction
    eth_getTransactionByHash eth_getTransactionByBlockHashAndIndex eth_getTransactionByBlockNumberAndIndex
    eth_getBlockTransactionCountByHash eth_getBlockTransactionCountByNumber eth_getTransactionReceipt
    eth_getBlockByNumber eth_getBlockByHash eth_getBlockReceipts eth_getUncleCountByBlockHash
    eth_getUncleCountByBlockNumber eth_getUncleByBlockHashAndIndex eth_getUncleByBlockNumberAndIndex eth_getLogs
    eth_newFilter eth_newBlockFilter eth_newPendingTransactionFilter eth_getFilterChanges eth_getFilterLogs
    eth_uninstallFilter eth_subscribe eth_unsubscribe evm_increaseTime evm_setNextBlockTimestamp evm_mine evm_snapshot
    evm_revert anvil_increaseTime anvil_setNextBlockTimestamp anvil_mine anvil_snapshot anvil_revert debug_getRawBlock
    debug_getRawHeader debug_getRawReceipts debug_getRawTransaction eth_getRawTransactionByHash
    eth_getRawTransactionByBlockHashAndIndex eth_getRawTransactionByBlockNumberAndIndex
    """
    assert set(expected.split()) == set(METHODS)


def test_the_first_block(filled: Rpc) -> None:
    block = filled.call("eth_getBlockByNumber", "earliest", True)
    assert block["hash"] == hexed(genesis().hash)
    assert block["number"] == "0x0"
    assert block["extraData"] == "0x"
    assert block["transactions"] == []


@pytest.mark.parametrize("number", ["0x0", "0x1", "0x2", "latest", "safe", "finalized", "pending"])
def test_the_hash_of_a_block_is_that_of_its_fields(filled: Rpc, number: str) -> None:
    block = filled.call("eth_getBlockByNumber", number, False)
    fields = [int(block[name], 16) if name in QUANTITIES else bytes.fromhex(block[name][2:]) for name in HEADER_FIELDS]
    encoded = rlp.encode(fields)
    assert block["hash"] == hexed(keccak(encoded))
    assert filled.call("debug_getRawHeader", number) == hexed(encoded)
    raw = bytes.fromhex(filled.call("debug_getRawBlock", number)[2:])
    assert rlp.encode(rlp.decode(raw)[0]) == encoded
    assert block["size"] == hex(len(raw))
    assert block["uncles"] == []
    assert block["totalDifficulty"] == block["gasUsed"] == block["baseFeePerGas"] == "0x0"
    assert filled.call("eth_getBlockByHash", block["hash"], False) == block
    assert filled.call("eth_getBlockByHash", block["hash"]) == block
    assert filled.call("debug_getRawBlock", block["hash"]) == hexed(raw)


def test_the_transactions_of_a_block(filled: Rpc) -> None:
    hashes = filled.call("eth_getBlockByNumber", "0x1", False)["transactions"]
    block = filled.call("eth_getBlockByNumber", "0x1", True)
    assert [each["hash"] for each in block["transactions"]] == hashes
    assert len(hashes) == 5
    for index, transaction in enumerate(block["transactions"]):
        place = transaction["blockHash"], transaction["blockNumber"], transaction["transactionIndex"]
        assert place == (block["hash"], "0x1", hex(index))
        assert filled.call("eth_getTransactionByHash", hashes[index]) == transaction
        assert filled.call("eth_getTransactionByBlockHashAndIndex", block["hash"], hex(index)) == transaction
        assert filled.call("eth_getTransactionByBlockNumberAndIndex", "0x1", hex(index)) == transaction
        raw = bytes.fromhex(filled.call("debug_getRawTransaction", hashes[index])[2:])
        assert keccak(raw) == bytes.fromhex(hashes[index][2:])
        assert filled.call("eth_getRawTransactionByHash", hashes[index]) == hexed(raw)
        assert filled.call("eth_getRawTransactionByBlockHashAndIndex", block["hash"], hex(index)) == hexed(raw)
        assert filled.call("eth_getRawTransactionByBlockNumberAndIndex", "0x1", hex(index)) == hexed(raw)
        assert Account.recover_transaction(raw).lower() == transaction["from"] == hexed(STAKER)


def number(transaction: dict[str, Any], name: str) -> int:
    return int(transaction[name], 16)


def test_a_transaction_is_put_together_again_from_its_json(filled: Rpc) -> None:
    legacy, access_list, dynamic_fee, _, sent = filled.call("eth_getBlockByNumber", "0x1", True)["transactions"]
    fields = [number(legacy, name) for name in ("nonce", "gasPrice", "gas", "value", "v", "r", "s")]
    content = [bytes.fromhex(legacy[name][2:]) for name in ("to", "input")]
    encoded = rlp.encode([*fields[:3], content[0], fields[3], content[1], *fields[4:]])
    assert hexed(keccak(encoded)) == legacy["hash"]
    assert legacy["type"] == "0x0"
    assert not {"yParity", "accessList", "maxFeePerGas"} & set(legacy)

    fees = {"gasPrice"}, {"maxFeePerGas", "maxPriorityFeePerGas"}
    for transaction, kind, prices in zip((access_list, dynamic_fee), ("0x1", "0x2"), fees, strict=True):
        assert transaction["type"] == kind
        assert transaction["yParity"] == transaction["v"]
        assert transaction["accessList"] == [{"address": hexed(NOBODY), "storageKeys": ["0x" + "0" * 63 + "5"]}]
        names = {"chainId", "nonce", "gas", "to", "value", "accessList", "type", "v", "r", "s", *prices}
        typed = {name: transaction[name] for name in names} | {"data": transaction["input"]}
        typed["to"] = to_checksum_address(transaction["to"])
        assert hexed(keccak(TypedTransaction.from_dict(typed).encode())) == transaction["hash"]
    assert (access_list["gasPrice"], dynamic_fee["gasPrice"], dynamic_fee["maxFeePerGas"]) == ("0x8", "0x4", "0x9")
    assert (sent["value"], sent["input"], sent["to"]) == (hex(ETHER), "0x", hexed(NOBODY))


def test_receipts(filled: Rpc) -> None:
    block = filled.call("eth_getBlockByNumber", "0x1", True)
    receipts = filled.call("eth_getBlockReceipts", "0x1")
    assert filled.call("eth_getBlockReceipts", block["hash"]) == receipts
    assert [receipt["status"] for receipt in receipts] == ["0x1", "0x1", "0x1", "0x0", "0x1"]
    assert [len(receipt["logs"]) for receipt in receipts] == [1, 1, 1, 0, 0]
    assert [receipt["effectiveGasPrice"] for receipt in receipts] == ["0x7", "0x8", "0x4", "0x0", "0x0"]
    for transaction, receipt in zip(block["transactions"], receipts, strict=True):
        assert filled.call("eth_getTransactionReceipt", transaction["hash"]) == receipt
        for name in ("type", "from", "to", "blockHash", "blockNumber", "transactionIndex"):
            assert receipt[name] == transaction[name]
        assert receipt["transactionHash"] == transaction["hash"]
        assert receipt["contractAddress"] is None
        assert receipt["gasUsed"] == receipt["cumulativeGasUsed"] == "0x0"
        for log in receipt["logs"]:
            assert log["transactionHash"] == transaction["hash"]
            assert log["removed"] is False
            assert log["blockTimestamp"] == block["timestamp"]
    assert [log["logIndex"] for receipt in receipts for log in receipt["logs"]] == ["0x0", "0x1", "0x2"]


@pytest.mark.parametrize("at", ["0x0", "0x1", "0x2", "0x3"])
def test_the_raw_receipts_are_those_of_the_block(filled: Rpc, at: str) -> None:
    raw = [bytes.fromhex(each[2:]) for each in filled.call("debug_getRawReceipts", at)]
    block = filled.call("eth_getBlockByNumber", at, False)
    assert hexed(receipts_root(raw)) == block["receiptsRoot"]
    header = filled.node.chain.header(bytes.fromhex(block["hash"][2:]))
    assert header is not None
    receipts = filled.node.chain.receipts(header.hash)
    kinds = [LEGACY, ACCESS_LIST, *[DYNAMIC_FEE] * 3] if at == "0x1" else [DYNAMIC_FEE] * len(receipts)
    assert raw == [encode_receipt(kind, receipt) for kind, receipt in zip(kinds, receipts, strict=True)]


def test_counts(filled: Rpc) -> None:
    hashes = [filled.call("eth_getBlockByNumber", hex(at), False)["hash"] for at in range(4)]
    by_number = [filled.call("eth_getBlockTransactionCountByNumber", hex(at)) for at in range(4)]
    assert by_number == ["0x0", "0x5", "0x0", "0x1"]
    assert [filled.call("eth_getBlockTransactionCountByHash", each) for each in hashes] == by_number
    assert filled.call("eth_blockNumber") == "0x3"
    assert filled.call("eth_getUncleCountByBlockNumber", "latest") == "0x0"
    assert filled.call("eth_getUncleCountByBlockHash", hashes[1]) == "0x0"
    assert filled.call("eth_getUncleByBlockNumberAndIndex", "0x1", "0x0") is None
    assert filled.call("eth_getUncleByBlockHashAndIndex", hashes[1], "0x0") is None


@pytest.mark.parametrize(
    "method,parameters",
    [
        ("eth_getBlockByNumber", ["0x4", True]),
        ("eth_getBlockByNumber", ["0xffffffffffffffff", True]),
        ("eth_getBlockByHash", [UNKNOWN, True]),
        ("eth_getBlockReceipts", ["0x4"]),
        ("eth_getBlockReceipts", [UNKNOWN]),
        ("eth_getBlockTransactionCountByNumber", ["0x4"]),
        ("eth_getBlockTransactionCountByHash", [UNKNOWN]),
        ("eth_getUncleCountByBlockNumber", ["0x4"]),
        ("eth_getUncleCountByBlockHash", [UNKNOWN]),
        ("eth_getTransactionByHash", [UNKNOWN]),
        ("eth_getTransactionReceipt", [UNKNOWN]),
        ("eth_getTransactionByBlockHashAndIndex", [UNKNOWN, "0x0"]),
        ("eth_getTransactionByBlockNumberAndIndex", ["0x4", "0x0"]),
        ("eth_getTransactionByBlockNumberAndIndex", ["0x1", "0x5"]),
        ("eth_getTransactionByBlockNumberAndIndex", ["0x2", "0x0"]),
        ("debug_getRawTransaction", [UNKNOWN]),
        ("eth_getRawTransactionByHash", [UNKNOWN]),
        ("eth_getRawTransactionByBlockHashAndIndex", [UNKNOWN, "0x0"]),
        ("eth_getRawTransactionByBlockNumberAndIndex", ["0x4", "0x0"]),
        ("eth_getRawTransactionByBlockNumberAndIndex", ["0x1", "0x5"]),
    ],
)
def test_what_is_not_there_is_null(filled: Rpc, method: str, parameters: list[object]) -> None:
    assert filled.call(method, *parameters) is None


@pytest.mark.parametrize("method", ["debug_getRawBlock", "debug_getRawHeader", "debug_getRawReceipts"])
def test_a_raw_block_that_is_not_there_is_refused(filled: Rpc, method: str) -> None:
    assert filled.refused(method, "0x4") == (-32000, "block not found")
    assert filled.refused(method, UNKNOWN) == (-32000, "block not found")


def test_fees(filled: Rpc) -> None:
    assert filled.call("eth_feeHistory", "0x2", "latest", [10, 50.5]) == {
        "oldestBlock": "0x2",
        "baseFeePerGas": ["0x0"] * 3,
        "gasUsedRatio": [0.0] * 2,
        "reward": [["0x0", "0x0"]] * 2,
    }
    assert filled.call("eth_feeHistory", 100, "0x1") == {
        "oldestBlock": "0x0",
        "baseFeePerGas": ["0x0"] * 3,
        "gasUsedRatio": [0.0] * 2,
    }
    assert filled.call("eth_feeHistory", "100000", "pending", [])["oldestBlock"] == "0x0"
    assert filled.call("eth_feeHistory", "0x0", "latest") == {
        "oldestBlock": "0x4",
        "baseFeePerGas": [],
        "gasUsedRatio": [],
    }
    assert filled.refused("eth_feeHistory", "0x1", "0x4") == (-32000, "header not found")


@pytest.mark.parametrize("percentiles", [["1"], [True], [-1], [101], [50, 49], [1] * 101, {}, [None], [10**400]])
def test_percentiles_that_are_none(filled: Rpc, percentiles: object) -> None:
    code, message = filled.refused("eth_feeHistory", "0x1", "latest", percentiles)
    assert code == -32602
    assert message.startswith("invalid argument 2: reward percentiles: ")


def test_a_transaction_that_waits(node: Node) -> None:
    rpc = Rpc(new_node(instant=False))
    raw = transfer(STAKER, 0, 1, max_fee_per_gas=9, max_priority_fee_per_gas=4)
    sent = rpc.send(raw)
    waiting = rpc.call("eth_getTransactionByHash", sent)
    assert (waiting["blockHash"], waiting["blockNumber"], waiting["transactionIndex"]) == (None, None, None)
    assert waiting["gasPrice"] == "0x9"
    assert rpc.call("eth_getTransactionReceipt", sent) is None
    assert rpc.call("debug_getRawTransaction", sent) == hexed(raw)
    counts = [rpc.call("eth_getTransactionCount", hexed(STAKER), tag) for tag in ("latest", "pending")]
    assert counts == ["0x0", "0x1"]
    assert rpc.call("eth_getTransactionCount", hexed(MINTER), "pending") == "0x0"
    rpc.call("evm_mine")
    assert rpc.call("eth_getTransactionByHash", sent)["blockNumber"] == "0x1"
    assert rpc.call("eth_getTransactionReceipt", sent)["status"] == "0x1"
    counts = [rpc.call("eth_getTransactionCount", hexed(STAKER), tag) for tag in ("earliest", "latest", "pending")]
    assert counts == ["0x0", "0x1", "0x1"]


def test_blocks_that_are_asked_for_again_are_not_read_again(filled: Rpc, monkeypatch: pytest.MonkeyPatch) -> None:
    first = filled.call("eth_getBlockByNumber", "0x1", True)
    monkeypatch.setattr(filled.node.chain, "block", None)
    monkeypatch.setattr(filled.node.chain, "header", None)
    assert filled.call("eth_getBlockByNumber", "0x1", True) == first
