"""Filters that are polled: each gathers what is new until it is asked for, as long as somebody asks."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from ledger.rpc.encoding import Json, data
from ledger.rpc.errors import LIMIT_EXCEEDED, REFUSED, RpcError
from ledger.rpc.limits import Limits
from ledger.rpc.log_filter import LogQuery
from ledger.rpc.reader import Reader
from ledger.transactions import Transaction

if TYPE_CHECKING:
    from ledger.chain import HeadChange


class Kind(Enum):
    """What a filter gathers."""

    LOGS = auto()
    BLOCKS = auto()
    """Hashes."""
    TRANSACTIONS = auto()
    """Hashes of what the mempool takes."""


class _Filter:
    def __init__(self, kind: Kind, query: LogQuery | None, now: float) -> None:
        self.kind: Final = kind
        self.query: Final = query
        self.waiting: list[Json] = []
        self.polled = now


def new_identifier() -> int:
    """Return a number that nobody guesses, for a filter or a subscription."""
    return secrets.randbits(128)


class Filters:
    """All filters of all clients, by number."""

    def __init__(self, reader: Reader, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._reader: Final = reader
        self._limits: Final = limits
        self._clock: Final = clock
        self._filters: Final[dict[int, _Filter]] = {}

    def __len__(self) -> int:
        return len(self._filters)

    def add(self, kind: Kind, query: LogQuery | None = None) -> int:
        """Make a filter and return its number; RpcError (LIMIT_EXCEEDED) if there are too many."""
        self._forget_idle()
        if len(self._filters) >= self._limits.filters:
            raise RpcError(LIMIT_EXCEEDED, f"too many filters: at most {self._limits.filters}")
        number = new_identifier()
        self._filters[number] = _Filter(kind, query, self._clock())
        return number

    def remove(self, number: int) -> bool:
        """Forget a filter; False if there is none of this number."""
        return self._filters.pop(number, None) is not None

    def changes(self, number: int) -> list[Json]:
        """Return what is new since the last time; RpcError (REFUSED) if there is no such filter."""
        found = self._polled(number)
        waiting, found.waiting = found.waiting, []
        return waiting

    def query(self, number: int) -> LogQuery:
        """Return what a filter for logs asks for; RpcError (REFUSED) if there is no such filter."""
        query = self._polled(number).query
        if query is None:
            raise _not_found()
        return query

    def head_changed(self, change: HeadChange) -> None:
        """See `events.Listener`."""
        self._forget_idle()
        for number, each in list(self._filters.items()):
            if each.kind is Kind.BLOCKS:
                self._gather(number, each, [data(header.hash) for header in change.adopted])
            elif each.query is not None:
                self._gather(number, each, changed_logs(self._reader, change, each.query))

    def transaction_waits(self, transaction: Transaction) -> None:
        """See `events.Listener`."""
        for number, each in list(self._filters.items()):
            if each.kind is Kind.TRANSACTIONS:
                self._gather(number, each, [data(transaction.hash)])

    def _polled(self, number: int) -> _Filter:
        self._forget_idle()
        found = self._filters.get(number)
        if found is None:
            raise _not_found()
        found.polled = self._clock()
        return found

    def _gather(self, number: int, into: _Filter, results: list[Json]) -> None:
        into.waiting += results
        if len(into.waiting) > self._limits.filter_results:
            del self._filters[number]

    def _forget_idle(self) -> None:
        before = self._clock() - self._limits.filter_seconds
        for number in [number for number, each in self._filters.items() if each.polled < before]:
            del self._filters[number]


def changed_logs(reader: Reader, change: HeadChange, query: LogQuery) -> list[Json]:
    """Return the logs, of those asked for, that a change of the head takes back, newest block first, and brings."""
    undone = (
        log
        for header in change.undone
        if query.covers(header.number)
        for log in reader.content(header.hash).logs(query.wanted, removed=True)
    )
    brought = (
        log
        for header in change.adopted
        if query.covers(header.number)
        for log in reader.content(header.hash).logs(query.wanted)
    )
    return [*undone, *brought]


def _not_found() -> RpcError:
    return RpcError(REFUSED, "filter not found")
