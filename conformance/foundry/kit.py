"""The kit: what ``diem foundry init`` writes into a project of Foundry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from conformance.foundry.solidity import address_literal
from conformance.foundry.state import block_number, preset_state
from conformance.scenario.names import known_names
from spec.machine import CONTRACTS
from spec.messages import ZERO_ADDRESS
from spec.parameters import Preset, load_preset

LIBRARY: Final = Path("lib") / "diem"
"""Where Foundry looks for libraries: it maps ``diem/`` to the folder ``src`` in it."""

CONFIGURATION: Final = "foundry.toml"

EXAMPLES: Final = "snapshot-2026-09-19"
"""The preset that the example starts from."""


class KitError(ValueError):
    """A kit that cannot be written: the message names the file, what was expected and what was found."""


def write_kit(folder: Path, preset: Preset, *, example: bool) -> list[Path]:
    """Write the library for a preset, a configuration if there is none, and the example if that is wanted.

    What is in the library already is renewed; other files are left as they are. Return the files written.

    Raises
    ------
    KitError : a file of the example is there with other content; something cannot be written.
    """
    kit = resources.files("conformance.foundry")
    files = dict(_library(kit / "kit", preset))
    if example:
        files |= dict(_preset(load_preset(EXAMPLES)))
    others = dict(_texts(kit / "example", Path())) if example else {}
    others.setdefault(Path(CONFIGURATION), (kit / "example" / CONFIGURATION).read_text(encoding="utf-8"))
    for path, text in others.items():
        there = folder / path
        if not there.exists():
            files[path] = text
        elif path != Path(CONFIGURATION) and there.read_text(encoding="utf-8") != text:
            raise KitError(f"{there}: expected no file, or the example's, found another one")
    try:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise KitError(f"{folder}: cannot be written: {error.strerror or error}") from None
    return [folder / path for path in files]


def contract_name(preset: Preset) -> str:
    """Return the name of a preset's contract: ``Snapshot20260919`` and the like."""
    words = re.findall(r"[A-Za-z0-9]+", preset.name)
    name = "".join(word[0].upper() + word[1:] for word in words)
    return name if name[:1].isalpha() else f"Preset{name}"


def _library(kit: Traversable, preset: Preset) -> Iterator[tuple[Path, str]]:
    for path, text in _texts(kit, Path()):
        yield LIBRARY / "src" / path, text
    yield from _preset(preset)


def _preset(preset: Preset) -> Iterator[tuple[Path, str]]:
    state = LIBRARY / "state" / f"{contract_name(preset)}.json"
    yield state, preset_state(preset)
    yield LIBRARY / "src" / f"{contract_name(preset)}.sol", _preset_contract(preset, state)


def _texts(folder: Traversable, below: Path) -> Iterator[tuple[Path, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _texts(entry, below / entry.name)
        elif entry.name.endswith((".sol", ".toml")):
            yield below / entry.name, entry.read_text(encoding="utf-8")


def _preset_contract(preset: Preset, state: Path) -> str:
    names = {name: address for name, address in known_names(preset).items() if address not in CONTRACTS}
    accounts = "".join(
        f"    address internal constant {name.upper()} = {address_literal(address)};\n"
        for name, address in names.items()
        if address != ZERO_ADDRESS
    )
    place = f'"{state.as_posix()}", {preset.chain_id}, {block_number(preset)}, {preset.timestamp}'
    return f"""// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {{VeniceFixture}} from "./VeniceFixture.sol";

/// {_sentence(preset.description)}.
abstract contract {contract_name(preset)} is VeniceFixture {{
{accounts}
    function startVenice() internal {{
        startVenice({place});
    }}
}}
"""


def _sentence(text: str) -> str:
    words = " ".join(text.split())
    return words[:1].upper() + words[1:]
