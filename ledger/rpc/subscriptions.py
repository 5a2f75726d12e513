"""The subscriptions of one connection: what happens is sent as notifications, in the order in which it happens."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.json_text import encode
from ledger.rpc.encoding import Json, data, header_json, quantity, transaction_json
from ledger.rpc.errors import LIMIT_EXCEEDED, RpcError
from ledger.rpc.filters import changed_logs, new_identifier
from ledger.rpc.limits import Limits
from ledger.rpc.log_filter import LogQuery
from ledger.rpc.reader import Reader
from ledger.transactions import Transaction

if TYPE_CHECKING:
    from ledger.chain import HeadChange


class Topic(StrEnum):
    """What one can subscribe to."""

    NEW_HEADS = "newHeads"
    LOGS = "logs"
    PENDING = "newPendingTransactions"


class Subscription(NamedTuple):
    """What one has subscribed to."""

    topic: Topic
    query: LogQuery | None = None

    full: bool = False
    """Of pending transactions all, not only the hash."""


class Subscriptions:
    """What one connection has subscribed to; ``send`` takes the notifications, as JSON."""

    def __init__(self, reader: Reader, limits: Limits, send: Callable[[str], None]) -> None:
        self._reader: Final = reader
        self._limits: Final = limits
        self._send: Final = send
        self._subscriptions: Final[dict[int, Subscription]] = {}

    def add(self, subscription: Subscription) -> int:
        """Subscribe, and return the number of the subscription; RpcError (LIMIT_EXCEEDED) if there are too many."""
        if len(self._subscriptions) >= self._limits.subscriptions:
            raise RpcError(LIMIT_EXCEEDED, f"too many subscriptions: at most {self._limits.subscriptions}")
        number = new_identifier()
        self._subscriptions[number] = subscription
        return number

    def remove(self, number: int) -> bool:
        """End a subscription; False if there is none of this number."""
        return self._subscriptions.pop(number, None) is not None

    def head_changed(self, change: HeadChange) -> None:
        """See `events.Listener`."""
        for number, subscription in self._subscriptions.items():
            if subscription.topic is Topic.NEW_HEADS:
                self._notify(number, [header_json(header) for header in change.adopted])
            elif subscription.query is not None:
                self._notify(number, changed_logs(self._reader, change, subscription.query))

    def transaction_waits(self, transaction: Transaction) -> None:
        """See `events.Listener`."""
        for number, subscription in self._subscriptions.items():
            if subscription.topic is Topic.PENDING:
                shown = transaction_json(transaction, None) if subscription.full else data(transaction.hash)
                self._notify(number, [shown])

    def _notify(self, number: int, results: list[Json]) -> None:
        for result in results:
            params = f'{{"subscription":"{quantity(number)}","result":{encode(result)}}}'
            self._send(f'{{"jsonrpc":"2.0","method":"eth_subscription","params":{params}}}')
