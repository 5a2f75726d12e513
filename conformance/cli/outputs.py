"""Files that are written when the work is done: one that cannot be is said in the end, and nothing else is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from conformance.artifact import ArtifactError
from conformance.cli.app import BAD_INPUT, FAILS, HOLDS, say
from conformance.cli.output import InputError
from conformance.deployment import DeploymentError
from conformance.findings.register import FindingsError
from conformance.report.writing import ReportError
from conformance.target.document import TargetError

CANNOT_BE_WRITTEN: Final = (
    *(InputError, FindingsError, ReportError),
    # A finding is of contracts in py-evm, where they are deployed anew.
    *(ArtifactError, DeploymentError, TargetError),
)


class Outputs:
    """What of a command's files could not be written."""

    def __init__(self, command: str) -> None:
        self._command: Final = command
        self._faults: Final[list[str]] = []

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Write something; the error, if it cannot be written, is kept for the end."""
        try:
            yield
        except CANNOT_BE_WRITTEN as error:
            if str(error) not in self._faults:  # of a full disk every file tells the same
                self._faults.append(str(error))

    def status(self, *, holds: bool) -> int:
        """Say what could not be written, and return the exit status: what was found counts for more than a file."""
        for fault in self._faults:
            say(self._command, fault)
        if not holds:
            return FAILS
        return BAD_INPUT if self._faults else HOLDS
