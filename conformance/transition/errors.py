"""What is wrong with an input of ``t8n``, with the exit status that geth has for it."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class ExitStatus(IntEnum):
    """geth's; its 2 and 4, failures of the EVM and missing block hashes, cannot be here."""

    CONFIGURATION = 3
    """What is asked for is not what this ledger does."""

    JSON = 10
    """An input that is no JSON, or a field of it that is missing or not what it should be."""

    INPUT_OUTPUT = 11
    """A file that cannot be read or written."""

    RLP = 12
    """Transactions that are no list in RLP."""


class TransitionError(ValueError):
    """Nothing can be carried out: the message names the input and the field, what was expected and what was found."""

    def __init__(self, exit_status: ExitStatus, message: str) -> None:
        super().__init__(message)
        self.exit_status: Final = exit_status
