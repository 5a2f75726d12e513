"""A published fact: what the world has said of the protocol, and how to see it on a machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from conformance.session import Session

Check = Callable[[Session], str]


class Fact(NamedTuple):
    """One published fact."""

    statement: str
    published: str
    """The value, as it was published."""
    grade: str
    source: str
    """A section of PROTOCOL.md, which names who published it."""
    preset: str
    """The genesis on which it is looked at."""
    observe: Check
    """Returns the value that a machine shows, written as ``published`` is."""


FACTS: Final[list[Fact]] = []
"""Every fact, in the order in which they are declared."""

LAUNCH: Final = "launch"
SNAPSHOT: Final = "snapshot-2026-09-19"


def fact(
    statement: str, published: str, *, grade: str, source: str, preset: str = SNAPSHOT
) -> Callable[[Check], Check]:
    """Declare the decorated function as the way to see a published fact."""

    def declare(observe: Check) -> Check:
        FACTS.append(Fact(statement, published, grade, f"PROTOCOL {source}", preset, observe))
        return observe

    return declare
