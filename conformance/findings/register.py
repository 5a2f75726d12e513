"""The register of divergences: a file of what was found, with both answers and a verdict on each."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conformance.findings.files import write_whole
from ledger.json_text import decode
from spec.parameters import describe

FILE: Final = "divergences.json"
PAGE: Final = "DIVERGENCES.md"
"""The same for people."""


class FindingsError(ValueError):
    """Findings that cannot be used: the message names the file, the entry, what was expected and what was found."""


class Verdict(StrEnum):
    """Who is wrong."""

    OPEN = "open"
    SPECIFICATION_WRONG = "specification wrong"
    CONTRACT_WRONG = "contract wrong"
    RULES_SILENT = "rules silent"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Run(_Table):
    """What has come upon a divergence; the same again comes upon it again, and tells nothing new."""

    seed: str
    preset: str
    machine: str


class Entry(_Table):
    """One divergence."""

    id: str
    function: str
    """``staking.stake`` and the like, in our words."""
    where: str
    """What differs first: ``status``, ``output``, ``log 2``, a variable, ``storage root of staking``, a view."""
    specification: str
    bytecode: str
    rule: str = ""
    """Where the rule stands, if that is known."""
    program: list[str] = Field(default_factory=list)
    """The shortest program found, described."""
    machine: str = ""
    preset: str = ""
    seed: str = ""
    subject: str = ""
    """The option of the contracts; empty for ours."""
    times_found: int = 1
    """By how many runs."""
    found_also: list[Run] = Field(default_factory=list)
    """Those of them that are known, besides the one that has found ``program``."""
    reproduced: bool = True
    """Whether py-evm with these contracts answers apart too, and not only the machine on which it was found."""
    verdict: Annotated[Verdict, Field(strict=False)] = Verdict.OPEN
    why: str = ""
    pinned_test: str = ""
    """The test that holds the verdict."""

    @property
    def run(self) -> Run:
        """What has found the program."""
        return Run(seed=self.seed, preset=self.preset, machine=self.machine)

    def knows(self, run: Run) -> bool:
        """Whether a run is counted already."""
        return run == self.run or run in self.found_also

    def found_again(self, other: Entry) -> Entry:
        """Return the entry with what another run has found of the same: the shorter program, and the verdict as it is.

        A run that is made again is not counted again.
        """
        runs = dict.fromkeys((self.run, *self.found_also, other.run))
        shortest = self if len(self.program) <= len(other.program) else other
        counted = {
            "times_found": self.times_found + (not self.knows(other.run)),
            "found_also": [run for run in runs if run != shortest.run],
        }
        judged = {"verdict": self.verdict, "why": self.why, "pinned_test": self.pinned_test}
        return shortest.model_copy(update=counted | judged)


class _File(_Table):
    divergences: list[Entry]


class Register:
    """Entries by their ids, in the order in which they were found."""

    def __init__(self, entries: dict[str, Entry]) -> None:
        self.entries: Final = entries

    @classmethod
    def read(cls, path: Path) -> Register:
        """Return what a file holds; an empty register if there is none.

        Raises
        ------
        FindingsError : it cannot be read; is not JSON; has a field that is unknown, missing or wrong, or an id twice.
        """
        if not path.exists():
            return cls({})
        try:
            entries = _File.model_validate(decode(path.read_text(encoding="utf-8"))).divergences
        except ValidationError as error:
            raise FindingsError(f"{path}: {describe(error)}") from None
        except UnicodeDecodeError:
            raise FindingsError(f"{path}: expected JSON in UTF-8") from None
        except OSError as error:
            raise FindingsError(f"{path}: cannot be read: {error.strerror or error}") from None
        except ValueError as error:
            raise FindingsError(f"{path}: expected JSON: {error}") from None
        register = cls({entry.id: entry for entry in entries})
        if len(register.entries) < len(entries):
            raise FindingsError(f"{path}: expected each id once, found one twice")
        return register

    def write(self, path: Path) -> None:
        """Write the file, all of it or nothing.

        Raises
        ------
        FindingsError : it cannot be written.
        """
        text = _File(divergences=list(self.entries.values())).model_dump_json(indent=2, exclude_defaults=True)
        try:
            write_whole(path, text + "\n")
        except OSError as error:
            raise FindingsError(f"{path}: cannot be written: {error.strerror or error}") from None

    def entry(self, path: Path, id_: str) -> Entry:
        """Return one entry of the register in ``path``.

        Raises
        ------
        FindingsError : there is none of this id.
        """
        if id_ not in self.entries:
            known = ", ".join(self.entries) or "there is none"
            raise FindingsError(f"{path}: expected the id of a divergence ({known}), found {id_!r}")
        return self.entries[id_]


def existing(path: Path) -> Register:
    """Return the register in a file, which has to be there; errors as ``Register.read``."""
    if not path.is_file():
        raise FindingsError(f"{path}: expected the file that diem conform --findings writes, found none")
    return Register.read(path)


def prepare(folder: Path) -> None:
    """See to it, before there is anything to be written, that findings can be written to a folder.

    Raises
    ------
    FindingsError : the folder cannot be made; its register cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FindingsError(f"{folder}: cannot be written: {error.strerror or error}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FindingsError(f"{folder}: cannot be written: expected a folder that can be written to")
    Register.read(folder / FILE)
