"""What the ledger has, as JSON in the form of Ethereum's Execution API: numbers as quantities, bytes as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from ledger.blocks import EMPTY_OMMERS_HASH, Block, Header
from ledger.bloom import logs_bloom
from ledger.transactions import Transaction, TransactionType
from spec.hashing import keccak256
from spec.messages import Log, Receipt

Json = Any
"""What the JSON encoder takes."""

ZERO: Final = "0x0"
NONCE: Final = f"0x{bytes(8).hex()}"


def quantity(number: int) -> str:
    """Return a non-negative integer without leading zeros."""
    return f"{number:#x}"


def data(content: bytes) -> str:
    """Return bytes, two digits each."""
    return f"0x{content.hex()}"


class Position(NamedTuple):
    """Where in the chain a transaction is."""

    header: Header
    place: int


def header_json(header: Header) -> dict[str, Json]:
    """Return a header, as ``newHeads`` has it."""
    return {
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash),
        "sha3Uncles": data(EMPTY_OMMERS_HASH),
        "miner": data(header.beneficiary),
        "stateRoot": data(header.state_root),
        "transactionsRoot": data(header.transactions_root),
        "receiptsRoot": data(header.receipts_root),
        "logsBloom": data(header.logs_bloom),
        "difficulty": ZERO,
        "number": quantity(header.number),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": ZERO,
        "timestamp": quantity(header.timestamp),
        "extraData": data(header.extra_data),
        "mixHash": data(header.mix_hash),
        "nonce": NONCE,
        "baseFeePerGas": ZERO,
    }


def block_json(block: Block, transactions: Sequence[Transaction] | None = None) -> dict[str, Json]:
    """Return a block, with the hashes of its transactions, or with these themselves if they are given."""
    header = block.header
    listed: list[Json] = (
        [data(keccak256(raw)) for raw in block.transactions]
        if transactions is None
        else [transaction_json(one, Position(header, at)) for at, one in enumerate(transactions)]
    )
    return {
        **header_json(header),
        "totalDifficulty": ZERO,
        "size": quantity(len(block.encode())),
        "transactions": listed,
        "uncles": [],
    }


def transaction_json(transaction: Transaction, position: Position | None) -> dict[str, Json]:
    """Return a transaction; one without a position is pending."""
    kind = transaction.type
    legacy = kind is TransactionType.LEGACY
    v = transaction.y_parity + (transaction.chain_id * 2 + 35 if legacy else 0)
    price = transaction.max_fee_per_gas if position is None else effective_gas_price(transaction)
    content: dict[str, Json] = {
        "type": quantity(kind),
        "hash": data(transaction.hash),
        "blockHash": position and data(position.header.hash),
        "blockNumber": position and quantity(position.header.number),
        "transactionIndex": position and quantity(position.place),
        "chainId": quantity(transaction.chain_id),
        "nonce": quantity(transaction.nonce),
        "from": data(transaction.sender),
        "to": data(transaction.to),
        "value": quantity(transaction.value),
        "input": data(transaction.data),
        "gas": quantity(transaction.gas_limit),
        "gasPrice": quantity(price),
        "v": quantity(v),
        "r": quantity(transaction.r),
        "s": quantity(transaction.s),
    }
    if not legacy:
        content["yParity"] = quantity(transaction.y_parity)
        content["accessList"] = [
            {"address": data(address), "storageKeys": [data(key) for key in keys]}
            for address, keys in transaction.access_list
        ]
    if kind is TransactionType.DYNAMIC_FEE:
        content["maxFeePerGas"] = quantity(transaction.max_fee_per_gas)
        content["maxPriorityFeePerGas"] = quantity(transaction.max_priority_fee_per_gas)
    return content


def receipt_json(transaction: Transaction, receipt: Receipt, position: Position, first_log: int) -> dict[str, Json]:
    """Return the receipt of a transaction; ``first_log`` is the place of its first log among those of the block."""
    return {
        "type": quantity(transaction.type),
        "status": quantity(receipt.status),
        "transactionHash": data(transaction.hash),
        "transactionIndex": quantity(position.place),
        "blockHash": data(position.header.hash),
        "blockNumber": quantity(position.header.number),
        "from": data(transaction.sender),
        "to": data(transaction.to),
        "contractAddress": None,
        "cumulativeGasUsed": ZERO,
        "gasUsed": ZERO,
        "effectiveGasPrice": quantity(effective_gas_price(transaction)),
        "logs": [
            log_json(position, transaction.hash, index, log, removed=False)
            for index, log in enumerate(receipt.logs, first_log)
        ],
        "logsBloom": data(logs_bloom(receipt.logs)),
    }


def effective_gas_price(transaction: Transaction) -> int:
    """Return the price (wei) per gas at a base fee of 0. As no gas is used, nothing is paid."""
    return min(transaction.max_priority_fee_per_gas, transaction.max_fee_per_gas)


def log_json(position: Position, transaction_hash: bytes, index: int, log: Log, *, removed: bool) -> dict[str, Json]:
    """Return a log; ``index`` is its place among those of the block, ``removed`` whether its block was undone."""
    header = position.header
    return {
        "address": data(log.address),
        "topics": [data(topic) for topic in log.topics],
        "data": data(log.data),
        "blockHash": data(header.hash),
        "blockNumber": quantity(header.number),
        "blockTimestamp": quantity(header.timestamp),
        "transactionHash": data(transaction_hash),
        "transactionIndex": quantity(position.place),
        "logIndex": quantity(index),
        "removed": removed,
    }
