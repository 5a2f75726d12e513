"""Transactions: taken, and found again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ledger.rpc.context import Context
from ledger.rpc.encoding import Json, Position, data, receipt_json, transaction_json
from ledger.rpc.errors import REFUSED, RpcError
from ledger.rpc.method import Method, Parameter
from ledger.rpc.methods.blocks import content_of
from ledger.rpc.parameters import BlockRef, block_number, hash32, uint64
from ledger.rpc.parameters import data as take_data
from ledger.transactions import TransactionError, TransactionErrorCode

WORDINGS: Final[Mapping[TransactionErrorCode, str]] = {
    TransactionErrorCode.OVERSIZED: "oversized data",
    TransactionErrorCode.UNKNOWN_TYPE: "transaction type not supported",
    TransactionErrorCode.MALFORMED: "rlp: malformed transaction",
    TransactionErrorCode.NOT_CANONICAL: "rlp: non-canonical encoding",
    TransactionErrorCode.TRAILING_BYTES: "rlp: input contains more than one value",
    TransactionErrorCode.OUT_OF_RANGE: "rlp: value out of range",
    TransactionErrorCode.UNPROTECTED: "only replay-protected (EIP-155) transactions allowed over RPC",
    TransactionErrorCode.WRONG_CHAIN: "invalid chain id for signer",
    TransactionErrorCode.FEE_ORDER: "max priority fee per gas higher than max fee per gas",
    TransactionErrorCode.BAD_SIGNATURE: "invalid sender",
    TransactionErrorCode.HIGH_S: "invalid sender",
    TransactionErrorCode.INSUFFICIENT_FUNDS: "insufficient funds for transfer",
}
"""What Ethereum's clients say for a reason, where it is not the reason's own name."""


def refused(error: TransactionError) -> RpcError:
    """The answer to a transaction that is refused: other clients' words, for programs, then what exactly was wrong."""
    detail = str(error).removeprefix(f"{error.code}: ")
    return RpcError(REFUSED, f"{WORDINGS.get(error.code, error.code)}: {detail}")


def _send(context: Context, raw: bytes) -> str:
    try:
        return data(context.node.submit(raw))
    except TransactionError as error:
        raise refused(error) from error


def _by_hash(context: Context, transaction_hash: bytes) -> Json:
    place = context.chain.place_of(transaction_hash)
    if place is None:
        waiting = context.node.mempool.get(transaction_hash)
        return None if waiting is None else transaction_json(waiting, None)
    return _at(context, BlockRef(hash=place.block_hash), place.index)


def _at(context: Context, ref: BlockRef, index: int) -> Json:
    content = content_of(context, ref)
    if content is None or index >= len(content.block.transactions):
        return None
    transaction = context.reader.transaction(content.block.transactions[index])
    return transaction_json(transaction, Position(content.block.header, index))


def _at_hash(context: Context, block_hash: bytes, index: int) -> Json:
    return _at(context, BlockRef(hash=block_hash), index)


def _receipt(context: Context, transaction_hash: bytes) -> Json:
    place = context.chain.place_of(transaction_hash)
    if place is None:
        return None
    block, receipts, first_logs = context.reader.content(place.block_hash)
    at = place.index
    transaction = context.reader.transaction(block.transactions[at])
    return receipt_json(transaction, receipts[at], Position(block.header, at), first_logs[at])


_HASH: Final = Parameter("hash", hash32)
_INDEX: Final = Parameter("index", uint64)

METHODS: Final[Mapping[str, Method]] = {
    "eth_sendRawTransaction": Method(_send, Parameter("transaction", take_data)),
    "eth_getTransactionByHash": Method(_by_hash, _HASH),
    "eth_getTransactionByBlockHashAndIndex": Method(_at_hash, _HASH, _INDEX),
    "eth_getTransactionByBlockNumberAndIndex": Method(_at, Parameter("block", block_number), _INDEX),
    "eth_getTransactionReceipt": Method(_receipt, _HASH),
}
