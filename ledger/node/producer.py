"""Blocks at intervals."""

from __future__ import annotations

import asyncio
from typing import Final

from ledger.node.node import Node


class Producer:
    """Lets a node make a block every so many seconds."""

    def __init__(self, node: Node, interval: float, *, empty: bool = True) -> None:
        """Make blocks every ``interval`` (s), and also ``empty`` ones unless told otherwise."""
        self._node: Final = node
        self._interval: Final = interval
        self._empty: Final = empty

    async def produce(self) -> None:
        """Make blocks for ever.

        A block that took longer than an interval is followed by the next at once; none is made up for.

        Raises
        ------
        StoreError : a block could not be written.
        """
        clock = asyncio.get_running_loop().time
        due = clock() + self._interval
        while True:
            await asyncio.sleep(due - clock())
            due = max(due + self._interval, clock())
            if self._empty:
                self._node.mine()
            else:
                self._node.mine_waiting()
