"""The register for people: a page in Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from conformance.findings.files import write_whole
from conformance.findings.register import PAGE, FindingsError, Register

HEAD: Final = """# Divergences

Where the specification and bytecode were found to disagree, what each says, and who is wrong: *specification wrong*,
*contract wrong*, or *rules silent*, where the rules do not say. *open* means that nobody has judged it yet.
"""

FOLDER: Final = """
Each has a scenario for `diem run`, a regression for `pytest`, and in `test/` one for `forge test`: all assert what
the specification says. `state/` holds the codes and words at genesis; `STATE=state/NAME.json forge test` takes others:
`diem findings state` writes that of mended contracts.
"""
"""What stands on the page of a folder of findings."""

REFERENCE: Final = """
`STATE=reference forge test` takes our own contracts, on which all tests hold, where findings are of ours or of
contracts with the same names.
"""
"""What stands there too if the state of our contracts is in the folder."""


def write_page(folder: Path, register: Register) -> None:
    """Write the page of the register of a folder.

    Raises
    ------
    FindingsError : it cannot be written.
    """
    try:
        write_whole(folder / PAGE, page(register, _about(folder)))
    except OSError as error:
        raise FindingsError(f"{folder / PAGE}: cannot be written: {error.strerror or error}") from None


def _about(folder: Path) -> str:
    """Return what there is to be said of the tests in a folder."""
    if not (folder / "test").is_dir():
        return ""
    return FOLDER + (REFERENCE if any((folder / "state").glob("*-reference.json")) else "")


def page(register: Register, about: str = "") -> str:
    """Return the page of a register; ``about`` is what stands before the entries."""
    parts = [HEAD, about]
    for entry in register.entries.values():
        rows = [
            ("function", f"`{entry.function}`"),
            ("first difference", _cell(entry.where)),
            ("specification", _cell(entry.specification)),
            ("bytecode", _cell(entry.bytecode)),
            ("rule", entry.rule),
            ("verdict", f"**{entry.verdict}**{f': {_cell(entry.why)}' if entry.why else ''}"),
            ("held by", f"`{entry.pinned_test}`" if entry.pinned_test else ""),
            ("found", _found(entry.machine, entry.preset, entry.seed, entry.times_found)),
            ("not shown", "" if entry.reproduced else "by py-evm with the same contracts"),
        ]
        body = "".join(f"| {name} | {value} |\n" for name, value in rows if value)
        program = "".join(f"{number}. {call}\n" for number, call in enumerate(entry.program))
        parts.append(f"\n## {entry.id}\n\n| | |\n|---|---|\n{body}" + (f"\n{program}" if program else ""))
    if not register.entries:
        parts.append("\nNone.\n")
    return "".join(parts)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _found(machine: str, preset: str, seed: str, times: int) -> str:
    if not machine:
        return ""
    return f"on {machine}, preset {preset}, seed {seed}{f'; {times} times in all' if times > 1 else ''}"
