"""What a target is, and the ways in which it can fail to answer."""

from __future__ import annotations

from typing import Final, Protocol

from conformance.vectors.judging import Judge
from conformance.vectors.library import Entry


class Declined(Exception):
    """The target does not answer such a request, which is no failure: the message says why."""


class NoAnswer(Exception):
    """The target should have answered and did not: the vector has failed."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind: Final = kind
        """One of ``KINDS``."""


KINDS: Final = {
    "difference": "the answer is not the expected one",
    "malformed": "the answer is not written as answers are",
    "garbage": "a line is no answer at all",
    "half a line": "the output ended within a line",
    "too late": "the answer came after the time for it",
    "no answer": "nothing came",
    "crash": "the client ended",
    "error": "the client says that it failed",
    "vector": "the vector itself is not what the index says",
}
"""Ways to fail |-> what they mean."""


class Target(Protocol):
    """Something that answers requests."""

    @property
    def name(self) -> str:
        """What the report calls it."""

    @property
    def judge(self) -> Judge:
        """Knows what the answers hold."""

    def ask(self, entry: Entry) -> object:
        """Return the answer to a vector's request.

        Raises
        ------
        Declined : it does not answer such requests.
        NoAnswer : it did not answer.
        """

    def close(self) -> None:
        """End whatever was started for it."""
