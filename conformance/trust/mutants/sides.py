"""Where mutants come from, and what is known of those that nothing tells apart."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module, resources
from typing import Any, Final, NamedTuple, Protocol

from conformance.trust.mutants.program import Program
from conformance.trust.mutants.scoring import Mutant, Reach


class Reason(NamedTuple):
    """Why a mutant cannot be told apart."""

    category: str
    why: str
    """A sentence."""


Key = tuple[str, str]
"""Contract and place, which name a mutant of a side."""

Progress = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and how much there is."""


class Side(Protocol):
    """All mutants of one side."""

    left_out: Mapping[str, int]
    """What else was made up but is no mutant of its own: what that is |-> how many."""

    @property
    def mutants(self) -> Sequence[Mutant]:
        """The mutants, always in the same order."""

    def reach(self, mutant: Mutant) -> Reach:
        """Return which steps of a program can tell of it."""

    def explained(self, survivors: Sequence[Mutant], workers: int, progress: Progress) -> Mapping[Key, Reason]:
        """Return why some of these cannot be told apart."""

    def stale(self, survivors: Iterable[Mutant]) -> list[str]:
        """Return, each in a line, what is listed but does not exist, or is told apart after all."""


SIDES: Final = {
    "bytecode": "conformance.trust.mutants.bytecode_side",
    "solidity": "conformance.trust.mutants.solidity_side",
    "specification": "conformance.trust.mutants.specification_side",
}
"""Side |-> the module whose function ``side`` makes it from the programs, the workers and who is told of progress."""


class SideMissing(ValueError):
    """A side that cannot be looked at here: the message says what it needs."""


def load_side(name: str, programs: Sequence[Program], workers: int, progress: Progress) -> Side:
    """Return a side.

    Raises
    ------
    SideMissing : what it takes is not installed.
    """
    made: Side = import_module(SIDES[name]).side(programs, workers, progress)
    return made


def key_of(mutant: Mutant) -> Key:
    """Return what names a mutant within its side."""
    return mutant.contract, mutant.place


@cache
def listed(side: str) -> Mapping[Key, Reason]:
    """Return the reasons that stand in the list of a side: ``[[reason]]`` with category, why, contract and places."""
    document = read_list(side)
    return {
        (reason["contract"], place): Reason(reason["category"], reason["why"])
        for reason in document.get("reason", ())
        for place in reason["places"]
    }


def read_list(side: str) -> dict[str, Any]:
    """Return the list of a side as it stands in its file; nothing where there is none."""
    file = resources.files("conformance.trust.mutants") / "indistinguishable" / f"{side}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def stale_keys(side: str, survivors: Iterable[Mutant]) -> list[str]:
    """Return those listed that are not among the survivors."""
    found = {key_of(mutant) for mutant in survivors}
    gone = sorted(listed(side).keys() - found)
    return [f"{contract} {place}: listed, but killed or not there" for contract, place in gone]
