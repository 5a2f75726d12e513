"""What a method has at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.rpc.filters import Filters
from ledger.rpc.limits import Limits
from ledger.rpc.reader import Reader

if TYPE_CHECKING:
    from ledger.node import Node
    from ledger.rpc.subscriptions import Subscriptions


class Context:
    """A node, and what belongs to its clients."""

    def __init__(
        self, node: Node, reader: Reader, filters: Filters, limits: Limits, subscriptions: Subscriptions | None = None
    ) -> None:
        self.node: Final = node
        self.chain: Final = node.chain
        self.reader: Final = reader
        self.filters: Final = filters
        self.limits: Final = limits

        self.subscriptions: Final = subscriptions
        """Those of the connection; None where nothing can be sent but answers."""

    def connected(self, subscriptions: Subscriptions) -> Context:
        """The same, for a connection with subscriptions."""
        return Context(self.node, self.reader, self.filters, self.limits, subscriptions)
