"""Blocks and what is in them, in their own encoding, as geth gives it: what another node needs to follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ledger.receipts import encode_receipt
from ledger.rpc.context import Context
from ledger.rpc.encoding import Json, data
from ledger.rpc.errors import REFUSED, RpcError
from ledger.rpc.method import Method, Parameter
from ledger.rpc.methods.blocks import content_of
from ledger.rpc.parameters import BlockRef, block, block_number, hash32, uint64
from ledger.rpc.reader import Content


def _content(context: Context, ref: BlockRef) -> Content:
    content = content_of(context, ref)
    if content is None:
        raise RpcError(REFUSED, "block not found")
    return content


def _block(context: Context, ref: BlockRef) -> str:
    return data(_content(context, ref).block.encode())


def _header(context: Context, ref: BlockRef) -> str:
    header = context.reader.header(ref)
    if header is None:
        raise RpcError(REFUSED, "block not found")
    return data(header.rlp)


def _receipts(context: Context, ref: BlockRef) -> list[str]:
    content = _content(context, ref)
    transactions = context.reader.transactions(content.block)
    pairs = zip(transactions, content.receipts, strict=True)
    return [data(encode_receipt(transaction.type, receipt)) for transaction, receipt in pairs]


def _transaction(context: Context, transaction_hash: bytes) -> Json:
    place = context.chain.place_of(transaction_hash)
    if place is None:
        waiting = context.node.mempool.get(transaction_hash)
        return None if waiting is None else data(waiting.raw)
    return _transaction_at(context, BlockRef(hash=place.block_hash), place.index)


def _transaction_at(context: Context, ref: BlockRef, index: int) -> Json:
    content = content_of(context, ref)
    if content is None or index >= len(content.block.transactions):
        return None
    return data(content.block.transactions[index])


def _transaction_at_hash(context: Context, block_hash: bytes, index: int) -> Json:
    return _transaction_at(context, BlockRef(hash=block_hash), index)


_BLOCK: Final = Parameter("block", block)
_TRANSACTION: Final = Method(_transaction, Parameter("hash", hash32))
_INDEX: Final = Parameter("index", uint64)

METHODS: Final[Mapping[str, Method]] = {
    "debug_getRawBlock": Method(_block, _BLOCK),
    "debug_getRawHeader": Method(_header, _BLOCK),
    "debug_getRawReceipts": Method(_receipts, _BLOCK),
    "debug_getRawTransaction": _TRANSACTION,
    "eth_getRawTransactionByHash": _TRANSACTION,
    "eth_getRawTransactionByBlockHashAndIndex": Method(_transaction_at_hash, Parameter("blockHash", hash32), _INDEX),
    "eth_getRawTransactionByBlockNumberAndIndex": Method(_transaction_at, Parameter("block", block_number), _INDEX),
}
