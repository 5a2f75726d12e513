"""What is wrong with a scenario, and where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final


class ScenarioError(ValueError):
    """A scenario that cannot be run: one line with the file, the place in it, what was expected and what was found."""


class Fault(ValueError):
    """What is wrong at a place inside the document; the path is completed on the way out by ``within``."""

    def __init__(self, message: str, *path: str | int) -> None:
        self.message: Final = message
        self.path: Final = path
        super().__init__(": ".join(filter(None, [".".join(map(str, path)), message])))


@contextmanager
def within(*path: str | int) -> Iterator[None]:
    """Say of every fault inside that it is at ``path``."""
    try:
        yield
    except Fault as fault:
        raise Fault(fault.message, *path, *fault.path) from None
    except ValueError as error:
        raise Fault(str(error), *path) from None


def brief(value: object) -> str:
    """Return what was found, as it can be shown in one line."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits
        text = "a number of thousands of digits"
    return text if len(text) <= 80 else f"{text[:77]}..."
