"""The mutants that nothing can tell from the original, each with the reason why; the run checks that it is so."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Final, NamedTuple

FOLDER: Final = "indistinguishable"


class Listed(NamedTuple):
    """Why a mutant cannot be told apart."""

    category: str
    """In a word or two."""
    reason: str


def listed(side: str) -> dict[str, Listed]:
    """Return place |-> reason of the mutants of a side that are listed.

    Raises
    ------
    ValueError : a mutant is listed twice.
    """
    file = resources.files(__package__) / FOLDER / f"{side}.toml"
    found: dict[str, Listed] = {}
    for group in tomllib.loads(file.read_text(encoding="utf-8"))["group"]:
        for place in group["mutants"]:
            if place in found:
                raise ValueError(f"{side}.toml: expected each mutant once, found {place} again")
            found[place] = Listed(group["category"], group["reason"])
    return found
