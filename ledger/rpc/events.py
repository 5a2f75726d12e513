"""What happens in a node, for those who wait for it: new heads, blocks undone, and transactions that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from ledger.transactions import Transaction

if TYPE_CHECKING:
    from ledger.chain import HeadChange
    from ledger.node import Node


class Listener(Protocol):
    """Somebody who waits."""

    def head_changed(self, change: HeadChange, /) -> None:
        """Be told that the head has moved."""

    def transaction_waits(self, transaction: Transaction, /) -> None:
        """Be told that the mempool has taken a transaction."""


class Events:
    """Passes on what a node tells, to whoever listens at the moment."""

    def __init__(self, node: Node) -> None:
        self._listeners: Final[dict[Listener, None]] = {}
        node.chain.listen(self._head_changed)
        node.mempool.listen(self._transaction_waits)

    def add(self, listener: Listener) -> None:
        """Tell a listener from now on."""
        self._listeners[listener] = None

    def remove(self, listener: Listener) -> None:
        """Tell a listener no more."""
        self._listeners.pop(listener, None)

    def _head_changed(self, change: HeadChange) -> None:
        for listener in list(self._listeners):
            listener.head_changed(change)

    def _transaction_waits(self, transaction: Transaction) -> None:
        for listener in list(self._listeners):
            listener.transaction_waits(transaction)
