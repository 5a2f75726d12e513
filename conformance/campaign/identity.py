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
    *("spec", "conformance/campaign", "conformance/programs", "conformance/artifacts"),
    *("conformance/trust/reach/branches.py", "conformance/trust/reach/refusals.py"),
)
"""Files and folders on which it depends which program results from a unit, and which units there are."""

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
        package, *inner = place.split("/")
        for name, content in _files(resources.files(package).joinpath(*inner), place):
            digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()


def _files(entry: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    if entry.is_dir():
        for inner in sorted(entry.iterdir(), key=lambda one: one.name):
            yield from _files(inner, f"{name}/{inner.name}")
    elif entry.name.endswith(SUFFIXES):
        yield name, entry.read_bytes()
