"""Small sets of vectors for tests, and what can be wrong with them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.vectors.component_cases import CASES
from conformance.vectors.encoding import content_hash, plain
from conformance.vectors.fill import Filler
from conformance.vectors.library import CORE, Entry, Library, open_library, root_hash

if TYPE_CHECKING:
    from collections.abc import Callable

QUOTE = "component/quote/across-three-steps"
REFUSED = "component/quote/supply-at-the-end-of-the-table"


@cache
def core() -> Library:
    return open_library(CORE)


@cache
def core_entries() -> tuple[Entry, ...]:
    return tuple(core().entries())


@cache
def core_vectors() -> dict[str, Any]:
    return dict(core().vectors())


def vector_of(id_: str) -> Any:
    """Return a vector: one of the core set, or a component's case, be it chosen for the core set or not."""
    format_, name, *_ = id_.split("/")
    if format_ != "component":
        return core_vectors()[id_]
    given = CASES[name][id_.split("/")[2]]
    request = {"component": name, "input": {key: plain(value) for key, value in given.items()}}
    info = {"generator": "by hand", "source": "PROTOCOL 5", "grade": "A", "description": id_, "alone": []}
    return Filler().answered(format_, request, info)


@cache
def entry(id_: str) -> Entry:
    known = {each.id: each for each in core_entries()}
    if id_ not in known:
        (known[id_],) = Library(packed({id_: vector_of(id_)}), "here").entries()
    return known[id_]


def files_of(*ids: str) -> dict[str, bytes]:
    """Return the files of a set of some vectors of the core set."""
    return packed({id_: vector_of(id_) for id_ in ids})


def packed(vectors: dict[str, Any], **index: Any) -> dict[str, bytes]:
    """Return the files of a set of vectors, whatever is in them, with an index that fits."""
    geneses = core().index["genesis"]
    states = {f"genesis/{name}.json": (CORE / "genesis" / f"{name}.json").read_bytes() for name in geneses}
    hashes = {id_: content_hash(vector) if isinstance(vector, dict) else "0" * 64 for id_, vector in vectors.items()}
    fields = {
        "version": core().version,
        "root": root_hash(geneses, hashes),
        "specification": core().index["specification"],
        "genesis": geneses,
        "vectors": {id_: {"file": "all.json", "hash": digest} for id_, digest in hashes.items()},
    }
    return {
        **states,
        "index.json": json.dumps({**fields, **index}).encode(),
        "all.json": json.dumps({"vectors": vectors}).encode(),
    }


def changed(id_: str, change: Callable[[Any], Any]) -> dict[str, bytes]:
    """Return the files of a set of one vector, changed in place and given the hash that it has then."""
    vector = vector_of(id_)
    copy = json.loads(json.dumps(vector))
    replaced = change(copy)
    return packed({id_: copy if replaced is None else replaced})


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
