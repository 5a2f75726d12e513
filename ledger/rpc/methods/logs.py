"""Logs: in blocks that are there, in filters that are polled, and as notifications."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Final

from ledger.rpc.context import Context
from ledger.rpc.encoding import Json, quantity
from ledger.rpc.errors import INVALID_PARAMS, LIMIT_EXCEEDED, METHOD_NOT_FOUND, REFUSED, RpcError
from ledger.rpc.filters import Kind
from ledger.rpc.log_filter import LogQuery, check_open, log_query
from ledger.rpc.method import Method, Parameter
from ledger.rpc.parameters import BlockRef, ParameterError, anything, boolean, string
from ledger.rpc.parameters import quantity as take_quantity
from ledger.rpc.subscriptions import Subscription, Subscriptions, Topic
from spec.machine import CONTRACTS

Logs = Generator[None, None, list[Json]]
"""Logs, gathered in steps."""


def find_logs(context: Context, query: LogQuery) -> Logs:
    """The logs that a query asks for, in the order of the chain.

    Raises
    ------
    RpcError : INVALID_PARAMS : the range begins or ends beyond the head. Or as of `logs_so_far`.
    """
    head = context.chain.head.number
    if any(ref.number is not None and ref.number > head for ref in (query.first, query.last)):
        raise RpcError(INVALID_PARAMS, "block range extends beyond current head block")
    return (yield from logs_so_far(context, query))


def logs_so_far(context: Context, query: LogQuery) -> Logs:
    """The logs, of those that a query asks for, in blocks that are there; it may go on with blocks to come.

    Raises
    ------
    RpcError : REFUSED : there is no block of the hash. INVALID_PARAMS : the range ends before it begins. LIMIT_EXCEEDED
        : it has more than `Limits.log_range` blocks. REFUSED : it begins before the snapshot with which the chain
        began. LIMIT_EXCEEDED : there are more than `Limits.log_results` logs.
    """
    if query.block_hash is not None:
        if context.chain.header(query.block_hash) is None:
            raise RpcError(REFUSED, "unknown block")
        return (yield from _gather(context, query, [query.block_hash]))
    head = context.chain.head.number
    first = _number(query.first, head)
    last = _number(query.last, head)
    if first > head:
        return []
    if first > last:
        raise RpcError(INVALID_PARAMS, f"invalid block range params: from {first} to {last}")
    last = min(last, head)
    if last - first >= context.limits.log_range:
        raise RpcError(
            LIMIT_EXCEEDED, f"block range too large: {last - first + 1} blocks, at most {context.limits.log_range}"
        )
    if max(first, 1) <= last and context.chain.hash_at(max(first, 1)) is None:
        raise RpcError(REFUSED, "pruned history unavailable")
    # Nobody but the contracts emits logs, and blocks without any need not be read.
    addresses = tuple(query.wanted.addresses or CONTRACTS)
    numbers = context.chain.blocks_with(addresses, [tuple(values) for values in query.wanted.topics], first, last)
    # All of one chain, whatever becomes of the head between two steps.
    return (yield from _gather(context, query, [context.chain.hash_at(number) or b"" for number in numbers]))


def _number(ref: BlockRef, head: int) -> int:
    return head if ref.number is None else ref.number


def _gather(context: Context, query: LogQuery, block_hashes: Sequence[bytes]) -> Logs:
    found: list[Json] = []
    for block_hash in block_hashes:
        for log in context.reader.content(block_hash).logs(query.wanted):
            found.append(log)
            yield
        yield
        if len(found) > context.limits.log_results:
            raise RpcError(LIMIT_EXCEEDED, f"query returned more than {context.limits.log_results} results")
    return found


def _new_filter(context: Context, query: LogQuery) -> str:
    check_open(query)
    return quantity(context.filters.add(Kind.LOGS, query))


def _new_block_filter(context: Context) -> str:
    return quantity(context.filters.add(Kind.BLOCKS))


def _new_transaction_filter(context: Context) -> str:
    return quantity(context.filters.add(Kind.TRANSACTIONS))


def _filter_changes(context: Context, number: int) -> list[Json]:
    return context.filters.changes(number)


def _filter_logs(context: Context, number: int) -> Logs:
    return logs_so_far(context, context.filters.query(number))


def _uninstall(context: Context, number: int) -> bool:
    return context.filters.remove(number)


def _subscribe(context: Context, topic: str, details: object) -> str:
    subscriptions = _subscriptions(context)
    try:
        return quantity(subscriptions.add(_subscription(topic, details)))
    except ParameterError as error:
        raise RpcError(INVALID_PARAMS, f"invalid argument 1: {error}") from error


def _unsubscribe(context: Context, number: int) -> bool:
    return _subscriptions(context).remove(number)


def _subscriptions(context: Context) -> Subscriptions:
    if context.subscriptions is None:
        raise RpcError(METHOD_NOT_FOUND, "notifications not supported: subscribe over a WebSocket")
    return context.subscriptions


def _subscription(name: str, details: object) -> Subscription:
    if name not in set(Topic):
        expected = ", ".join(Topic)
        raise RpcError(INVALID_PARAMS, f"no such subscription in the eth namespace: expected one of {expected}")
    topic = Topic(name)
    if topic is Topic.LOGS:
        query = log_query({} if details is None else details)
        check_open(query)
        return Subscription(topic, query)
    if topic is Topic.PENDING:
        return Subscription(topic, full=details is not None and boolean(details))
    if details is not None:
        raise ParameterError("none for newHeads", details)
    return Subscription(topic)


_QUERY: Final = Parameter("filter", log_query)
_FILTER: Final = Parameter("filter id", take_quantity)

METHODS: Final[Mapping[str, Method]] = {
    "eth_getLogs": Method(find_logs, _QUERY),
    "eth_newFilter": Method(_new_filter, _QUERY),
    "eth_newBlockFilter": Method(_new_block_filter),
    "eth_newPendingTransactionFilter": Method(_new_transaction_filter),
    "eth_getFilterChanges": Method(_filter_changes, _FILTER),
    "eth_getFilterLogs": Method(_filter_logs, _FILTER),
    "eth_uninstallFilter": Method(_uninstall, _FILTER),
    "eth_subscribe": Method(_subscribe, Parameter("subscription", string), Parameter("details", anything, None)),
    "eth_unsubscribe": Method(_unsubscribe, Parameter("subscription id", take_quantity)),
}
