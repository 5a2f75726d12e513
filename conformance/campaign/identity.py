"""What makes a campaign what it is, so that one is never gone on with as another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from typing import Final

from conformance.campaign.planning import Scope
from conformance.campaign.setting import Setting

DECIDES: Final = (
    "spec",
    "conformance/campaign",
    "conformance/programs",
    "conformance/artifacts",
    "conformance/trust/reach",
)
"""Folders on whose files it depends which program results from a unit, and which units there are."""

SUFFIXES: Final = (".py", ".toml", ".json")


def header(scope: Scope, setting: Setting) -> Mapping[str, object]:
    """Return what must be the same for a campaign to go on."""
    return {
        "sources": sources_hash(),
        "seed": str(scope.seed),
        "presets": {name: hashlib.sha256(repr(setting.presets[name]).encode()).hexdigest() for name in scope.presets},
        "contracts": setting.files.kind if setting.files else "ours",
        "contracts_hash": setting.files.hash if setting.files else None,
        "machine": f"{scope.machine} {metadata.version(scope.machine)}",
        "guided": scope.guided,
    }


@cache
def sources_hash() -> str:
    """Return the SHA-256 of the code that decides what a campaign does."""
    digest = hashlib.sha256()
    for place in DECIDES:
        package, _, inner = place.partition("/")
        folder = resources.files(package)
        for name, content in _files(folder.joinpath(*inner.split("/")) if inner else folder, place):
            digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()


def _files(folder: Traversable, place: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = f"{place}/{entry.name}"
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _files(entry, name)
        elif entry.name.endswith(SUFFIXES):
            yield name, entry.read_bytes()
