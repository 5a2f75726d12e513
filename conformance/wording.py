"""Words of what is told to people."""

from __future__ import annotations


def plural(noun: str, count: int) -> str:
    """Return a noun as it stands behind a count."""
    return noun if count == 1 else f"{noun}s"
