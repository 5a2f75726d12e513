"""Blocks, and what they say of fees: there are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ledger.rpc.context import Context
from ledger.rpc.encoding import ZERO, Json, Position, block_json, quantity, receipt_json
from ledger.rpc.errors import header_not_found
from ledger.rpc.method import Method, Parameter
from ledger.rpc.parameters import (
    BlockRef,
    ParameterError,
    array,
    block,
    block_number,
    boolean,
    count,
    hash32,
    uint64,
)
from ledger.rpc.reader import Content

MOST_PERCENTILES: Final = 100


def content_of(context: Context, ref: BlockRef) -> Content | None:
    """The block that is meant with its receipts, None if there is none."""
    header = context.reader.header(ref)
    return None if header is None else context.reader.content(header.hash)


def _number(context: Context) -> str:
    return quantity(context.chain.head.number)


def _block(context: Context, ref: BlockRef, full: bool) -> Json:
    content = content_of(context, ref)
    if content is None:
        return None
    return block_json(content.block, context.reader.transactions(content.block) if full else None)


def _block_by_hash(context: Context, block_hash: bytes, full: bool) -> Json:
    return _block(context, BlockRef(hash=block_hash), full)


def _transaction_count(context: Context, ref: BlockRef) -> Json:
    content = content_of(context, ref)
    return None if content is None else quantity(len(content.block.transactions))


def _transaction_count_by_hash(context: Context, block_hash: bytes) -> Json:
    return _transaction_count(context, BlockRef(hash=block_hash))


def _uncle_count(context: Context, ref: BlockRef) -> Json:
    return None if context.reader.header(ref) is None else ZERO


def _uncle_count_by_hash(context: Context, block_hash: bytes) -> Json:
    return _uncle_count(context, BlockRef(hash=block_hash))


def _no_uncle(_: Context, __: object, ___: int) -> Json:
    return None


def _receipts(context: Context, ref: BlockRef) -> Json:
    content = content_of(context, ref)
    if content is None:
        return None
    transactions = context.reader.transactions(content.block)
    return [
        receipt_json(transaction, receipt, Position(content.block.header, at), content.first_logs[at])
        for at, (transaction, receipt) in enumerate(zip(transactions, content.receipts, strict=True))
    ]


def _fee_history(context: Context, blocks: int, newest: BlockRef, percentiles: list[float]) -> Json:
    last = context.reader.header(newest)
    if last is None:
        raise header_not_found()
    number = min(blocks, context.limits.fee_history, last.number + 1)
    history: dict[str, Json] = {
        "oldestBlock": quantity(last.number + 1 - number),
        "baseFeePerGas": [ZERO] * (number + 1 if number else 0),
        "gasUsedRatio": [0.0] * number,
    }
    if percentiles:
        history["reward"] = [[ZERO] * len(percentiles)] * number
    return history


def _percentiles(value: object) -> list[float]:
    percentiles = array(value)
    if len(percentiles) > MOST_PERCENTILES:
        raise ParameterError(f"at most {MOST_PERCENTILES} percentiles", value)
    before = 0.0
    found: list[float] = []
    for percentile in percentiles:
        if isinstance(percentile, bool) or not isinstance(percentile, int | float) or not before <= percentile <= 100:
            raise ParameterError("rising numbers from 0 to 100", percentile)
        before = percentile
        found.append(percentile)
    return found


_BLOCK: Final = Parameter("block", block_number)
_HASH: Final = Parameter("blockHash", hash32)
_FULL: Final = Parameter("full transactions", boolean, False)
_INDEX: Final = Parameter("index", uint64)

METHODS: Final[Mapping[str, Method]] = {
    "eth_blockNumber": Method(_number),
    "eth_getBlockByNumber": Method(_block, _BLOCK, _FULL),
    "eth_getBlockByHash": Method(_block_by_hash, _HASH, _FULL),
    "eth_getBlockTransactionCountByNumber": Method(_transaction_count, _BLOCK),
    "eth_getBlockTransactionCountByHash": Method(_transaction_count_by_hash, _HASH),
    "eth_getBlockReceipts": Method(_receipts, Parameter("block", block)),
    "eth_getUncleCountByBlockNumber": Method(_uncle_count, _BLOCK),
    "eth_getUncleCountByBlockHash": Method(_uncle_count_by_hash, _HASH),
    "eth_getUncleByBlockNumberAndIndex": Method(_no_uncle, _BLOCK, _INDEX),
    "eth_getUncleByBlockHashAndIndex": Method(_no_uncle, _HASH, _INDEX),
    "eth_gasPrice": Method(lambda _: ZERO),
    "eth_maxPriorityFeePerGas": Method(lambda _: ZERO),
    "eth_feeHistory": Method(
        _fee_history,
        Parameter("block count", count),
        Parameter("newest block", block_number),
        Parameter("reward percentiles", _percentiles, ()),
    ),
}
