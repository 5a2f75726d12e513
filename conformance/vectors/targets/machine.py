"""Our own machines as targets."""

from __future__ import annotations

from typing import Final

from conformance.peers.client import PeerError
from conformance.vectors.answering import answer
from conformance.vectors.components import OffChain
from conformance.vectors.encoding import Json
from conformance.vectors.executors import Executor
from conformance.vectors.judging import PARTS, Judge
from conformance.vectors.library import Entry
from conformance.vectors.targets.target import Declined, NoAnswer
from ledger.store import StoreError

MACHINE_PARTS: Final = frozenset(PARTS) - {"variables"}
"""All but the names of variables, which come from the same place as those in the vectors."""


class MachineTarget:
    """An executor, asked directly."""

    def __init__(self, executor: Executor) -> None:
        self.name = executor.name
        self.judge = Judge(MACHINE_PARTS)
        self._executor = executor

    def ask(self, entry: Entry) -> Json:
        """Return what the executor answers."""
        try:
            return answer(entry.format, entry.request, self._executor)
        except OffChain as error:
            raise Declined(str(error)) from None
        except (PeerError, StoreError) as error:
            raise NoAnswer("error", str(error)) from None

    def close(self) -> None:
        """End what was started."""
        self._executor.close()
