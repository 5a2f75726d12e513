"""A failure is written: as a scenario, a pytest file and a Foundry test, and entered in the register of a folder."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

from conformance.conform import Failure
from conformance.findings.answers import Answers, answers_of
from conformance.findings.as_pytest import as_pytest
from conformance.findings.as_solidity import as_solidity
from conformance.findings.dialect import Dialect
from conformance.findings.files import alone_in, write_whole
from conformance.findings.identity import identity_of
from conformance.findings.page import write_page
from conformance.findings.register import FILE, PAGE, Entry, FindingsError, Register
from conformance.findings.subject import Subject
from conformance.foundry.state import image_state, preset_state
from conformance.programs.as_scenario import as_scenario, decoded, describe
from conformance.wording import plural
from spec.hashing import keccak256
from spec.messages import Call
from spec.parameters import Preset

_SOURCE: Final = re.compile(r"^ *Source : (.*?)\.?$", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """What was entered, and the files of it."""

    folder: Path
    entry: Entry
    is_new: bool
    """Whether the register did not have it."""
    scenario: Path
    regression: Path
    foundry: Path | None
    """None if the bytecode is not to blame: an invariant of the specification does not hold."""

    @property
    def summary(self) -> str:
        """One line for people."""
        times = self.entry.times_found
        entered = "entered in" if self.is_new else f"found {times} {plural('time', times)}, as it says in"
        line = f"Finding {self.entry.id}: {entered} {self.folder / PAGE}"
        where = shlex.quote(str(self.folder))
        return f"{line}; in Solidity: cd {where} && forge test" if self.foundry is not None else line

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        files = {"scenario": self.scenario, "pytest": self.regression, "foundry": self.foundry}
        return {
            **self.entry.model_dump(mode="json"),
            "new": self.is_new,
            "files": {kind: str(path) for kind, path in files.items() if path is not None},
        }


def write_finding(folder: Path, failure: Failure, subject: Subject) -> Finding:
    """Write a failure into ``folder``, which becomes a project of Foundry.

    A divergence that is there already is counted, unless the same run has found it before, and its program replaced if
    the new one is shorter; its verdict stays.

    Raises
    ------
    FindingsError : the folder, or what is in it, cannot be read or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        answers = answers_of(failure, subject)
        with alone_in(folder):
            return _written(folder, failure, subject, answers)
    except OSError as error:
        raise FindingsError(f"{folder}: cannot be written: {error.strerror or error}") from None


def _written(folder: Path, failure: Failure, subject: Subject, answers: Answers) -> Finding:
    register = Register.read(folder / FILE)
    entry = _entry(failure, subject, answers)
    known = register.entries.get(entry.id)
    if known is not None:
        entry = known.found_again(entry)
    if known is None or entry.program != known.program:
        _write_files(folder, entry, failure, subject, answers)
    register.entries[entry.id] = entry
    register.write(folder / FILE)
    write_page(folder, register)
    return Finding(folder, entry, known is None, *_paths(folder, entry))


def _entry(failure: Failure, subject: Subject, answers: Answers) -> Entry:
    difference = failure.divergence.difference
    return Entry(
        id=identity_of(answers.function, difference).id,
        function=answers.function,
        where=difference.where,
        specification=difference.left,
        bytecode=difference.right,
        rule=_rule(failure.shrunk[-1]),
        program=[describe(call) for call in failure.shrunk],
        machine=subject.run.machine,
        preset=subject.run.preset,
        seed=subject.run.seed,
        subject=subject.option,
        reproduced=answers.differs,
    )


def _rule(call: Call) -> str:
    """Return the source that the specification's function names."""
    parts = decoded(call)
    match = _SOURCE.search(parts[0].documentation) if parts is not None else None
    return match[1] if match is not None else ""


def can_be_in_solidity(where: str) -> bool:
    """Whether a difference there has a Foundry test: not if the specification alone is to blame."""
    return where != "invariant"


def _paths(folder: Path, entry: Entry) -> tuple[Path, Path, Path | None]:
    foundry = folder / "test" / f"{entry.id}.t.sol" if can_be_in_solidity(entry.where) else None
    return folder / f"{entry.id}.yaml", folder / f"test_{entry.id}.py", foundry


def _write_files(folder: Path, entry: Entry, failure: Failure, subject: Subject, answers: Answers) -> None:
    scenario, regression, foundry = _paths(folder, entry)
    preset = subject.preset_option
    preset = str(Path(preset).resolve()) if preset.endswith(".toml") else preset
    title = f"divergence at {entry.where}, found with seed {entry.seed}"
    write_whole(scenario, as_scenario(title, preset, subject.preset, failure.shrunk))
    write_whole(regression, as_pytest(entry, subject, answers, folder))
    if foundry is not None:
        dialect = Dialect(subject.target)
        state = _write_project(folder, subject, dialect)
        write_whole(foundry, as_solidity(entry, subject.preset, answers, dialect, state))


def _write_project(folder: Path, subject: Subject, dialect: Dialect) -> str:
    """Write what the folder's tests have in common, and return the path of the subject's state in it."""
    (folder / "test").mkdir(exist_ok=True)
    (folder / "state").mkdir(exist_ok=True)
    ours = resources.files("conformance.findings") / "solidity"
    if not (folder / "foundry.toml").exists():
        write_whole(folder / "foundry.toml", (ours / "foundry.toml").read_text(encoding="utf-8"))
    write_whole(folder / "test" / "Finding.sol", (ours / "Finding.sol").read_text(encoding="utf-8"))
    if dialect.is_ours:
        reference(folder, subject.preset)
    return write_state(folder, subject)


def write_state(folder: Path, subject: Subject) -> str:
    """Write the codes and words of a subject at genesis, and return the file's path in ``folder``."""
    text = image_state(subject.preset, subject.image)
    path = f"state/{subject.preset.name}-{keccak256(text.encode()).hex()[:6]}.json"
    write_whole(folder / path, text)
    return path


def reference(folder: Path, preset: Preset) -> str:
    """Write the state with our contracts, on which every test holds, and return its path."""
    path = f"state/{preset.name}-reference.json"
    if not (folder / path).exists():
        write_whole(folder / path, preset_state(preset))
    return path
