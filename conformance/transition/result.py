"""What is given out beside the alloc: the result with its receipts, and the body of the block."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final

from conformance.transition.applying import Outcome
from conformance.transition.environment import Environment
from ledger.bloom import logs_bloom
from ledger.receipts import encode_logs, encode_receipt, receipts_root, transactions_root
from ledger.recursive_length_prefix import encode_bytes, encode_list
from ledger.transactions import Transaction, TransactionType
from spec.hashing import keccak256
from spec.messages import Log, Receipt

BLOCK_HASH: Final = f"0x1337{bytes(30).hex()}"
"""geth's place-holder, for the block is not made yet."""

ZERO: Final = "0x0"


def result_json(outcome: Outcome, environment: Environment) -> dict[str, Any]:
    """Return the result, with geth's names; what this ledger does not count is zero."""
    logs = tuple(log for receipt in outcome.receipts for log in receipt.logs)
    pairs = list(zip(outcome.transactions, outcome.receipts, strict=True))
    first_logs = accumulate((len(receipt.logs) for receipt in outcome.receipts), initial=0)
    return {
        "stateRoot": _hex(outcome.state_root),
        "txRoot": _hex(transactions_root(transaction.raw for transaction in outcome.transactions)),
        "receiptsRoot": _hex(receipts_root(encode_receipt(one.type, receipt) for one, receipt in pairs)),
        "logsHash": _hex(keccak256(encode_logs(logs))),
        "logsBloom": _hex(logs_bloom(logs)),
        "receipts": [
            _Place(environment, transaction, index).receipt(receipt, first_log)
            for index, ((transaction, receipt), first_log) in enumerate(zip(pairs, first_logs, strict=False))
        ],
        "rejected": [{"index": index, "error": str(error)} for index, error in outcome.rejected],
        "currentDifficulty": None,
        "gasUsed": ZERO,
        "currentBaseFee": ZERO,
    }


def body(transactions: Sequence[Transaction]) -> str:
    """Return the transactions of the block, a list in RLP: typed ones are in it as byte strings."""
    items = (one.raw if one.type is TransactionType.LEGACY else encode_bytes(one.raw) for one in transactions)
    return _hex(encode_list(items))


class _Place:
    """Where in the block a transaction is."""

    def __init__(self, environment: Environment, transaction: Transaction, index: int) -> None:
        self._transaction = transaction
        self._fields = {
            "transactionHash": _hex(transaction.hash),
            "transactionIndex": hex(index),
            "blockHash": BLOCK_HASH,
            "blockNumber": hex(environment.number),
        }

    def receipt(self, receipt: Receipt, first_log: int) -> dict[str, Any]:
        return {
            "type": hex(self._transaction.type),
            "root": "0x",
            "status": hex(receipt.status),
            "cumulativeGasUsed": ZERO,
            "logsBloom": _hex(logs_bloom(receipt.logs)),
            "logs": [self._log(log, index) for index, log in enumerate(receipt.logs, first_log)],
            "contractAddress": f"0x{bytes(20).hex()}",
            "gasUsed": ZERO,
            "effectiveGasPrice": None,
            **self._fields,
        }

    def _log(self, log: Log, index: int) -> dict[str, Any]:
        return {
            "address": _hex(log.address),
            "topics": [_hex(topic) for topic in log.topics],
            "data": _hex(log.data),
            **self._fields,
            "logIndex": hex(index),
            "removed": False,
        }


def _hex(content: bytes) -> str:
    return f"0x{content.hex()}"
